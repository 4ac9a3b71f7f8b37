// What becomes of a finding before it is reported: the case that it belongs to, shrunk as far as time allows.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "loadgen/campaign/case_judge.h"
#include "loadgen/campaign/reproduce.h"
#include "sim/scenario.h"

namespace loadgen {

// A finding of the database or the books names rows; the case that they belong to can be replayed.
void attach_cases(std::vector<Found>& found, const CaseJudge& judge,
                  const std::vector<sim::Scenario>& scenarios, std::uint64_t seed);

// The plan of a finding: a story, a drill or choices of one of the scenarios. Nothing when it has none.
std::optional<PlanMaker> plan_of(const model::Finding& finding, const std::vector<sim::Scenario>& scenarios);

// A server whose database has died can answer nothing but 5xx: those answers become UNKNOWN, not broken.
void excuse_server_errors(std::vector<Found>& found);

struct ShrinkContext {
  ReproduceContext again;
  const std::vector<sim::Scenario>& scenarios;
  double seconds = 30;  // for all findings together
};

// Each broken finding with a case: fewer and simpler calls that break the same rule in the same way, told as
// a story (sim/story.h). Where the failure is a matter of chance, each attempt is run as often as its
// measured chance demands. A finding that does not fail again on its own keeps its first case and says so; so
// does one for which the time ran out.
void shrink_findings(std::vector<Found>& found, const ShrinkContext& context);

}  // namespace loadgen
