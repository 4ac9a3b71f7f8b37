// One case on its own, judged by whoever can see a certain failure again: for replay and for shrinking.
#pragma once

#include <string>
#include <vector>

#include "loadgen/executor.h"
#include "model/vocabulary/finding.h"

namespace loadgen {

struct Trial {
  CaseRecord record;
  std::vector<model::Finding> findings;  // of this case's own entities, and of its history
};

// Runs the plan and asks the judge of `wanted`: the history alone, or, once the target has come to rest, the
// audits of its rule, the processor's books or the rows. The story of what rows and books show is the whole
// case. Throws std::runtime_error when the target is gone.
Trial try_case(Executor& executor, const Endpoints& endpoints, const sim::Plan& plan,
               const model::Finding& wanted);

// The findings of a case that was run already, by the judges of its history: the calls that lead to a breach
// of the wire contract are told too.
std::vector<model::Finding> history_findings(const CaseRecord& record);

// Judged by the calls and answers alone: no need to wait for the target to come to rest.
bool seen_in_history(const model::Finding& finding);

// Whether the same rule broke in the same way. What overlapping calls showed may show in calls one after the
// other as well: then the judge is another, but the call, what was expected and what came are the same.
bool same_failure(const model::Finding& a, const model::Finding& b);

}  // namespace loadgen
