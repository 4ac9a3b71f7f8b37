// Every scenario and every choice sequence gives a plan whose expected outcomes are the model's own.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "model/rules/apply.h"
#include "sim/interpret.h"

namespace sim {
namespace {

const std::string kFolder = std::string(HUSTLE_SOURCE_DIR) + "/scenarios";
constexpr model::Instant kStart{1'760'000'000'000};

Scenario load(const std::string& name) {
  const auto scenario = load_scenario(name, kFolder);
  EXPECT_TRUE(scenario.has_value()) << scenario.error();
  return *scenario;
}

// INTERNAL_ERROR is what the model says to a plan that names a slot twice; it must never appear.
void expect_replays(const Plan& plan) {
  model::World world = plan.start;
  model::Instant before{};
  for (const Step& step : plan.steps) {
    ASSERT_FALSE(step.together.empty());
    ASSERT_LE(step.together.size(), 6u);
    ASSERT_GE(step.now, before) << "the clock never runs backwards";
    before = step.now;
    for (const PlannedCommand& each : step.together) {
      const model::Outcome outcome = model::apply(world, each.command, step.now);
      ASSERT_EQ(outcome, each.expected) << describe(plan);
      ASSERT_NE(outcome.code, model::Code::internal_error) << describe(plan);
    }
  }
}

std::size_t command_count(const Plan& plan) {
  std::size_t count = 0;
  for (const Step& step : plan.steps) count += step.together.size();
  return count;
}

TEST(Plans, ReplayExactlyForEveryScenarioAndManySeeds) {
  for (const std::string& name : scenario_names(kFolder)) {
    const Scenario scenario = load(name);
    const std::uint64_t cases = name == "seattle_beta_day" ? 20 : 200;
    std::size_t commands = 0;
    for (std::uint64_t case_id = 0; case_id < cases; ++case_id) {
      const Plan plan = plan_case(scenario, 7, case_id, kStart);
      expect_replays(plan);
      if (testing::Test::HasFatalFailure()) return;
      commands += command_count(plan);
    }
    RecordProperty(name, static_cast<int>(commands / cases));
    std::cout << name << ": " << commands / cases << " commands per case\n";
  }
}

TEST(Plans, AreTheSameForTheSameChoices) {
  const Scenario scenario = load("seed_mix");
  const Plan one = plan_case(scenario, 3, 4, kStart);
  const Plan two = interpret(scenario, one.choices, kStart);
  EXPECT_EQ(describe(one), describe(two));
  EXPECT_EQ(one.start, two.start);
}

TEST(Plans, NoChoicesAtAllGiveTheHappyPath) {
  const Plan plan = interpret(load("seed_mix"), {}, kStart);
  expect_replays(plan);
  const std::string story = describe(plan);
  for (const char* step :
       {"task.create", "escrow.createIntent", "processor.pay", "webhook.deliver", "task.accept",
        "task.submitProof", "proof.accept", "task.complete", "user.getXP"}) {
    EXPECT_NE(story.find(step), std::string::npos) << step << "\n" << story;
  }
  EXPECT_EQ(story.find("HX"), std::string::npos) << story;
}

TEST(Plans, MoveTheSameWayWhenTheClockStartsLater) {
  const Scenario scenario = load("races");
  const auto choices = plan_case(scenario, 1, 1, kStart).choices;
  EXPECT_EQ(interpret(scenario, choices, kStart).steps.size(),
            interpret(scenario, choices, kStart + 90 * model::kDay).steps.size());
}

RC_GTEST_PROP(Plans, StayLegalUnderEveryEditOfTheChoices, ()) {
  static const Scenario kScenario = load("seed_mix");
  auto choices = choices_from_seed(*rc::gen::arbitrary<std::uint64_t>(), 0, 400).values();
  const auto edits =
      *rc::gen::container<std::vector<std::tuple<std::uint16_t, std::uint16_t, std::uint32_t>>>(
          rc::gen::tuple(rc::gen::arbitrary<std::uint16_t>(), rc::gen::inRange<std::uint16_t>(0, 20),
                         rc::gen::arbitrary<std::uint32_t>()));
  for (const auto& [where, length, value] : edits) {
    if (choices.empty()) break;
    const std::size_t at = where % choices.size();
    if (length == 0) {
      choices[at] = value;
    } else {
      choices.erase(choices.begin() + static_cast<std::ptrdiff_t>(at),
                    choices.begin() + static_cast<std::ptrdiff_t>(std::min(choices.size(), at + length)));
    }
  }
  expect_replays(interpret(kScenario, choices, kStart));
  RC_ASSERT(!testing::Test::HasFatalFailure());
}

}  // namespace
}  // namespace sim
