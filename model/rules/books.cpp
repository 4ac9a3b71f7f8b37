#include "model/rules/books.h"

#include "model/rules/money.h"

namespace model {
namespace {

Books paid_out(const World& world, const Task& task, Cents captured, Cents released, Cents refunded) {
  const bool reachable = task.worker.present() && world.users[task.worker.value].has_payout_account;
  Books books{.captured = captured, .refunded = refunded, .fee = fee(released)};
  (reachable ? books.transferred : books.held) = payout(released);
  return books;
}

}  // namespace

Books books_of(const World& world, EscrowId id) {
  const Escrow& escrow = world.escrows[id.value];
  const Task& task = world.tasks[id.value];
  const Cents captured = escrow.captured ? escrow.amount : 0;
  switch (escrow.state) {
    case EscrowState::pending:
    case EscrowState::funded:
    case EscrowState::locked_dispute:
      return {.captured = captured, .held = captured};
    case EscrowState::released:
      return paid_out(world, task, captured, escrow.amount, 0);
    case EscrowState::refund_partial:
      return paid_out(world, task, captured, escrow.release_amount, escrow.refund_amount);
    case EscrowState::refunded:
      // Never funded, yet captured: late money, which goes back once its event was delivered (decision 6).
      if (escrow.funded || escrow.late_capture_refund) return {.captured = captured, .refunded = captured};
      return {.captured = captured, .held = captured};
  }
  return {};
}

}  // namespace model
