// A failing case, run until it fails the same way again or has had its chances.
#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "loadgen/campaign/chance.h"
#include "loadgen/executor.h"
#include "model/vocabulary/finding.h"
#include "sim/plan.h"

namespace loadgen {

struct ReproduceContext {
  Executor& executor;
  Endpoints endpoints;
  const std::function<bool()>& interrupted;
};

struct Reproduced {
  model::Finding finding;  // as it showed this time
  CaseRecord record;
};

// Makes the plan for one run: clocks begin at the real time.
using PlanMaker = std::function<sim::Plan(model::Instant start)>;

// Up to `runs` runs, the first failure ends them; each is added to `chance`. Histories of overlapping calls
// are run several at a time, because a busy target goes wrong more often. Throws std::runtime_error when the
// target is gone.
std::optional<Reproduced> reproduce(const ReproduceContext& context, const PlanMaker& plan,
                                    const model::Finding& wanted, std::uint64_t runs, Chance& chance,
                                    std::chrono::steady_clock::time_point deadline);

bool has_groups(const sim::Plan& plan);

}  // namespace loadgen
