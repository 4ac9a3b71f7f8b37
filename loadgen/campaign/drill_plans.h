// Hand-made plans for what chance visits too rarely: the directed part of the gate (operations.md §10, "how
// verified").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/vocabulary/instant.h"
#include "sim/plan.h"

namespace loadgen {

struct Drill {
  std::string name;     // "payment 20 times in parallel and late": its counter is "drill " + name
  std::string variant;  // "A 4999, 50 %"; may be empty
  sim::Plan plan;       // plan.scenario is "drill:" + name + ":" + variant
};

// The drills that need scores to be planted (ELG-16).
inline constexpr std::string_view kRiskDrill = "risk scores";

// Every drill that is nothing but a plan, one of each name before the second of any. The same start gives the
// same plans.
std::vector<Drill> all_drills(model::Instant start);

// For the drills around which something else happens (a restart, a processor fault).
Drill review_timeout_drill(model::Instant start);                      // needs the test clock
Drill payout_drill(model::Instant start, const std::string& variant);  // completed and paid
Drill refund_drill(model::Instant start, const std::string& variant);  // funded, then cancelled

// The plan of "drill:NAME:VARIANT", for replay.
std::optional<sim::Plan> drill_plan(const std::string& scenario, model::Instant start);

}  // namespace loadgen
