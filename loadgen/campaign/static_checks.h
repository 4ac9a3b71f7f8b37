// What is checked beside the driving: the database alone (attack on a clone), the migrations, and with which
// configurations the server starts.
#pragma once

#include "loadgen/campaign/case_judge.h"
#include "loadgen/campaign/gate.h"
#include "loadgen/campaign/timeline.h"
#include "loadgen/side/side_schedule.h"

namespace loadgen {

struct StaticContext {
  const GateOptions& options;
  Environment& environment;
  CaseJudge& judge;
  const GateEvents& events;
  Timeline& timeline;
  std::vector<Retried>& retried;  // the kept findings of attacks, tried before the attack itself
};

// Counts "attack held", "attack admin_actions", "migration fresh", "... twice", "... parallel", "...
// checksum",
// "... destructive", "configuration refused", "... accepted".
void run_static_checks(const StaticContext& context, Impossible& impossible);

}  // namespace loadgen
