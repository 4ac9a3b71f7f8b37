// The two switches of decision 13: what each closes and what stays open (safety-and-abuse.md §6).
#pragma once

#include "model/vocabulary/command.h"

namespace model::rules {

struct Switches {
  bool marketplace = false;  // new tasks, accepts, payments, payouts
  bool refunds = false;
};

// Whether a call that the rules would otherwise accept is refused with CONFLICT. `moves_money_back`: the
// cancellation or refund gives money back that was captured. Reads and webhooks never freeze (SAF-10,
// SAF-11); neither does a dispute: its verdict commits, and what it pays waits for the thaw.
constexpr bool is_frozen(Switches switches, Action action, bool moves_money_back = false) {
  switch (action) {
    case Action::task_create:
    case Action::task_accept:
    case Action::escrow_create_intent:
    case Action::task_complete:
    case Action::escrow_release:
      return switches.marketplace;
    case Action::task_cancel:
    case Action::escrow_refund:
      return switches.refunds && moves_money_back;
    default:
      return false;
  }
}

// Whether the processor may be asked to pay a worker, or to give money back, now. What was asked before
// finishes.
constexpr bool may_pay_out(Switches switches) {
  return !switches.marketplace;
}
constexpr bool may_pay_back(Switches switches) {
  return !switches.refunds;
}

}  // namespace model::rules
