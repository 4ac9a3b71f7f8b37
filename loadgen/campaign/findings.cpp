#include "loadgen/campaign/findings.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "loadgen/campaign/trial.h"
#include "sim/interpret.h"
#include "sim/shrink.h"

namespace loadgen {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kTriesForRaces = 3;  // a race does not go wrong every time
constexpr std::size_t kFindingsShrunk = 6;

model::Instant wall_clock() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::milliseconds>(now).count()};
}

const sim::Scenario* scenario_of(const model::Finding& finding, const std::vector<sim::Scenario>& scenarios) {
  for (const sim::Scenario& scenario : scenarios) {
    if (scenario.name == finding.scenario) return &scenario;
  }
  return nullptr;
}

// Every UUID that the finding names, in its entities or in the rows that it shows.
std::vector<std::string> identifiers(const model::Finding& finding) {
  constexpr std::size_t kLength = 36;
  std::string text = fmt::format("{}", fmt::join(finding.entities, "\n"));
  for (const auto& [name, evidence] : finding.evidence) text += "\n" + evidence;
  std::vector<std::string> found;
  for (std::size_t i = 0; i + kLength <= text.size(); ++i) {
    if (text[i + 8] != '-' || text[i + 13] != '-' || text[i + 18] != '-' || text[i + 23] != '-') continue;
    const std::string id = text.substr(i, kLength);
    if (id.find_first_not_of("0123456789abcdef-") == std::string::npos) found.push_back(id);
  }
  return found;
}

// The finding as it shows again in these choices.
std::optional<model::Finding> again(const ShrinkContext& context, const sim::Scenario& scenario,
                                    const std::vector<std::uint32_t>& choices, const model::Finding& wanted,
                                    int tries) {
  const bool deep = wanted.judge != "linearize" && wanted.judge != "oracle" && wanted.judge != "contract";
  for (int i = 0; i < tries; ++i) {
    sim::Plan plan = sim::interpret(scenario, choices, wall_clock());
    plan.seed = wanted.seed;
    for (model::Finding& finding : try_case(context.executor, context.endpoints, plan, deep).findings) {
      if (same_failure(finding, wanted)) return std::move(finding);
    }
  }
  return std::nullopt;
}

void shrink_one(Found& found, const sim::Scenario& scenario, const ShrinkContext& context,
                Clock::time_point deadline) {
  const bool race = found.finding.judge == "linearize";
  const int tries = race ? kTriesForRaces : 1;
  const model::Finding wanted = found.finding;
  std::optional<model::Finding> best = again(context, scenario, wanted.choices, wanted, 2 * tries);
  if (!best) {
    found.finding.evidence.emplace_back("shrinking",
                                        "did not fail again on its own: the case as it was found");
    return;
  }
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
  const auto still_fails = [&](const std::vector<std::uint32_t>& choices) {
    if (context.interrupted() || Clock::now() >= deadline) return false;
    auto smaller = again(context, scenario, choices, wanted, tries);
    if (!smaller) return false;
    smaller->choices = choices;
    best = std::move(smaller);
    return true;
  };
  const sim::Shrunk shrunk =
      sim::shrink(wanted.choices, still_fails, {.time = std::max(left, std::chrono::milliseconds(0))});
  best->choices = shrunk.choices;
  best->scenario = wanted.scenario;
  best->seed = wanted.seed;
  best->evidence.emplace_back(
      "shrinking", fmt::format("{} of {} attempts failed the same way{}", shrunk.successes, shrunk.attempts,
                               shrunk.minimal ? "" : "; ended by the time budget, not minimal"));
  found.finding = std::move(*best);
}

}  // namespace

void attach_cases(std::vector<Found>& found, const CaseJudge& judge,
                  const std::vector<sim::Scenario>& scenarios, std::uint64_t seed) {
  for (Found& each : found) {
    model::Finding& finding = each.finding;
    if (!finding.scenario.empty()) continue;
    for (const std::string& id : identifiers(finding)) {
      const auto owner = judge.owner_of(id);
      if (!owner) continue;
      finding.scenario = owner->scenario;
      finding.seed = seed;
      const sim::Scenario* scenario = scenario_of(finding, scenarios);
      if (scenario != nullptr)
        finding.choices = sim::plan_case(*scenario, seed, owner->case_id, wall_clock()).choices;
      break;
    }
  }
}

void shrink_findings(std::vector<Found>& found, const ShrinkContext& context) {
  const auto candidates = static_cast<double>(std::clamp<std::size_t>(found.size(), 1, kFindingsShrunk));
  const auto share = std::chrono::duration_cast<Clock::duration>(
      std::chrono::duration<double>(context.seconds / candidates));
  std::size_t done = 0;
  for (Found& each : found) {
    const sim::Scenario* scenario = scenario_of(each.finding, context.scenarios);
    if (context.interrupted() || done == kFindingsShrunk) return;
    if (scenario == nullptr || each.finding.verdict != model::Verdict::broken || each.finding.choices.empty())
      continue;
    ++done;
    try {
      shrink_one(each, *scenario, context, Clock::now() + share);
    } catch (const std::exception& trouble) {
      each.finding.evidence.emplace_back("shrinking", fmt::format("given up: {}", trouble.what()));
      return;
    }
  }
}

}  // namespace loadgen
