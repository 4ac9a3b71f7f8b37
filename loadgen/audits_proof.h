// The auditor's questions about photos and fixes (proof-and-gps.md §2-§5), as rows of audits.h. Bounds, zones
// and distances are written out here once more.
#pragma once

#include <vector>

#include "loadgen/audits.h"

namespace loadgen {

std::vector<Audit> photo_audits();
std::vector<Audit> fix_audits();

}  // namespace loadgen
