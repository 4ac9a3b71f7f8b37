// Streaks, trust tiers and badges (money.md §5, §6, §8), alone and through a whole completion.
#include "model/rules/reputation.h"

#include <gtest/gtest.h>

#include <bit>
#include <vector>

#include "tests/model/scenes.h"

namespace model {
namespace {

constexpr Instant kDay0{20'000 * kDay};

// Posts task `id`, brings it to completion at `at` with the first proof accepted, and gives the answer.
Answer complete_at(World& world, std::uint16_t id, Instant at, Cents price = 5000,
                   Category category = Category::errands) {
  const std::uint16_t slot = id;
  world.tasks.resize(std::max<std::size_t>(world.tasks.size(), slot + 1U));
  world.escrows.resize(world.tasks.size());
  world.proofs.resize(world.tasks.size());
  world.events.resize(world.tasks.size());
  Command command{.task = TaskId{slot},
                  .escrow = EscrowId{slot},
                  .proof = ProofId{slot},
                  .event = EventId{slot},
                  .price = price,
                  .category = category,
                  .photos = 2};  // before and after, where the category asks for them
  Answer last;
  const std::vector<std::pair<Action, UserId>> steps{
      {Action::task_create, kPoster},  {Action::escrow_create_intent, kPoster},
      {Action::processor_pay, {}},     {Action::webhook_deliver, {}},
      {Action::task_accept, kWorker},  {Action::task_submit_proof, kWorker},
      {Action::proof_accept, kPoster}, {Action::task_complete, kPoster}};
  for (const auto& [action, actor] : steps) {
    command.action = action;
    command.actor = actor;
    last = must(world, command, at);
  }
  return last;
}

bool has_badge(const User& user, std::string_view type) {
  for (std::size_t i = 0; i < kBadges.size(); ++i) {
    if (kBadges[i].type == type) return (user.badges >> i & 1U) != 0;
  }
  ADD_FAILURE() << "no badge " << type;
  return false;
}

// money.md §5, Streak: first 1; same day unchanged; next day +1; one missed day unchanged (grace); later 1.
TEST(Streak, FollowsUtcDaysWithOneDayOfGrace) {
  User worker;
  EXPECT_EQ(streak_after(worker, kDay0), 1);
  worker.streak = 5;
  worker.last_completed_day = utc_day(kDay0);
  const std::vector<std::pair<Millis, int>> table{
      {0, 5},             // the same instant
      {kDay - 1, 5},      // the last millisecond of the same day
      {kDay, 6},          // the first of the next
      {2 * kDay - 1, 6},  // the last of the next
      {2 * kDay, 5},      // one day missed: grace
      {3 * kDay - 1, 5},  // the last millisecond of the grace
      {3 * kDay, 1},      // grace over
      {100 * kDay, 1},
  };
  for (const auto& [later, streak] : table) EXPECT_EQ(streak_after(worker, kDay0 + later), streak) << later;
}

// Decision 24: the streak is updated before the award reads it; streak_grace_expires_at per money.md §5.
TEST(Streak, IsUpdatedBeforeTheAwardReadsIt) {
  World world = empty_world();
  EXPECT_EQ(complete_at(world, 0, kDay0 + 10 * kHour).multiplier_percent, 100);
  EXPECT_EQ(complete_at(world, 1, kDay0 + 1 * kDay).multiplier_percent, 100);
  EXPECT_EQ(complete_at(world, 2, kDay0 + 2 * kDay).multiplier_percent, 110);  // the third day in a row
  EXPECT_EQ(world.users[kWorker.value].streak, 3);
  EXPECT_EQ(world.users[kWorker.value].streak_grace_until, kDay0 + 5 * kDay);
  EXPECT_EQ(world.users[kPoster.value].streak, 0);
}

// The first three awards of the worked chain, through the whole machine.
TEST(Award, BooksTheWorkedChain) {
  World world = empty_world();
  const Answer first = complete_at(world, 0, kDay0, 5000);
  EXPECT_EQ(first.base_xp, 50);
  EXPECT_EQ(first.effective_xp, 50);
  const Answer second = complete_at(world, 1, kDay0 + kDay, 12000);
  EXPECT_EQ(second.base_xp, 120);
  EXPECT_EQ(second.effective_xp, 117);
  const Answer third = complete_at(world, 2, kDay0 + 2 * kDay, 8000);
  EXPECT_EQ(third.multiplier_percent, 110);
  EXPECT_EQ(third.effective_xp, 82);
  const User& worker = world.users[kWorker.value];
  EXPECT_EQ(worker.xp_total, 249);
  EXPECT_EQ(worker.level, 2);
  EXPECT_EQ(world.escrows[2].xp_before, 167);
  EXPECT_EQ(world.users[kPoster.value].xp_total, 0);  // posters earn none
}

// money.md §6, boundary cases.
TEST(Tier, HoldsAtEveryBoundaryOfTheDocument) {
  struct Case {
    int completed;
    bool verified;
    int proofs_accepted, proofs_rejected, accepted_tasks, disputes, rating;
    int tier;
  };
  const std::vector<Case> table{
      {4, true, 4, 0, 4, 0, 0, 1},         {5, false, 5, 0, 5, 0, 0, 1},
      {5, true, 5, 0, 5, 0, 0, 2},         {20, true, 20, 1, 20, 0, 0, 3},
      {20, true, 20, 2, 20, 0, 0, 2},      {38, true, 38, 2, 38, 0, 0, 3},
      {19, true, 19, 0, 19, 0, 0, 2},      {100, true, 100, 0, 100, 0, 480, 4},
      {100, true, 100, 0, 100, 1, 480, 3}, {100, true, 100, 0, 100, 0, 479, 3},
      {100, true, 100, 0, 100, 0, 0, 3},   {99, true, 99, 0, 99, 0, 500, 3},
      {200, true, 200, 0, 200, 1, 480, 4}, {100, false, 100, 0, 100, 0, 500, 1},  // no tier is skipped
      {20, true, 0, 0, 20, 0, 0, 2},  // no judged proof, no approval rate
  };
  for (const Case& each : table) {
    User worker;
    worker.completed = each.completed;
    worker.is_verified = each.verified;
    worker.proofs_accepted = each.proofs_accepted;
    worker.proofs_rejected = each.proofs_rejected;
    worker.accepted_tasks = each.accepted_tasks;
    worker.disputed_tasks = each.disputes;
    worker.rating_hundredths = static_cast<std::uint16_t>(each.rating);
    EXPECT_EQ(tier_reached(worker), each.tier) << each.completed << " completed";
  }
}

TEST(Tier, RisesWithTheFifthCompletionAndBringsItsBadge) {
  World world = empty_world();
  User& worker = world.users[kWorker.value];
  worker.is_verified = true;
  for (std::uint16_t i = 0; i < 4; ++i) complete_at(world, i, kDay0 + i * kDay);
  EXPECT_EQ(worker.tier, 1);
  complete_at(world, 4, kDay0 + 4 * kDay);
  EXPECT_EQ(worker.tier, 2);
  EXPECT_TRUE(has_badge(worker, "trust-tier-2"));
}

// INV-TRUST-2: a tier is a function of the record. Nothing lowers it by itself, because no document tells by
// how much.
TEST(Tier, NeverFalls) {
  User worker;
  worker.tier = 3;
  EXPECT_EQ(tier_reached(worker), 3);
}

// money.md §8.
TEST(Badges, AreTheTwentyOfTheDocument) {
  EXPECT_EQ(kBadges.size(), 20U);
  World world = empty_world();
  const User& worker = world.users[kWorker.value];
  complete_at(world, 0, kDay0 + 12 * kHour);
  EXPECT_TRUE(has_badge(worker, "first-task"));
  EXPECT_EQ(std::popcount(worker.badges), 1);
  for (std::uint16_t i = 1; i < 10; ++i) complete_at(world, i, kDay0 + 12 * kHour, 500, Category::cleaning);
  EXPECT_TRUE(has_badge(worker, "tasks-10"));
  EXPECT_FALSE(has_badge(worker, "specialist-cleaning"));
  EXPECT_TRUE(has_badge(worker, "perfect-week"));
  complete_at(world, 10, kDay0 + 12 * kHour, 500, Category::cleaning);
  EXPECT_TRUE(has_badge(worker, "specialist-cleaning"));
  EXPECT_FALSE(has_badge(worker, "early-bird"));
  EXPECT_FALSE(has_badge(worker, "streak-3"));
}

TEST(Badges, CountStreakDaysAndLevels) {
  World world = empty_world();
  const User& worker = world.users[kWorker.value];
  for (std::uint16_t i = 0; i < 3; ++i) complete_at(world, i, kDay0 + i * kDay + 12 * kHour, 20000);
  EXPECT_TRUE(has_badge(worker, "streak-3"));
  EXPECT_TRUE(has_badge(worker, "level-3"));
  EXPECT_FALSE(has_badge(worker, "level-5"));
}

TEST(Badges, EarlyBirdMeansFiveCompletionsBeforeNineUtc) {
  World world = empty_world();
  const User& worker = world.users[kWorker.value];
  complete_at(world, 0, kDay0 + 9 * kHour);  // nine sharp is not before nine
  for (std::uint16_t i = 1; i < 5; ++i) complete_at(world, i, kDay0 + kDay + (9 * kHour - 1));
  EXPECT_FALSE(has_badge(worker, "early-bird"));
  complete_at(world, 5, kDay0 + 2 * kDay + 1);
  EXPECT_TRUE(has_badge(worker, "early-bird"));
}

TEST(Badges, PerfectWeekEndsAfterSevenDays) {
  User worker;
  worker.clean_completions.fill(kDay0);
  const auto perfect_week = [&](Instant now) {
    worker.badges = 0;
    worker.badges = badges_reached(worker, now);
    return has_badge(worker, "perfect-week");
  };
  EXPECT_TRUE(perfect_week(kDay0 + 7 * kDay));
  EXPECT_FALSE(perfect_week(kDay0 + 7 * kDay + 1));
  worker.clean_completions.back() = Instant{};
  EXPECT_FALSE(perfect_week(kDay0));
}

// "All proofs accepted": a task that once had a proof rejected, or none judged, does not count for the week.
TEST(Badges, PerfectWeekCountsCleanTasksOnly) {
  World rejected = world_in(Scene::accepted_after_rejection);
  must(rejected, Action::proof_submit, kWorker);
  must(rejected, Action::proof_accept, kPoster);
  must(rejected, Action::task_complete, kPoster);
  EXPECT_FALSE(rejected.users[kWorker.value].clean_completions.front().present());
  World clean = world_in(Scene::completed);
  EXPECT_EQ(clean.users[kWorker.value].clean_completions.front(), kStart);
}

// INV-BADGE-2: never taken back.
TEST(Badges, StayOnceEarned) {
  User worker;
  worker.badges = 0xFFFFFU;
  EXPECT_EQ(badges_reached(worker, kDay0), 0xFFFFFU);
}

}  // namespace
}  // namespace model
