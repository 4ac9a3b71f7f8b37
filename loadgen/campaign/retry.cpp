#include "loadgen/campaign/retry.h"

#include <algorithm>
#include <chrono>
#include <set>

#include "loadgen/campaign/attack_findings.h"
#include "loadgen/campaign/findings.h"

namespace loadgen {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kRuns = 3;          // before a failure that needs no luck counts as fixed
constexpr std::uint64_t kRunsOfRaces = 60;  // before one that does

model::Instant wall_clock() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::milliseconds>(now).count()};
}

// Whether the choices still mean the calls that the finding tells: words of the vocabulary may have got other
// numbers since.
bool means_the_same(const model::Finding& finding, const sim::Plan& plan) {
  std::multiset<std::string, std::less<>> calls;
  for (const sim::Step& step : plan.steps) {
    for (const sim::PlannedCommand& each : step.together) calls.emplace(name(each.command.action));
  }
  return std::ranges::all_of(finding.story, [&](const model::StoryLine& line) {
    const auto found = calls.find(line.call.substr(0, line.call.find('(')));
    if (found == calls.end()) return false;
    calls.erase(found);
    return true;
  });
}

// One that the attack does not try again itself, with the plan that it names, if that can still be made.
struct Kept {
  const std::string* name;
  const model::Finding* finding;
  std::optional<PlanMaker> plan;
  bool luck = false;  // calls overlap: whether it fails depends on their order
};

// What needs no luck takes three runs and comes first, so that races do not use up its time.
std::vector<Kept> in_order(const std::vector<std::pair<std::string, model::Finding>>& findings,
                           const RetryContext& context) {
  std::vector<Kept> kept;
  for (const auto& [name, finding] : findings) {
    if (can_attack_again(finding)) continue;
    Kept& each = kept.emplace_back(&name, &finding, plan_of(finding, context.scenarios));
    if (!each.plan) continue;
    const sim::Plan plan = (*each.plan)(wall_clock());
    each.luck = has_groups(plan);
    if (!means_the_same(finding, plan) || (plan.needs_clock && !context.again.endpoints.test_clock))
      each.plan.reset();
  }
  std::ranges::stable_sort(kept, {}, &Kept::luck);
  return kept;
}

}  // namespace

std::vector<Retried> retry_findings(const std::vector<std::pair<std::string, model::Finding>>& kept,
                                    const RetryContext& context) {
  std::vector<Retried> retried;
  const Clock::time_point deadline = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                                        std::chrono::duration<double>(context.seconds));
  for (const auto& [name, finding, plan, luck] : in_order(kept, context)) {
    Retried& each =
        retried.emplace_back(Retried{.name = *name, .rule = finding->rule, .headline = finding->headline});
    if (!plan || context.again.interrupted() || Clock::now() >= deadline) continue;
    const std::uint64_t runs = luck ? kRunsOfRaces : kRuns;
    Chance chance;
    auto seen = reproduce(context.again, *plan, *finding, runs, chance, deadline);
    each.runs = chance.runs;
    if (!seen && chance.runs < runs) continue;  // the time was over
    each.now = seen ? Retried::Now::fails : Retried::Now::fixed;
    if (!seen) continue;
    seen->finding.choices = finding->choices;
    seen->finding.scenario = finding->scenario;
    seen->finding.seed = finding->seed;
    seen->finding.evidence.emplace_back("corpus", *name + ".json still fails");
    context.judge.add(std::move(seen->finding));
  }
  return retried;
}

}  // namespace loadgen
