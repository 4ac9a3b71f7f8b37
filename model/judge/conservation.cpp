#include "model/judge/conservation.h"

#include "model/vocabulary/limits.h"

namespace model {
namespace {

// What the books must show once everything ordered has been carried out.
struct Settled {
  Cents captured = 0, transferred = 0, refunded = 0;
};

Settled settled(const EscrowAccount& e, const ProcessorAccount& books) {
  switch (e.state) {
    case EscrowState::pending:
      return {books.captured, 0, 0};  // captured: the webhook may still be on its way
    case EscrowState::funded:
    case EscrowState::locked_dispute:
      return {e.amount, 0, 0};
    case EscrowState::released:
      return {e.amount, e.worker_can_be_paid ? payout(e.amount) : 0, 0};
    case EscrowState::refunded: {
      const Cents captured = e.was_funded ? e.amount : books.captured;
      return {captured, 0, captured};
    }
    case EscrowState::refund_partial: {
      const Cents released = e.release_amount.value_or(0);
      return {e.amount, e.worker_can_be_paid ? payout(released) : 0, e.amount - released};
    }
  }
  return {};
}

std::string cents(Cents amount) {
  return std::to_string(amount) + " cents";
}

class Breaches {
 public:
  Breaches(const EscrowAccount& escrow, Moment moment) : escrow_(escrow), moment_(moment) {}

  // More than ordered is wrong at any moment; less only once everything had time to arrive.
  void compare(std::string_view rule, std::string_view what, Cents expected, Cents observed) {
    if (observed == expected || (observed < expected && moment_ == Moment::during_run)) return;
    add(rule,
        std::string(what) + ' ' + cents(observed) + " where an escrow " + std::string(name(escrow_.state)) +
            " of " + cents(escrow_.amount) + " means " + cents(expected),
        std::string(what) + ' ' + cents(expected), std::string(what) + ' ' + cents(observed));
  }
  void add(std::string_view rule, std::string sentence, std::string expected, std::string observed) {
    list_.push_back({std::string(rule), std::move(sentence), std::move(expected), std::move(observed)});
  }
  std::vector<MoneyBreach> take() { return std::move(list_); }

 private:
  const EscrowAccount& escrow_;
  Moment moment_;
  std::vector<MoneyBreach> list_;
};

}  // namespace

Cents payout(Cents released) {
  return released * (100 - limits::kFeePercent) / 100;
}

std::vector<MoneyBreach> judge_conservation(const EscrowAccount& e, const ProcessorAccount& books,
                                            Moment moment) {
  Breaches found(e, moment);
  const Settled want = settled(e, books);
  const bool holds_money = e.state != EscrowState::pending && e.state != EscrowState::refunded;
  if (holds_money && books.captured < e.amount) {  // funded without a payment is wrong at once
    found.add("INV-STRIPE-2",
              "the escrow is " + std::string(name(e.state)) + " but the processor captured only " +
                  cents(books.captured) + " of " + cents(e.amount),
              "captured " + cents(e.amount), "captured " + cents(books.captured));
  } else {
    found.compare("INV-STRIPE-2", "captured", want.captured, books.captured);
  }
  found.compare("MONEY-TRANSFER", "transferred", want.transferred, books.transferred);
  found.compare("MONEY-REFUND", "refunded", want.refunded, books.refunded);
  if (books.transferred + books.refunded > books.captured) {
    found.add("CONSERVATION",
              "paid out " + cents(books.transferred + books.refunded) + " of " + cents(books.captured) +
                  " captured",
              "at most " + cents(books.captured),
              cents(books.transferred) + " transferred and " + cents(books.refunded) + " refunded");
  }
  if (books.transfers > 1) {
    found.add("NO-DOUBLE-PAYOUT", std::to_string(books.transfers) + " transfers for one escrow",
              "at most 1 transfer", std::to_string(books.transfers) + " transfers");
  }
  if (books.refunds > 1) {
    found.add("NO-DOUBLE-REFUND", std::to_string(books.refunds) + " refunds for one escrow",
              "at most 1 refund", std::to_string(books.refunds) + " refunds");
  }
  return found.take();
}

}  // namespace model
