// eligibility.md: classification, derived capabilities, the predicate, the feed, onboarding and
// verifications.
#include "model/rules/eligibility.h"

#include <gtest/gtest.h>

#include "model/rules/apply.h"
#include "model/rules/reachable.h"

namespace model {
namespace {

using enum Action;

constexpr Instant kNow{1'767'268'800'000};
constexpr UserId kPoster{0}, kWorker{1}, kAdmin{2}, kNewcomer{3};
constexpr TaskId kTask{0};

World people() {
  World world;
  world.users.resize(4);
  world.users[kAdmin.value].is_admin = true;
  world.users[kNewcomer.value].onboarding = 0;
  world.tasks.resize(2);
  world.escrows.resize(2);
  world.verifications.resize(6);
  return world;
}

Outcome act(World& world, Command command, Instant at = kNow) {
  return apply(world, command, at);
}

void post(World& world, Category category, std::uint8_t answers = 0, UsState state = 0) {
  Command command{.action = task_create, .actor = kPoster, .task = kTask, .price = 5000};
  command.category = category;
  command.risk_answers = answers;
  command.state = state;
  ASSERT_EQ(act(world, command).kind, Outcome::Kind::accepted);
  world.escrows[kTask.value].state = EscrowState::funded;
}

void hold(World& world, std::uint16_t slot, VerificationKind kind, Trade trade, UsState state = 0,
          Millis valid_for = kHour) {
  world.verifications[slot] = {.exists = true,
                               .kind = kind,
                               .status = VerificationStatus::verified,
                               .trade = trade,
                               .state = state,
                               .user = kWorker,
                               .expires = kNow + valid_for};
}

std::uint16_t gaps(const World& world, Instant at = kNow) {
  return failed_checks(world, kWorker, world.tasks[kTask.value], at);
}

bool shown(const World& world, Instant at = kNow, FeedMode mode = FeedMode::normal) {
  Command query{.action = feed_get, .actor = kWorker};
  query.feed_mode = mode;
  World copy = world;
  return (apply(copy, query, at).answer.feed & 1) != 0;
}

Code accept(World world, Instant at = kNow) {
  const Command command{.action = task_accept, .actor = kWorker, .task = kTask};
  return apply(world, command, at).code;
}

// §6.2, §6.3, decision 1: every category without and with answers that raise.
TEST(Eligibility, ClassifiesEveryCategory) {
  struct Row {
    Category category;
    std::uint8_t answers;
    Risk risk;
    Trade trade;
    int tier;
    bool insurance, background;
  };
  const Row rows[] = {
      {Category::moving, 31, Risk::low, Trade::none, 1, false, false},
      {Category::it_networking, 31, Risk::low, Trade::it_networking, 1, false, false},
      {Category::electrical, 0, Risk::medium, Trade::electrician, 2, true, false},
      {Category::electrical, gas, Risk::medium, Trade::electrician, 2, true, false},
      {Category::electrical, live_wiring, Risk::high, Trade::electrician, 4, true, false},
      {Category::plumbing, gas, Risk::high, Trade::plumber, 4, true, false},
      {Category::hvac, gas, Risk::high, Trade::hvac, 4, true, false},
      {Category::appliance_install, gas, Risk::high, Trade::appliance_installer, 4, true, false},
      {Category::in_home_care, 0, Risk::medium, Trade::in_home_care, 2, true, false},
      {Category::in_home_care, overnight, Risk::critical, Trade::in_home_care, 4, true, true},
      {Category::in_home_care, medical, Risk::critical, Trade::in_home_care, 4, true, true},
      {Category::general_contractor, large_scope, Risk::high, Trade::general_contractor, 4, true, false},
  };
  for (const Row& row : rows) {
    Task task;
    task.category = row.category;
    classify(task, row.answers);
    EXPECT_EQ(task.risk, row.risk) << name(row.category);
    EXPECT_EQ(task.trade, row.trade) << name(row.category);
    EXPECT_EQ(task.tier, row.tier) << name(row.category);
    EXPECT_EQ(task.insurance, row.insurance) << name(row.category);
    EXPECT_EQ(task.background, row.background) << name(row.category);
  }
}

// INV-ELIGIBILITY-3, §5.4: expired when expires_at <= now, to the millisecond (T-ELG-03, T-ELG-04).
TEST(Eligibility, CredentialsEndAtTheirInstant) {
  World world = people();
  post(world, Category::plumbing);
  world.users[kWorker.value].tier = 2;
  hold(world, 0, VerificationKind::license, Trade::plumber, 0, 2 * kHour);
  hold(world, 1, VerificationKind::insurance, Trade::plumber, 0, kHour);
  const Instant last = kNow + (kHour - 1);
  EXPECT_EQ(accept(world, last), Code::none);
  EXPECT_TRUE(shown(world, last));
  EXPECT_EQ(gaps(world, last), 0);
  const Instant end = kNow + kHour;
  EXPECT_EQ(accept(world, end), Code::hx609);
  EXPECT_FALSE(shown(world, end));
  EXPECT_EQ(gaps(world, end), check_insurance);
  EXPECT_EQ(gaps(world, kNow + 2 * kHour), check_insurance | check_verified_trade);
}

// Each requirement alone closes the door, and says which (§7); license and tier are independent.
TEST(Eligibility, EveryRequirementCountsAlone) {
  World world = people();
  post(world, Category::in_home_care, medical);
  world.users[kWorker.value].tier = 4;
  hold(world, 0, VerificationKind::license, Trade::in_home_care);
  hold(world, 1, VerificationKind::insurance, Trade::in_home_care);
  hold(world, 2, VerificationKind::background_check, Trade::none);
  EXPECT_EQ(gaps(world), 0);
  const auto without = [&](auto change) {
    World other = world;
    change(other);
    EXPECT_EQ(accept(other), Code::hx609);
    EXPECT_FALSE(shown(other));
    return gaps(other);
  };
  EXPECT_EQ(without([](World& w) { w.verifications[0].state = 1; }), check_verified_trade);  // T-ELG-02
  EXPECT_EQ(without([](World& w) { w.verifications[1].trade = Trade::plumber; }), check_insurance);  // ELG-9
  EXPECT_EQ(without([](World& w) { w.verifications[2].status = VerificationStatus::pending; }),
            check_background | check_risk_clearance);
  EXPECT_EQ(without([](World& w) { w.users[kWorker.value].tier = 3; }),
            check_trust_tier | check_risk_clearance);
  EXPECT_EQ(without([](World& w) { w.users[kWorker.value].home = 1; }), check_location_state);
  EXPECT_EQ(without([](World& w) { w.users[kWorker.value].onboarding = 0; }), kCapabilityChecks);
}

// INV-ELIGIBILITY-7, T-ELG-11, T-ELG-12: flags hide from the feed, they grant nothing and refuse nothing.
TEST(Eligibility, WillingnessOnlyHides) {
  World world = people();
  post(world, Category::electrical, live_wiring);
  world.users[kWorker.value].tier = 4;
  hold(world, 0, VerificationKind::license, Trade::electrician);
  hold(world, 1, VerificationKind::insurance, Trade::electrician);
  EXPECT_FALSE(shown(world));
  EXPECT_EQ(accept(world), Code::none);
  world.users[kWorker.value].onboarding |= 7U << kWillingnessShift;
  EXPECT_TRUE(shown(world));
  world.verifications[0].status = VerificationStatus::failed;
  EXPECT_FALSE(shown(world));
  EXPECT_EQ(accept(world), Code::hx609);
}

// FEED-LAW, FM-160, FM-161: nothing that acceptance would refuse for another reason is shown.
TEST(Eligibility, FeedShowsOnlyWhatCanBeTaken) {
  World world = people();
  post(world, Category::errands);
  EXPECT_TRUE(shown(world));
  const auto hidden = [&](auto change) {
    World other = world;
    change(other);
    return !shown(other);
  };
  EXPECT_TRUE(hidden([](World& w) { w.escrows[0].state = EscrowState::pending; }));
  EXPECT_TRUE(hidden([](World& w) { w.tasks[0].state = TaskState::cancelled; }));
  EXPECT_TRUE(hidden([](World& w) { w.tasks[0].poster = kWorker; }));
  EXPECT_TRUE(hidden([](World& w) { w.tasks[0].deadline = kNow + -1; }));
  EXPECT_TRUE(hidden([](World& w) { w.tasks[0].mode = Mode::live; }));
  EXPECT_TRUE(hidden([](World& w) { w.users[kWorker.value].status = AccountStatus::suspended; }));
}

// §8: urgent is immediate and younger than 30 minutes; nearby is within the radius of a place.
TEST(Eligibility, ModesFilter) {
  World world = people();
  post(world, Category::errands);
  world.users[kWorker.value].onboarding |= 7U << kWillingnessShift;
  EXPECT_FALSE(shown(world, kNow, FeedMode::urgent));
  world.tasks[0].immediate = true;
  EXPECT_TRUE(shown(world, kNow + (30 * kMinute - 1), FeedMode::urgent));
  EXPECT_FALSE(shown(world, kNow + 30 * kMinute, FeedMode::urgent));
  world.tasks[0].place = {476'000'000, -1'223'300'000};
  Command near{.action = feed_get, .actor = kWorker};
  near.feed_mode = FeedMode::nearby;
  near.place = {476'000'000, -1'223'300'000 + 2'000'000};  // 0.2 degrees at 47.6 north: 9.3 miles
  near.radius_miles = 10;
  EXPECT_EQ(act(world, near).answer.feed, 1);
  near.radius_miles = 9;
  EXPECT_EQ(act(world, near).answer.feed, 0);
  near.place = {};
  EXPECT_EQ(act(world, near).code, Code::validation_error);
}

// §4.1: pending, verified or failed, expired by the clock, pending again; nothing else.
TEST(Verification, FollowsItsStatusMachine) {
  World world = people();
  Command submit{.action = verification_submit_license, .actor = kWorker, .verification = VerificationId{0}};
  submit.trade = Trade::plumber;
  Command insure{
      .action = verification_submit_insurance, .actor = kWorker, .verification = VerificationId{1}};
  insure.trade = Trade::plumber;
  Command decide{.action = verification_resolve, .actor = kAdmin, .verification = VerificationId{0}};
  decide.valid_for = kHour;
  EXPECT_EQ(act(world, decide).code, Code::not_found);
  EXPECT_EQ(act(world, insure).code, Code::hx608);  // INV-ELIGIBILITY-4
  EXPECT_EQ(act(world, submit).code, Code::none);
  EXPECT_EQ(act(world, submit).code, Code::conflict);
  decide.actor = kWorker;
  EXPECT_EQ(act(world, decide).code, Code::hx503);
  decide.actor = kAdmin;
  EXPECT_EQ(act(world, decide).code, Code::none);
  EXPECT_EQ(act(world, decide).code, Code::conflict);
  EXPECT_EQ(act(world, insure).code, Code::none);
  EXPECT_EQ(act(world, submit, kNow + kHour).code, Code::none);  // expired at its instant: submitted anew
  Command revoke = decide;
  revoke.approve = false;
  EXPECT_EQ(act(world, revoke, kNow + kHour).code, Code::none);  // a pending one fails
  EXPECT_EQ(act(world, revoke, kNow + kHour).code, Code::conflict);
}

// ELG-16: above .70 neither feed nor check nor acceptance; T-SAF-19.
TEST(Eligibility, EndsAboveTheRiskThatMayAccept) {
  for (const auto& [risk, code] :
       {std::pair{70, Code::none}, {71, Code::hx912}, {79, Code::hx912}, {80, Code::hx913}}) {
    World world = people();
    post(world, Category::errands);
    world.users[kWorker.value].risk_hundredths = risk;
    const Command check{.action = eligibility_check, .actor = kWorker, .task = kTask};
    EXPECT_EQ(act(world, check).answer.failed_checks, code == Code::none ? 0 : check_risk_score) << risk;
    EXPECT_EQ(act(world, {.action = feed_get, .actor = kWorker}).answer.feed, code == Code::none ? 1 : 0)
        << risk;
    EXPECT_EQ(act(world, {.action = task_accept, .actor = kWorker, .task = kTask}).code, code) << risk;
  }
}

// R0: the profile exists once onboarding is complete, claims are written once, and grant nothing.
TEST(Onboarding, CreatesTheProfile) {
  World world = people();
  post(world, Category::errands);
  const auto check = [&] {
    return act(world, {.action = eligibility_check, .actor = kNewcomer, .task = kTask}).answer.failed_checks;
  };
  EXPECT_EQ(check(), kCapabilityChecks);
  EXPECT_EQ(act(world, {.action = eligibility_get_profile, .actor = kNewcomer}).code, Code::not_found);
  EXPECT_EQ(act(world, {.action = onboarding_complete, .actor = kNewcomer}).code, Code::conflict);
  const Command claims{.action = onboarding_submit_capabilities, .actor = kNewcomer};
  EXPECT_EQ(act(world, claims).code, Code::none);
  EXPECT_EQ(act(world, claims).code, Code::conflict);
  EXPECT_EQ(act(world, {.action = onboarding_get_progress, .actor = kNewcomer}).answer.phase, 1);
  EXPECT_EQ(act(world, {.action = onboarding_complete, .actor = kNewcomer}).code, Code::none);
  EXPECT_EQ(check(), 0);
  EXPECT_EQ(act(world, {.action = onboarding_get_progress, .actor = kNewcomer}).answer.phase, 5);
}

}  // namespace
}  // namespace model
