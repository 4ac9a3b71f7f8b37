// Item 19: the migrations of our own server, on fresh databases of the cluster that is being judged.
#pragma once

#include "loadgen/campaign/static_checks.h"

namespace loadgen {

// Only where the server is ours (another team's migrations are not known): fresh, twice, two runners at once,
// a changed file, a destructive file (OPS-5 to OPS-8), and whether the served schema is the migrated one
// (OPS-10).
void check_migrations(const StaticContext& context, Impossible& impossible);

}  // namespace loadgen
