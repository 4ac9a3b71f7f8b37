// Journeys as planned: legal by the rules, meeting at tasks, the same for a seed, in flat memory.
#include "sim/journeys.h"

#include <gtest/gtest.h>
#include <malloc.h>

#include <map>
#include <set>

#include "sim/scenario.h"

namespace sim {
namespace {

Load stress() {
  return *load_scenario("load_stress", std::string(HUSTLE_SOURCE_DIR) + "/scenarios")->load;
}

constexpr std::int64_t kGap = 3'000'000;  // ns between two journeys of a share

TEST(Journeys, EveryStepIsOneThatTheRulesAllow) {
  const Load load = stress();
  JourneyPlanner planner(load, planner_options(load, 7, 0, {1'700'000'000'000}));
  PlannedJourney journey;
  std::map<Journey, int> seen;
  for (int i = 0; i < 20'000; ++i) {
    planner.next(i * kGap, journey);
    ++seen[journey.kind];
    ASSERT_FALSE(journey.steps.empty());
    for (const JourneyStep& step : journey.steps) {
      const bool forged = step.command.flavour == model::EventFlavour::forged_signature;
      ASSERT_EQ(step.expected.kind, forged ? model::Outcome::Kind::refused : model::Outcome::Kind::accepted)
          << name(journey.kind) << " " << model::name(step.command.action);
    }
  }
  for (const Journey kind : {Journey::read, Journey::feed, Journey::recompute, Journey::browse,
                             Journey::post_and_fund, Journey::accept, Journey::prove, Journey::review,
                             Journey::dispute, Journey::cancel, Journey::webhook_storm})
    EXPECT_GT(seen[kind], 100) << name(kind);
}

// Two sides meet at a task: its journeys are numbered without a gap, and a worker has one task at a time.
TEST(Journeys, OfATaskFollowOneAnother) {
  const Load load = stress();
  JourneyPlanner planner(load, planner_options(load, 7, 3, {1'700'000'000'000}));
  PlannedJourney journey;
  std::map<std::uint64_t, std::uint32_t> turns;
  std::map<std::uint32_t, std::uint64_t> busy;
  std::set<std::uint64_t> retired;
  for (int i = 0; i < 20'000; ++i) {
    planner.next(i * kGap, journey);
    if (journey.retired != kNoStory) EXPECT_TRUE(retired.insert(journey.retired).second);
    if (journey.story == kNoStory) continue;
    EXPECT_FALSE(retired.contains(journey.story) && journey.retired != journey.story);
    EXPECT_EQ(journey.turn, turns[journey.story]);
    if (journey.advances) ++turns[journey.story];
    if (journey.kind == Journey::accept) {
      EXPECT_FALSE(busy.contains(journey.worker));
      busy[journey.worker] = journey.story;
    }
    if (journey.ends) {
      EXPECT_EQ(busy[journey.worker], journey.story);
      busy.erase(journey.worker);
    }
  }
}

// A feed must show the task of its story exactly while that is funded and open (eligibility.md §7, §8).
TEST(Journeys, AFeedShowsWhatIsFundedAndOpen) {
  const Load load = stress();
  JourneyPlanner planner(load, planner_options(load, 7, 1, {1'700'000'000'000}));
  PlannedJourney journey;
  std::map<std::uint64_t, Journey> last;
  int shown = 0, hidden = 0;
  for (int i = 0; i < 20'000; ++i) {
    planner.next(i * kGap, journey);
    if (journey.kind == Journey::feed) {
      ASSERT_EQ(journey.steps.size(), 1U);
      EXPECT_NE(journey.worker, UINT32_MAX);
      const bool due = last.at(journey.story) == Journey::post_and_fund;
      EXPECT_EQ(journey.steps[0].expected.answer.feed, due ? 1 : 0) << name(last.at(journey.story));
      ++(due ? shown : hidden);
    } else if (journey.kind != Journey::read && journey.kind != Journey::browse &&
               journey.kind != Journey::webhook_storm) {
      last[journey.story] = journey.kind;
    }
  }
  EXPECT_GT(shown, 100);
  EXPECT_GT(hidden, 100);
}

// eligibility.md §4.1: handed in, decided, taken back, handed in again; the profile follows at once (§4.4).
TEST(Journeys, ACredentialGoesRoundAndTheProfileFollows) {
  const Load load = stress();
  JourneyPlanner planner(load, planner_options(load, 7, 2, {1'700'000'000'000}));
  PlannedJourney journey;
  std::map<std::uint64_t, std::int32_t> profile;  // before its first license: one that counts for nothing
  std::map<model::Action, int> seen;
  int gained = 0, lost = 0;
  for (int i = 0; i < 20'000; ++i) {
    planner.next(i * kGap, journey);
    if (journey.kind != Journey::recompute) continue;
    ASSERT_EQ(journey.steps.size(), 2U);
    const model::Command& change = journey.steps[0].command;
    ++seen[change.action];
    const std::int32_t now = journey.steps[1].expected.answer.capability;
    ASSERT_GE(now, 0);
    const auto [before, first] = profile.try_emplace(journey.story, now);
    const bool decided = change.action == model::Action::verification_resolve;
    if (!decided) EXPECT_EQ(now, before->second) << "what is handed in counts for nothing yet";
    gained += now > before->second ? 1 : 0;
    lost += now < before->second ? 1 : 0;
    before->second = now;
  }
  EXPECT_GT(seen[model::Action::verification_submit_license], 50);
  EXPECT_GT(seen[model::Action::verification_initiate_background_check], 50);
  EXPECT_GT(gained, 50);
  EXPECT_GT(lost, 50);
}

TEST(Journeys, MemoryStaysFlat) {
  const Load load = stress();
  JourneyPlanner planner(load, planner_options(load, 1, 0, {1'700'000'000'000}));
  PlannedJourney journey;
  std::size_t before = 0;
  for (int i = 0; i < 300'000; ++i) {
    planner.next(i * kGap, journey);
    if (i == 150'000) before = mallinfo2().uordblks;
  }
  EXPECT_LT(mallinfo2().uordblks, before + 100'000);
}

}  // namespace
}  // namespace sim
