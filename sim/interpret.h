// Choices become a plan. Every sequence of choices is legal: references are positions modulo what exists, and
// past the end of the sequence everything takes its simplest turn (one task, the happy path).
#pragma once

#include <cstdint>
#include <vector>

#include "model/vocabulary/instant.h"
#include "sim/plan.h"
#include "sim/scenario.h"

namespace sim {

// `start` is the case's clock at its first command: the real time, so that a target without a test clock can
// run the plan too (as long as it does not need the clock). The same arguments give the same plan.
Plan interpret(const Scenario& scenario, std::vector<std::uint32_t> choices, model::Instant start);

// How many choices cases of this scenario use at most; choices_from_seed needs no more.
std::size_t choices_needed(const Scenario& scenario);

// interpret(choices_from_seed(seed, case_id)), with seed and case noted in the plan.
Plan plan_case(const Scenario& scenario, std::uint64_t seed, std::uint64_t case_id, model::Instant start);

// The commands of a plan, one line each, for people: "step 3  task.accept(task 0) by user 2 -> accepted
// ACCEPTED".
std::string describe(const Plan& plan);

}  // namespace sim
