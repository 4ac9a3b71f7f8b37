#include "model/judge/conservation.h"

#include "model/vocabulary/limits.h"

namespace model {
namespace {

std::string cents(Cents amount) {
  return std::to_string(amount) + " cents";
}

struct Settled {
  Cents captured = 0, transferred = 0, refunded = 0;
};

// What the books must show once everything ordered has been carried out.
Settled settled(const EscrowAccount& e, const ProcessorAccount& books) {
  switch (e.state) {
    case EscrowState::pending:  // captured: the event may never have been delivered
      return {e.told_of_capture ? 0 : books.captured, 0, 0};
    case EscrowState::funded:
    case EscrowState::locked_dispute:
      return {e.amount, 0, 0};
    case EscrowState::released:
      return {e.amount, e.worker_can_be_paid ? payout(e.amount) : 0, 0};
    case EscrowState::refunded: {
      if (e.was_funded) return {e.amount, 0, e.amount};
      return {books.captured, 0, e.told_of_capture ? books.captured : books.refunded};
    }
    case EscrowState::refund_partial: {
      const Cents released = e.release_amount.value_or(0);
      return {e.amount, e.worker_can_be_paid ? payout(released) : 0, e.amount - released};
    }
  }
  return {};
}

}  // namespace

Cents payout(Cents released) {
  return released * (100 - limits::kFeePercent) / 100;
}

std::vector<MoneyBreach> judge_books(const ProcessorAccount& books) {
  std::vector<MoneyBreach> found;
  if (books.transferred + books.refunded > books.captured) {
    found.push_back({"CONSERVATION",
                     "paid out " + cents(books.transferred + books.refunded) + " of " +
                         cents(books.captured) + " captured",
                     "at most " + cents(books.captured),
                     cents(books.transferred) + " transferred and " + cents(books.refunded) + " refunded"});
  }
  if (books.transfers > 1) {
    found.push_back({"NO-DOUBLE-PAYOUT", std::to_string(books.transfers) + " transfers for one escrow",
                     "at most 1 transfer", std::to_string(books.transfers) + " transfers"});
  }
  if (books.refunds > 1) {
    found.push_back({"NO-DOUBLE-REFUND", std::to_string(books.refunds) + " refunds for one escrow",
                     "at most 1 refund", std::to_string(books.refunds) + " refunds"});
  }
  return found;
}

std::vector<MoneyBreach> judge_conservation(const EscrowAccount& e, const ProcessorAccount& books) {
  std::vector<MoneyBreach> found = judge_books(books);
  const Settled want = settled(e, books);
  const auto compare = [&](std::string_view rule, std::string_view what, Cents expected, Cents observed) {
    if (observed == expected) return;
    const std::string subject(what);
    found.push_back({std::string(rule),
                     "the processor " + subject + " " + cents(observed) + ", but an escrow " +
                         std::string(name(e.state)) + " of " + cents(e.amount) + " means " + cents(expected),
                     subject + " " + cents(expected), subject + " " + cents(observed)});
  };
  compare("INV-STRIPE-2", "captured", want.captured, books.captured);
  compare("MONEY-PAYOUT", "transferred", want.transferred, books.transferred);
  compare("MONEY-REFUND", "refunded", want.refunded, books.refunded);
  return found;
}

}  // namespace model
