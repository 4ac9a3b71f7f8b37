// What becomes of a finding before it is reported: the case that it belongs to, shrunk as far as time allows.
#pragma once

#include <functional>
#include <vector>

#include "loadgen/campaign/case_judge.h"
#include "loadgen/executor.h"
#include "sim/scenario.h"

namespace loadgen {

// A finding of the database or the books names rows; the case that they belong to can be replayed.
void attach_cases(std::vector<Found>& found, const CaseJudge& judge,
                  const std::vector<sim::Scenario>& scenarios, std::uint64_t seed);

struct ShrinkContext {
  Executor& executor;
  Endpoints endpoints;
  const std::vector<sim::Scenario>& scenarios;
  const std::function<bool()>& interrupted;
  double seconds = 30;  // for all findings together
};

// Each broken finding with a case of a scenario: fewer and smaller choices that break the same rule in the
// same way. A finding that does not fail again on its own keeps its first case and says so.
void shrink_findings(std::vector<Found>& found, const ShrinkContext& context);

}  // namespace loadgen
