// Where the money of an escrow is (money.md §3): what the payment processor's own books must show at a moment
// in which no payment call is in flight.
#pragma once

#include "model/rules/world.h"

namespace model {

struct Books {
  Cents captured = 0;     // taken from the poster
  Cents transferred = 0;  // gone to the worker
  Cents refunded = 0;     // gone back to the poster
  Cents fee = 0;          // kept by the platform
  Cents held = 0;  // on the platform's account: escrowed, captured but not yet noticed, or waiting for the
                   // payout account that the worker lacks (decision 5)
  constexpr bool operator==(const Books&) const = default;
  constexpr bool balanced() const { return captured == transferred + refunded + fee + held; }
};

// The task of `escrow` exists.
Books books_of(const World& world, EscrowId escrow);

}  // namespace model
