#include "loadgen/campaign/reproduce.h"

#include <algorithm>
#include <mutex>
#include <stdexcept>

#include "loadgen/campaign/trial.h"

namespace loadgen {
namespace {

using Clock = std::chrono::steady_clock;

model::Instant wall_clock() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::milliseconds>(now).count()};
}

std::optional<model::Finding> same_among(std::vector<model::Finding>& findings,
                                         const model::Finding& wanted) {
  for (model::Finding& finding : findings) {
    if (same_failure(finding, wanted)) return std::move(finding);
  }
  return std::nullopt;
}

std::optional<Reproduced> one_by_one(const ReproduceContext& context, const PlanMaker& plan,
                                     const model::Finding& wanted, std::uint64_t runs, Chance& chance,
                                     Clock::time_point deadline) {
  for (std::uint64_t i = 0; i < runs; ++i) {
    if (context.interrupted() || Clock::now() >= deadline) return std::nullopt;
    Trial trial = try_case(context.executor, context.endpoints, plan(wall_clock()), wanted);
    auto finding = same_among(trial.findings, wanted);
    chance.add(finding.has_value());
    if (finding) return Reproduced{std::move(*finding), std::move(trial.record)};
  }
  return std::nullopt;
}

std::optional<Reproduced> many_at_once(const ReproduceContext& context, const PlanMaker& plan,
                                       const model::Finding& wanted, std::uint64_t runs, Chance& chance,
                                       Clock::time_point deadline) {
  std::mutex mutex;
  std::optional<Reproduced> found;
  std::uint64_t begun = 0;
  const auto over = [&] {
    const std::scoped_lock lock(mutex);
    return found.has_value() || context.interrupted() || Clock::now() >= deadline;
  };
  const auto next = [&]() -> std::optional<sim::Plan> {
    if (begun++ == runs) return std::nullopt;
    return plan(wall_clock());
  };
  const auto done = [&](CaseRecord record) {
    if (!record.complete) return;
    std::vector<model::Finding> findings = history_findings(record);
    auto finding = same_among(findings, wanted);
    const std::scoped_lock lock(mutex);
    if (found) return;
    chance.add(finding.has_value());
    if (finding) found = Reproduced{std::move(*finding), std::move(record)};
  };
  const Ended ended = context.executor.run(next, done, {.stop = over, .progress = {}});
  if (ended.why == Ended::Why::target_died) throw std::runtime_error(ended.message);
  return found;
}

}  // namespace

bool has_groups(const sim::Plan& plan) {
  return std::ranges::any_of(plan.steps, [](const sim::Step& step) { return step.together.size() > 1; });
}

std::optional<Reproduced> reproduce(const ReproduceContext& context, const PlanMaker& plan,
                                    const model::Finding& wanted, std::uint64_t runs, Chance& chance,
                                    Clock::time_point deadline) {
  const bool several = runs > 1 && seen_in_history(wanted) && has_groups(plan(wall_clock()));
  return several ? many_at_once(context, plan, wanted, runs, chance, deadline)
                 : one_by_one(context, plan, wanted, runs, chance, deadline);
}

}  // namespace loadgen
