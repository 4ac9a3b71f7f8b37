// Item 22: our own server does not start with a configuration that lacks a secret, holds a test key in
// production, or leaves a door for tests open there (operations.md §1, §10).
#pragma once

#include "loadgen/campaign/static_checks.h"

namespace loadgen {

// Only where the server is ours: another team's flags are not known. Counts "configuration refused" and
// "configuration accepted".
void check_configuration(const StaticContext& context, Impossible& impossible);

}  // namespace loadgen
