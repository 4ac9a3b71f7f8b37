// One case on its own, judged by everything that can be asked of one case: for replay and for shrinking.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "loadgen/executor.h"
#include "model/vocabulary/finding.h"

namespace loadgen {

struct Trial {
  CaseRecord record;
  std::vector<model::Finding> findings;  // of this case's own entities, and of its history
};

// Runs the plan, lets the target come to rest, then history, audits with zero grace, row digests and books.
// `deep` false: the history only, which is much quicker. Throws std::runtime_error when the target is gone.
Trial try_case(Executor& executor, const Endpoints& endpoints, const sim::Plan& plan, bool deep);

// Whether the same rule broke in the same way.
bool same_failure(const model::Finding& a, const model::Finding& b);

}  // namespace loadgen
