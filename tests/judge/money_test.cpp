// Conservation and liveness: pure judges over values.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/judge/conservation.h"
#include "model/judge/liveness.h"

namespace {

using model::EscrowAccount;
using model::EscrowState;
using model::ProcessorAccount;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> rules(const std::vector<model::MoneyBreach>& breaches) {
  std::vector<std::string> names;
  for (const auto& breach : breaches) names.push_back(breach.rule);
  return names;
}

EscrowAccount escrow(EscrowState state, model::Cents amount = 5000) {
  EscrowAccount e;
  e.state = state;
  e.amount = amount;
  e.was_funded = state != EscrowState::pending;
  return e;
}

ProcessorAccount books(model::Cents captured, model::Cents transferred, model::Cents refunded) {
  return {captured, transferred, refunded, 1, transferred > 0 ? 1 : 0, refunded > 0 ? 1 : 0};
}

TEST(Conservation, TableOfMoneyMdHolds) {
  EXPECT_THAT(rules(judge_conservation(escrow(EscrowState::pending), {})), IsEmpty());
  EXPECT_THAT(rules(judge_conservation(escrow(EscrowState::funded), books(5000, 0, 0))), IsEmpty());
  EXPECT_THAT(rules(judge_conservation(escrow(EscrowState::locked_dispute), books(5000, 0, 0))), IsEmpty());
  EXPECT_THAT(rules(judge_conservation(escrow(EscrowState::released), books(5000, 4250, 0))), IsEmpty());
  EXPECT_THAT(rules(judge_conservation(escrow(EscrowState::refunded), books(5000, 0, 5000))), IsEmpty());
  EscrowAccount split = escrow(EscrowState::refund_partial, 4999);
  split.release_amount = 2499;
  split.refund_amount = 2500;
  EXPECT_THAT(rules(judge_conservation(split, books(4999, 2124, 2500))), IsEmpty());
}

TEST(Conservation, WorkedPayoutsRoundDown) {
  for (const auto& [amount, payout] :
       {std::pair{500, 425}, {501, 425}, {599, 509}, {4999, 4249}, {12345, 10493}, {5, 4}}) {
    EXPECT_EQ(model::payout(amount), payout);
  }
}

TEST(Conservation, OneCentIsEnough) {
  EXPECT_THAT(rules(judge_conservation(escrow(EscrowState::released, 501), books(501, 426, 0))),
              ElementsAre("MONEY-PAYOUT"));
  EXPECT_THAT(rules(judge_conservation(escrow(EscrowState::refunded), books(5000, 0, 4999))),
              ElementsAre("MONEY-REFUND"));
  EXPECT_THAT(rules(judge_conservation(escrow(EscrowState::funded), books(4999, 0, 0))),
              ElementsAre("INV-STRIPE-2"));
}

TEST(Conservation, FundedWithoutPaymentAndMoneyOutOfNothing) {
  EXPECT_THAT(rules(judge_conservation(escrow(EscrowState::funded), {})), ElementsAre("INV-STRIPE-2"));
  EXPECT_THAT(rules(judge_books(books(5000, 4250, 5000))), ElementsAre("CONSERVATION"));
}

TEST(Conservation, TwoTransfersOrRefundsAreTwice) {
  ProcessorAccount twice = books(5000, 4250, 0);
  twice.transfers = 2;
  EXPECT_THAT(rules(judge_books(twice)), ElementsAre("NO-DOUBLE-PAYOUT"));
  twice = books(5000, 0, 5000);
  twice.refunds = 2;
  EXPECT_THAT(rules(judge_books(twice)), ElementsAre("NO-DOUBLE-REFUND"));
}

TEST(Conservation, LateCaptureIsRefundedOnceTheServerKnows) {
  EscrowAccount late = escrow(EscrowState::refunded);
  late.was_funded = false;
  EXPECT_THAT(rules(judge_conservation(late, books(5000, 0, 0))), IsEmpty())
      << "the event was never delivered";
  late.told_of_capture = true;
  EXPECT_THAT(rules(judge_conservation(late, books(5000, 0, 0))), ElementsAre("MONEY-REFUND"));
  EXPECT_THAT(rules(judge_conservation(late, books(5000, 0, 5000))), IsEmpty());
}

TEST(Conservation, PendingAlthoughTheServerWasTold) {
  EscrowAccount pending = escrow(EscrowState::pending);
  EXPECT_THAT(rules(judge_conservation(pending, books(5000, 0, 0))), IsEmpty());
  pending.told_of_capture = true;
  EXPECT_THAT(rules(judge_conservation(pending, books(5000, 0, 0))), ElementsAre("INV-STRIPE-2"));
}

TEST(Conservation, WorkerWithoutAccountWaits) {
  EscrowAccount waiting = escrow(EscrowState::released);
  waiting.worker_can_be_paid = false;
  EXPECT_THAT(rules(judge_conservation(waiting, books(5000, 0, 0))), IsEmpty());
  EXPECT_THAT(rules(judge_conservation(waiting, books(5000, 4250, 0))), ElementsAre("MONEY-PAYOUT"));
}

std::vector<std::string> rules(const model::Progress& progress) {
  std::vector<std::string> names;
  for (const auto& stuck : judge_liveness(progress)) names.push_back(stuck.rule);
  return names;
}

TEST(Liveness, WhatMustHaveHappenedByTheEnd) {
  using model::TaskState;
  model::Progress p;
  p.escrow = EscrowState::pending;
  EXPECT_THAT(rules(p), IsEmpty());
  p.deadline_passed = true;
  EXPECT_THAT(rules(p), ElementsAre("T12"));
  p = {.task = TaskState::completed, .escrow = EscrowState::funded};
  EXPECT_THAT(rules(p), ElementsAre("Q29"));
  p = {.task = TaskState::completed, .escrow = EscrowState::released};
  EXPECT_THAT(rules(p), ElementsAre("Q12"));
  p.has_xp = true;
  EXPECT_THAT(rules(p), IsEmpty());
  p.transfer_expected = true;
  EXPECT_THAT(rules(p), ElementsAre("PAYOUT"));
  p.transfer_made = true;
  EXPECT_THAT(rules(p), IsEmpty());
  p = {.task = TaskState::cancelled, .escrow = EscrowState::funded};
  EXPECT_THAT(rules(p), ElementsAre("Q07"));
  p = {.task = TaskState::expired, .escrow = std::nullopt};
  EXPECT_THAT(rules(p), IsEmpty());
}

}  // namespace
