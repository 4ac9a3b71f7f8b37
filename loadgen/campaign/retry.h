// Findings of earlier runs, played again before anything else is driven.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "loadgen/campaign/case_judge.h"
#include "loadgen/campaign/reproduce.h"
#include "loadgen/run.h"
#include "sim/scenario.h"

namespace loadgen {

struct RetryContext {
  ReproduceContext again;
  CaseJudge& judge;
  const std::vector<sim::Scenario>& scenarios;  // for findings that were not told as stories
  double seconds = 10;                          // for all together; what is left over is skipped
};

// What still fails goes to the judge as a finding of this run. Throws std::runtime_error when the target is
// gone.
std::vector<Retried> retry_findings(const std::vector<std::pair<std::string, model::Finding>>& kept,
                                    const RetryContext& context);

}  // namespace loadgen
