// Runs the directed drills of the gate: crowds on one row, processor faults, restarts, two runs at once.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "loadgen/campaign/case_judge.h"
#include "loadgen/campaign/gate.h"
#include "loadgen/campaign/watch.h"
#include "loadgen/environment/environment.h"
#include "loadgen/executor.h"

namespace loadgen {

struct DrillContext {
  const GateOptions& options;
  Environment& environment;
  Executor& executor;
  CaseJudge& judge;
  const std::function<bool()>& interrupted;
};

// Why some evidence cannot be had in this run, by counter.
using Impossible = std::map<std::string, std::string, std::less<>>;

// Before the driving. The restart comes last. Throws std::runtime_error when target, database or providers
// cannot be reached.
void run_drills(const DrillContext& context, Impossible& impossible, Watch& watch);

}  // namespace loadgen
