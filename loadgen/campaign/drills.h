// Runs the directed drills of the gate: crowds on one row, processor faults, restarts, two runs at once.
#pragma once

#include <functional>

#include "loadgen/campaign/case_judge.h"
#include "loadgen/campaign/gate.h"
#include "loadgen/campaign/timeline.h"
#include "loadgen/campaign/watch.h"
#include "loadgen/environment/environment.h"
#include "loadgen/executor.h"
#include "loadgen/side/side_schedule.h"

namespace loadgen {

struct DrillContext {
  const GateOptions& options;
  Environment& environment;
  Executor& executor;
  CaseJudge& judge;
  const std::function<bool()>& interrupted;
  Timeline& timeline;
};

// Before the driving: the plans several at a time, one of each name before the others; then what needs the
// target alone, the restart last. Throws std::runtime_error when target, database or providers
// cannot be reached.
void run_drills(const DrillContext& context, Impossible& impossible, Watch& watch);

}  // namespace loadgen
