// The rules of safety and abuse at their edges (safety-and-abuse.md §1.2, §4, §5, §7.1, decisions 13, 14,
// 16).
#include <gtest/gtest.h>

#include <array>

#include "model/rules/abuse.h"
#include "model/rules/admission.h"
#include "model/rules/appeals.h"
#include "model/rules/freeze.h"
#include "model/rules/overrides.h"
#include "model/rules/risk.h"
#include "model/rules/roles.h"
#include "model/rules/sliding_window.h"
#include "model/rules/standing.h"
#include "model/vocabulary/contract.h"
#include "model/vocabulary/rate_limits.h"

namespace model {
namespace {

using namespace rules;

constexpr Instant kNow{1'800'000'000'000};

Instant ago(Millis duration) {
  return Instant{kNow.ms - duration};
}

// T-SAF-01: rule A (24 h), rule B (30 days, the third strike), the edge of each window included.
TEST(Strikes, SuspendAtTheEdgesOfTheirWindows) {
  EXPECT_FALSE(suspended_until(std::array{Strike{2, ago(2)}, Strike{2, ago(1)}}, kNow, {}).present());
  EXPECT_EQ(
      suspended_until(std::array{Strike{2, ago(30 * kDay)}, Strike{2, ago(1)}, Strike{2, kNow}}, kNow, {}),
      kNow + 7 * kDay);
  EXPECT_FALSE(
      suspended_until(std::array{Strike{2, ago(30 * kDay + 1)}, Strike{2, ago(1)}, Strike{2, kNow}}, kNow, {})
          .present());
  EXPECT_FALSE(
      suspended_until(std::array{Strike{1, kNow}, Strike{2, kNow}, Strike{2, kNow}}, kNow, {}).present());
  EXPECT_EQ(suspended_until(std::array{Strike{3, ago(24 * kHour)}}, kNow, {}), kNow + 365 * kDay);
  EXPECT_FALSE(suspended_until(std::array{Strike{3, ago(24 * kHour + 1)}}, kNow, {}).present());
}

TEST(Strikes, AShorterSuspensionNeverShortens) {
  const Instant year = kNow + 365 * kDay;
  const std::array three{Strike{2, kNow}, Strike{2, kNow}, Strike{2, kNow}};
  EXPECT_EQ(suspended_until(three, kNow, year), year);
  EXPECT_EQ(suspended_until(three, kNow, kNow + kDay), kNow + 7 * kDay);
}

// Decision 16.
TEST(Strikes, AMachinesStrikeSuspendsNobody) {
  EXPECT_FALSE(suspended_until(std::array{Strike{3, kNow, false}}, kNow, {}).present());
}

TEST(Strikes, ASuspensionEndsAtItsInstant) {
  EXPECT_TRUE(is_suspended(kNow, ago(1)));
  EXPECT_FALSE(is_suspended(kNow, kNow));
}

// §1.2: a removed strike counts no more, and ends the suspension that it brought about, no other one.
TEST(Strikes, RemovingOneLeavesWhatTheOthersBroughtAbout) {
  std::array strikes{Strike{2, ago(30)}, Strike{2, ago(20)}, Strike{2, ago(10)}};
  const std::array before = strikes;
  const Instant until = ago(10) + 7 * kDay;
  strikes[0].removed = true;
  EXPECT_FALSE(until_after_removal(before, strikes, until).present());
  EXPECT_EQ(until_after_removal(before, strikes, kNow + kDay), kNow + kDay) << "a human's word stays";
  EXPECT_FALSE(until_after_removal(before, strikes, {}).present());
  std::array more{Strike{3, ago(40)}, Strike{2, ago(30)}, Strike{2, ago(20)}, Strike{2, ago(10)}};
  const std::array all = more;
  more[0].removed = true;
  EXPECT_EQ(until_after_removal(all, more, ago(10) + 365 * kDay), ago(10) + 7 * kDay);
}

// §2.2: 7, 14 and 30 days, the last instant included; T-SAF-18, SAF-19: who decides.
TEST(Appeals, AreOpenUntilTheEndOfTheirWindow) {
  for (const auto& [severity, days] : {std::pair{"LOW", 7}, {"MEDIUM", 7}, {"HIGH", 14}, {"CRITICAL", 30}}) {
    EXPECT_TRUE(may_still_appeal(severity, kNow, kNow + days * kDay)) << severity;
    EXPECT_FALSE(may_still_appeal(severity, kNow, kNow + (days * kDay + 1))) << severity;
  }
}

TEST(Appeals, AreDecidedBySomebodyElse) {
  EXPECT_EQ(refusal_of(Decider{.may = true}), "");
  EXPECT_EQ(refusal_of(Decider{.may = true, .decided_before = true}), "409 HX954");
  EXPECT_EQ(refusal_of(Decider{.may = true, .is_appellant = true, .decided_before = true}), "403 HX503");
  EXPECT_EQ(refusal_of(Decider{.may = true, .reported_it = true}), "403 HX503");
  EXPECT_EQ(refusal_of(Decider{}), "403 HX503");
}

// SAF-21: reason, key, and above 500 dollars another admin who still may, within a day.
TEST(Overrides, NeedAReasonAKeyAndAboveTheLimitAnotherAdmin) {
  const Override small{.by = 1, .amount = 50'000, .reason_length = 10, .has_key = true};
  Override large = small;
  large.amount = 50'001;
  EXPECT_EQ(refusal_of(small, {}, kNow), "");
  EXPECT_EQ(refusal_of(large, {}, kNow), "409 CONFLICT");
  for (const auto& [yes, agreed] : {std::pair{Approval{2, kNow}, true},
                                    {Approval{1, kNow}, false},
                                    {Approval{2, kNow, false}, false},
                                    {Approval{2, ago(kDay - 1)}, true},
                                    {Approval{2, ago(kDay)}, false},
                                    {Approval{2, kNow + 1}, false}})
    EXPECT_EQ(is_agreed(large, std::array{yes}, kNow), agreed) << kNow.ms - yes.at.ms;
  Override bare = small;
  bare.reason_length = 9;
  EXPECT_EQ(refusal_of(bare, {}, kNow), "400 VALIDATION_ERROR");
  bare = small;
  bare.has_key = false;
  EXPECT_EQ(refusal_of(bare, {}, kNow), "400 VALIDATION_ERROR");
}

// T-SAF-19: the bands at their edges and the accept gate (ELG-16).
TEST(Risk, BandsAndTheAcceptGate) {
  for (const auto& [score, level] : {std::pair{0, RiskLevel::low},
                                     {29, RiskLevel::low},
                                     {30, RiskLevel::medium},
                                     {59, RiskLevel::medium},
                                     {60, RiskLevel::high},
                                     {79, RiskLevel::high},
                                     {80, RiskLevel::critical},
                                     {100, RiskLevel::critical}}) {
    EXPECT_EQ(level_of(score), level) << score;
    EXPECT_EQ(suspends(score), score >= 80) << score;
  }
  EXPECT_TRUE(may_accept(70));
  EXPECT_FALSE(may_accept(71));
  EXPECT_EQ(level_name(79), "HIGH");
  EXPECT_EQ(level_name(80), "CRITICAL");
}

// §3.3: each factor, their sum, and the weights of §3.2 beside it.
TEST(Risk, FactorsAddUpInHundredths) {
  const RiskFacts none{.age = 30 * kDay, .identity_verified = true};
  EXPECT_EQ(risk_of(none), RiskScore{});
  const auto with = [&](auto change) {
    RiskFacts facts = none;
    change(facts);
    return risk_of(facts).score;
  };
  EXPECT_EQ(with([](RiskFacts& f) { f.age = kDay - 1; }), 20);
  EXPECT_EQ(with([](RiskFacts& f) { f.age = 7 * kDay - 1; }), 10);
  EXPECT_EQ(with([](RiskFacts& f) { f.age = 30 * kDay - 1; }), 5);
  EXPECT_EQ(with([](RiskFacts& f) { f.identity_verified = false; }), 15);
  EXPECT_EQ(with([](RiskFacts& f) { f.devices = 4; }), 20);
  EXPECT_EQ(with([](RiskFacts& f) { f.addresses = 6; }), 15);
  EXPECT_EQ(with([](RiskFacts& f) { f.chargebacks = 2; }), 30);
  EXPECT_EQ(with([](RiskFacts& f) { f.chargebacks = 3; }), 70);
  EXPECT_EQ(with([](RiskFacts& f) { f.card_risk = 71; }), 30);
  EXPECT_EQ(with([](RiskFacts& f) { f.tasks = 10, f.disputed = 1; }), 0);
  EXPECT_EQ(with([](RiskFacts& f) { f.tasks = 10, f.disputed = 2; }), 25);
  EXPECT_EQ(with([](RiskFacts& f) { f.tasks = 9, f.disputed = 2; }), 60);
  EXPECT_EQ(with([](RiskFacts& f) { f.tasks = 4, f.disputed = 4; }), 0) << "too few to say anything";
  EXPECT_EQ(with([](RiskFacts& f) { f.ended = 10, f.completed = 5; }), 0);
  EXPECT_EQ(with([](RiskFacts& f) { f.ended = 10, f.completed = 4; }), 20);
  EXPECT_EQ(with([](RiskFacts& f) { f.ended = 10, f.completed = 2; }), 50);
  const RiskScore all = risk_of({.devices = 4, .addresses = 6, .chargebacks = 3, .card_risk = 71});
  EXPECT_EQ(
      all, (RiskScore{
               .account = 55, .behaviour = 0, .payment = 100, .identity = 15, .weighted = 44, .score = 100}));
}

// §3.6: what is a whole day old has left the day; T-SAF-17: seven days include their edge; T-SAF-21.
TEST(Abuse, IsCountedWithinItsWindow) {
  const std::array three{ago(kDay - 1), ago(2), ago(1)};
  const std::array older{ago(kDay), ago(2), ago(1)};
  EXPECT_FALSE(may_open_dispute(three, kNow));
  EXPECT_TRUE(may_open_dispute(older, kNow));
  EXPECT_FALSE(may_post(three, kNow));
  EXPECT_TRUE(may_post(older, kNow));
  std::array reporters{ago(7 * kDay), ago(4), ago(3), ago(2), ago(1)};
  EXPECT_TRUE(is_escalated(2, reporters, kNow));
  reporters[0] = ago(7 * kDay + 1);
  EXPECT_FALSE(is_escalated(2, reporters, kNow));
  EXPECT_TRUE(is_escalated(3, {}, kNow));
  const std::array earned{Earned{ago(kDay), 500}, Earned{ago(kHour), 60}, Earned{ago(kHour - 1), 40}};
  EXPECT_TRUE(may_take_more(earned, kNow, 101, 41));
  EXPECT_FALSE(may_take_more(earned, kNow, 100, 41));
  EXPECT_FALSE(may_take_more(earned, kNow, 101, 40));
}

// Decision 13: what each switch closes.
TEST(Freeze, ClosesWhatIsNewAndLeavesRefundsAndVerdictsOpen) {
  constexpr Switches kMarketplace{.marketplace = true};
  for (const Action closed : {Action::task_create, Action::task_accept, Action::escrow_create_intent,
                              Action::task_complete, Action::escrow_release})
    EXPECT_TRUE(is_frozen(kMarketplace, closed)) << name(closed);
  for (const Action open : {Action::task_cancel, Action::escrow_refund, Action::dispute_create,
                            Action::dispute_resolve, Action::webhook_deliver, Action::task_get_by_id})
    EXPECT_FALSE(is_frozen(kMarketplace, open, true)) << name(open);
  EXPECT_TRUE(is_frozen({.refunds = true}, Action::task_cancel, true));
  EXPECT_FALSE(is_frozen({.refunds = true}, Action::task_cancel, false));
  EXPECT_FALSE(may_pay_out(kMarketplace));
  EXPECT_TRUE(may_pay_back(kMarketplace));
}

// §5: the first reason in the specification's order.
TEST(Admission, TellsTheFirstReason) {
  const BetaGates gates;
  EXPECT_EQ(refusal_of(gates, {.in_city = false}, {}, kNow), "SEATTLE_ONLY");
  EXPECT_EQ(refusal_of(gates, {}, {}, kNow), "INVITE_REQUIRED");
  EXPECT_EQ(refusal_of(gates, {.has_code = true}, {}, kNow), "INVALID_CODE");
  EXPECT_EQ(refusal_of(gates, {.has_code = true, .invite = Invite{.uses = 1, .expires = kNow}}, {}, kNow),
            "EXPIRED");
  EXPECT_EQ(
      refusal_of(gates, {.has_code = true, .invite = Invite{.for_hustlers = false, .uses = 1}}, {}, kNow),
      "MAX_USES_REACHED");
  EXPECT_EQ(refusal_of(gates, {.has_code = true, .invite = Invite{.for_hustlers = false}}, {}, kNow),
            "ROLE_MISMATCH");
  EXPECT_EQ(refusal_of(gates, {.has_code = true, .invite = Invite{}}, {.members = 200}, kNow),
            "CITY_AT_CAPACITY");
  EXPECT_EQ(refusal_of(gates, {.has_code = true, .invite = Invite{}}, {.members = 199}, kNow), "");
  EXPECT_EQ(refusal_of(gates, {.role = BetaRole::poster}, {}, kNow), "");
  EXPECT_EQ(refusal_of({.beta_mode = false}, {.in_city = false}, {.members = 200}, kNow), "");
}

// SAF-18.
TEST(Roles, NobodyGivesMoreThanHeHas) {
  EXPECT_TRUE(may_change_role({.actor = Rank::admin, .actor_may = true, .gives = Rank::admin}));
  EXPECT_FALSE(may_change_role({.actor = Rank::admin, .actor_may = true, .gives = Rank::founder}));
  EXPECT_FALSE(
      may_change_role({.actor = Rank::admin, .actor_may = true, .has = Rank::founder, .gives = Rank::none}));
  EXPECT_FALSE(
      may_change_role({.actor = Rank::founder, .actor_may = true, .to_self = true, .gives = Rank::support}));
  EXPECT_FALSE(may_change_role({.actor = Rank::founder, .actor_may = false, .gives = Rank::support}));
  EXPECT_FALSE(
      may_change_role({.actor = Rank::founder, .actor_may = true, .has = Rank::founder, .founders = 1}));
  EXPECT_TRUE(
      may_change_role({.actor = Rank::founder, .actor_may = true, .has = Rank::founder, .founders = 2}));
}

// §4, notes: no window boundary lets twice the limit through.
TEST(SlidingWindow, IsExactAtLimitAndEdge) {
  SlidingWindow window(3, kMinute);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(window.take(kNow + i));
  EXPECT_FALSE(window.take(kNow + 3));
  EXPECT_FALSE(window.take(kNow + (kMinute - 1)));
  EXPECT_TRUE(window.take(kNow + kMinute));
  EXPECT_FALSE(window.take(kNow + kMinute));
  EXPECT_TRUE(window.take(kNow + (kMinute + 1)));
}

// §8: the role matrix is generated from this fact, so no procedure may leave it out.
TEST(Contract, SaysOfEveryProcedureWhoMayCallIt) {
  for (const Procedure& procedure : all_procedures())
    EXPECT_NE(procedure.who, access::unspecified) << procedure.name;
}

TEST(Contract, CountsEveryProcedureAgainstALimit) {
  for (const Procedure& procedure : all_procedures()) {
    const auto classes = rate_classes(procedure);
    EXPECT_EQ(classes.front().name, kGeneralLimit.name) << procedure.name;
    EXPECT_EQ(classes.size() > 1 && classes[1].name == kMutationLimit.name, procedure.kind == Kind::mutation)
        << procedure.name;
  }
}

}  // namespace
}  // namespace model
