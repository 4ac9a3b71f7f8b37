// The same plan played twice at the same moment: every answer must be the same, as if the other run did not
// exist.
#pragma once

#include <string>
#include <vector>

#include "loadgen/executor.h"
#include "model/vocabulary/finding.h"

namespace loadgen {

// Sequential answers of two runs of one plan that differ (operations.md §10 item 23). From the first answer
// on that was lost, or that is the server's own trouble (5xx, a breach by itself), the runs need not be alike
// any more.
std::vector<model::Finding> compare_twins(const CaseRecord& ours, const CaseRecord& theirs);

model::Finding isolation(std::string headline, std::string expected, std::string observed);

}  // namespace loadgen
