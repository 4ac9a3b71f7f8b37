// Stories: calls written down literally, and how they get smaller (issue: shrink on the choice sequence).
#include "sim/story.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>

#include "model/rules/apply.h"
#include "sim/interpret.h"
#include "sim/shrink_story.h"

namespace sim {
namespace {

const std::string kFolder = std::string(HUSTLE_SOURCE_DIR) + "/scenarios";
constexpr model::Instant kStart{1'760'000'000'000};

Scenario load(const std::string& name) {
  const auto scenario = load_scenario(name, kFolder);
  EXPECT_TRUE(scenario.has_value()) << scenario.error();
  return *scenario;
}

std::size_t count(const Plan& plan, model::Action action) {
  std::size_t found = 0;
  for (const Step& step : plan.steps) {
    found += static_cast<std::size_t>(std::ranges::count_if(
        step.together, [&](const PlannedCommand& each) { return each.command.action == action; }));
  }
  return found;
}

// A new field of a command needs a row in the table of story.cpp: this is who says so.
TEST(Story, EveryPlanOfEveryScenarioCanBeToldAndGivesTheSamePlan) {
  const Scenario story = load("story");
  for (const std::string& name : scenario_names(kFolder)) {
    const Scenario scenario = load(name);
    for (std::uint64_t case_id = 0; case_id < 20; ++case_id) {
      const Plan plan = plan_case(scenario, 7, case_id, kStart);
      ASSERT_TRUE(can_be_told(plan)) << name << " " << case_id << "\n" << describe(plan);
      const Plan again = interpret(story, choices_of(story_of(plan)), plan.steps.front().now);
      ASSERT_EQ(describe(again), describe(plan)) << name << " " << case_id;
      ASSERT_EQ(again.start.users, plan.start.users);
    }
  }
}

RC_GTEST_PROP(Story, EverySequenceIsALegalPlan, (const std::vector<std::uint32_t>& choices)) {
  const Scenario story = *load_scenario("story", kFolder);
  const Plan plan = interpret(story, choices, kStart);
  model::World world = plan.start;
  model::Instant before{};
  for (const Step& step : plan.steps) {
    RC_ASSERT(!step.together.empty());
    RC_ASSERT(step.now >= before);
    before = step.now;
    for (const PlannedCommand& each : step.together) {
      const model::Outcome outcome = model::apply(world, each.command, step.now);
      RC_ASSERT(outcome == each.expected);
      RC_ASSERT(outcome.code != model::Code::internal_error);
    }
  }
}

TEST(Story, WhatWasSentTogetherStaysTogether) {
  Story story{.people = {model::User{}}, .calls = std::vector<Call>(6)};
  for (std::size_t i = 0; i < 6; ++i) story.calls[i].command.photos = static_cast<std::uint8_t>(i + 1);
  story.calls[2].together = story.calls[3].together = story.calls[5].together = true;  // 1, 2+3+4, 5+6
  const Story kept = with_calls(story, {0, 2, 3, 5});
  ASSERT_EQ(kept.calls.size(), 4U);
  EXPECT_FALSE(kept.calls[1].together) << "the first that is left of a group begins it";
  EXPECT_TRUE(kept.calls[2].together);
  EXPECT_FALSE(kept.calls[3].together);
}

// A long mixed case in which some dispute ends in a split: what remains is the way there.
TEST(ShrinkStory, OnlyTheWayToTheFailureRemains) {
  const Scenario scenario = load("seed_mix");
  const Scenario told = load("story");
  const auto splits = [&](const Story& story) {
    for (const Step& step : interpret(told, choices_of(story), kStart).steps) {
      for (const PlannedCommand& each : step.together) {
        if (each.expected.answer.escrow == model::EscrowState::refund_partial) return true;
      }
    }
    return false;
  };
  std::uint64_t case_id = 0;
  while (!splits(story_of(plan_case(scenario, 1, case_id, kStart)))) ++case_id;
  const ShrunkStory shrunk = shrink_story(story_of(plan_case(scenario, 1, case_id, kStart)), splits, {});
  const Plan plan = interpret(told, choices_of(shrunk.story), kStart);
  EXPECT_TRUE(shrunk.minimal);
  EXPECT_LE(shrunk.story.calls.size(), 8U) << describe(plan);
  EXPECT_EQ(plan.start.tasks.size(), 1U) << describe(plan);
  EXPECT_LE(plan.start.users.size(), 3U) << "poster, worker, admin\n" << describe(plan);
}

// A submission that is rejected and repeated counts as one when the failure does not need the rejection.
TEST(ShrinkStory, SkipsAnAttemptAndMergesPeopleAndMoments) {
  const Scenario tour = load("tour");
  const Scenario told = load("story");
  const auto completes = [&](const Story& story) {
    const Plan plan = interpret(told, choices_of(story), kStart);
    return std::ranges::any_of(plan.steps, [](const Step& step) {
      return std::ranges::any_of(step.together, [](const PlannedCommand& each) {
        return each.expected.answer.task == model::TaskState::completed &&
               each.command.action == model::Action::task_complete;
      });
    });
  };
  int tried = 0;
  for (std::uint64_t case_id = 0; tried < 3 && case_id < 400; ++case_id) {
    const Plan plan = plan_case(tour, 1, case_id, kStart);
    if (count(plan, model::Action::proof_reject) == 0 || !completes(story_of(plan))) continue;
    ++tried;
    const ShrunkStory shrunk = shrink_story(story_of(plan), completes, {});
    const Plan smaller = interpret(told, choices_of(shrunk.story), kStart);
    EXPECT_LE(shrunk.story.calls.size(), 8U) << describe(smaller);
    EXPECT_EQ(count(smaller, model::Action::proof_reject), 0U) << describe(smaller);
    EXPECT_EQ(shrunk.story.people.size(), 2U) << describe(smaller);
  }
  EXPECT_EQ(tried, 3);
}

TEST(ShrinkStory, NeverAsksTwiceAndStopsWithinTheBudget) {
  const Story story = story_of(plan_case(load("seed_mix"), 1, 3, kStart));
  std::set<std::vector<std::uint32_t>> asked;
  bool twice = false;
  const auto fails = [&](const Story& s) {
    twice |= !asked.insert(choices_of(s)).second;
    return s.calls.size() >= 3;
  };
  EXPECT_EQ(shrink_story(story, fails, {}).story.calls.size(), 3U);
  EXPECT_FALSE(twice);
  const ShrunkStory cut = shrink_story(story, [](const Story&) { return true; }, {.successes = 1});
  EXPECT_EQ(cut.successes, 1U);
  EXPECT_FALSE(cut.minimal);
}

TEST(Story, IsAScenarioThatAFileCanHold) {
  const Story story = story_of(plan_case(load("happy_path"), 1, 1, kStart));
  std::string numbers;
  for (const std::uint32_t n : choices_of(story)) numbers += (numbers.empty() ? "" : ",") + std::to_string(n);
  const auto scenario = parse_scenario(
      R"({"name":"x","summary":"s","explanation":"e","steps":{"progress":1},"story":[)" + numbers + "]}");
  ASSERT_TRUE(scenario.has_value()) << scenario.error();
  EXPECT_EQ(story_of(plan_case(*scenario, 5, 6, kStart)).calls.size(), story.calls.size());
  EXPECT_EQ(
      parse_scenario(R"({"name":"x","summary":"s","explanation":"e","steps":{"progress":1},"story":[-1]})")
          .error(),
      "story[0]: expected an integer from 0 to 4294967295, got -1");
}

}  // namespace
}  // namespace sim
