// Where the money of one escrow must be (money.md §3), against what the payment processor's books say.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/vocabulary/cents.h"
#include "model/vocabulary/states.h"

namespace model {

// One escrow as the database tells it.
struct EscrowAccount {
  EscrowState state = EscrowState::pending;
  Cents amount = 0;
  std::optional<Cents> release_amount;  // only in REFUND_PARTIAL
  std::optional<Cents> refund_amount;
  bool was_funded = false;         // funded_at is set
  bool worker_can_be_paid = true;  // the worker has a payout account (decision 5)
  bool told_of_capture = false;    // a success event of this escrow has been processed
};

// The same escrow in the processor's books. Sums in cents, and how many objects made them up.
struct ProcessorAccount {
  Cents captured = 0, transferred = 0, refunded = 0;
  int intents = 0, transfers = 0, refunds = 0;
};

struct MoneyBreach {
  std::string rule;      // "INV-STRIPE-2", "OPS-ONE-TRANSFER"...
  std::string sentence;  // with amounts
  std::string expected;
  std::string observed;
};

Cents payout(Cents released);  // floor of 85 %

// What no order of events can excuse, at any moment: more paid out than captured, or paid out twice.
std::vector<MoneyBreach> judge_books(const ProcessorAccount& books);

// At a quiet moment (everything ordered has been carried out): every difference, the most serious first. An
// escrow that ended without being funded, but whose payment was captured late, is refunded in full as soon as
// the server has been told of the capture (decision 6).
std::vector<MoneyBreach> judge_conservation(const EscrowAccount& escrow, const ProcessorAccount& books);

}  // namespace model
