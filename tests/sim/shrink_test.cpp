#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "sim/choices.h"
#include "sim/interpret.h"
#include "sim/shrink.h"

namespace sim {
namespace {

using Sequence = std::vector<std::uint32_t>;

TEST(Shrink, FindsTheOneValueThatMatters) {
  Sequence start = choices_from_seed(1, 1, 300).values();
  start[137] = 4711;
  const auto fails = [](const Sequence& s) {
    return std::ranges::any_of(s, [](auto v) { return v >= 4000; });
  };
  const Shrunk shrunk = shrink(start, fails, {});
  EXPECT_EQ(shrunk.choices, Sequence{4000});
  EXPECT_TRUE(shrunk.minimal);
}

TEST(Shrink, KeepsAPairAndItsOrder) {
  const auto fails = [](const Sequence& s) {
    const auto first = std::ranges::find(s, 7U);
    return first != s.end() && std::find(first, s.end(), 3U) != s.end();
  };
  Sequence start(200, 9);
  start[20] = 7;
  start[180] = 3;
  EXPECT_EQ(shrink(start, fails, {}).choices, (Sequence{7, 3}));
}

TEST(Shrink, ValuesThatAreUsedModuloBecomeSmall) {
  const auto fails = [](const Sequence& s) { return !s.empty() && s.front() % 10 == 6; };
  EXPECT_EQ(shrink({4'000'000'006, 1, 2, 3}, fails, {}).choices, Sequence{6});
}

TEST(Shrink, NeverAsksTwiceAndStopsWithinTheBudget) {
  std::set<Sequence> asked;
  bool twice = false;
  const auto fails = [&](const Sequence& s) {
    twice |= !asked.insert(s).second;
    return std::accumulate(s.begin(), s.end(), std::uint64_t{0}) > 1000;
  };
  const Shrunk shrunk = shrink(Sequence(100, 500), fails, {.attempts = 10});
  EXPECT_FALSE(twice);
  EXPECT_EQ(shrunk.attempts, 10u);
  EXPECT_FALSE(shrunk.minimal);
  EXPECT_GT(std::accumulate(shrunk.choices.begin(), shrunk.choices.end(), std::uint64_t{0}), 1000u);
}

TEST(Shrink, StopsAfterSoManySuccesses) {
  const Shrunk shrunk = shrink(Sequence(100, 500), [](const Sequence&) { return true; }, {.successes = 1});
  EXPECT_EQ(shrunk.successes, 1u);
}

// A story with a dispute that is resolved as a split, out of a long mixed case.
TEST(Shrink, TellsAnInterpretedStoryInFewCommands) {
  const auto scenario = load_scenario("seed_mix", std::string(HUSTLE_SOURCE_DIR) + "/scenarios");
  ASSERT_TRUE(scenario.has_value()) << scenario.error();
  constexpr model::Instant kStart{1'760'000'000'000};
  const auto splits = [&](const Sequence& s) {
    for (const Step& step : interpret(*scenario, s, kStart).steps) {
      for (const PlannedCommand& each : step.together) {
        if (each.expected.answer.escrow == model::EscrowState::refund_partial) return true;
      }
    }
    return false;
  };
  std::uint64_t case_id = 0;
  while (!splits(plan_case(*scenario, 1, case_id, kStart).choices)) ++case_id;
  const Shrunk shrunk = shrink(plan_case(*scenario, 1, case_id, kStart).choices, splits, {});
  const Plan plan = interpret(*scenario, shrunk.choices, kStart);
  EXPECT_LE(plan.steps.size(), 20u) << describe(plan);
  EXPECT_EQ(plan.start.tasks.size(), 1u) << describe(plan);
}

}  // namespace
}  // namespace sim
