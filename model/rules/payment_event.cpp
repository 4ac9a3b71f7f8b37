// What happens at the payment processor and what its webhook does here (money.md §2 and §4, state-machines.md
// §2).
#include "model/rules/steps.h"

namespace model::rules {
namespace {

bool has_bad_signature(EventFlavour flavour) {
  switch (flavour) {
    case EventFlavour::forged_signature:
    case EventFlavour::no_signature:
    case EventFlavour::stale:
    case EventFlavour::future:
    case EventFlavour::tampered_body:
      return true;
    case EventFlavour::genuine:
    case EventFlavour::wrong_amount:
    case EventFlavour::wrong_currency:
    case EventFlavour::foreign_intent:
      return false;
  }
  return true;
}

PaymentEvent new_event(EventType type, EscrowId escrow) {
  PaymentEvent event;
  event.exists = true;
  event.type = type;
  event.escrow = escrow;
  return event;
}

bool paid_out(EscrowState state) {
  return state == EscrowState::released || state == EscrowState::refund_partial;
}

// Events that no processor action of a plan brings about: a transfer's own events exist once money went to
// the worker, a card may be declined as long as the intent is unpaid, and an event of an unknown type is made
// up for the delivery. None needs a filled slot.
bool comes_by_itself(const World& world, const Command& command) {
  if (!is_free(world.events, command.event)) return false;
  if (command.event_type == EventType::unknown_type) return true;
  if (!is_made_for_delivery(command.event_type)) return false;
  const Task* const task = find(world.tasks, task_of(command.escrow));
  if (task == nullptr) return false;
  const Escrow& escrow = world.escrows[command.escrow.value];
  if (command.event_type == EventType::payment_failed)
    return escrow.has_intent && !escrow.captured && !escrow.intent_canceled;
  return task->worker.present() && world.users[task->worker.value].has_payout_account &&
         paid_out(escrow.state);
}

// Answers whether the event changed the escrow.
bool take_effect(Escrow& escrow, EventType type) {
  switch (type) {
    case EventType::payment_succeeded:
      if (move_by(escrow.state, Cause::payment_succeeded)) {
        escrow.funded = true;
        return true;
      }
      if (escrow.state != EscrowState::refunded || escrow.funded) return false;
      escrow.late_capture_refund = true;  // decision 6: the money goes back, the state stays
      return true;
    case EventType::payment_canceled:
      return move_by(escrow.state, Cause::payment_canceled);
    case EventType::transfer_created:
      if (escrow.state == EscrowState::pending || escrow.state == EscrowState::refunded) return false;
      escrow.transfer_recorded = true;
      return true;
    case EventType::transfer_failed:  // the payout waits again, the state stays
      if (!paid_out(escrow.state)) return false;
      escrow.transfer_recorded = false;
      return true;
    case EventType::payment_failed:  // the poster may try another card
    case EventType::unknown_type:
      return false;
  }
  return false;
}

}  // namespace

// The poster's card payment succeeds at the processor. The server learns of it only by the event.
Outcome pay(World& world, const Command& command) {
  if (find(world.tasks, task_of(command.escrow)) == nullptr) return refused(Code::not_found);
  Escrow& escrow = world.escrows[command.escrow.value];
  if (!escrow.has_intent) return refused(Code::not_found);
  if (escrow.captured || escrow.intent_canceled) return refused(Code::conflict);
  if (!is_free(world.events, command.event)) return refused(Code::internal_error);
  escrow.captured = true;
  world.events[command.event.value] = new_event(EventType::payment_succeeded, command.escrow);
  return Outcome::accepted();
}

Outcome cancel_intent(World& world, const Command& command) {
  if (find(world.tasks, task_of(command.escrow)) == nullptr) return refused(Code::not_found);
  Escrow& escrow = world.escrows[command.escrow.value];
  if (!escrow.has_intent) return refused(Code::not_found);
  if (escrow.captured || escrow.intent_canceled) return refused(Code::conflict);
  if (!is_free(world.events, command.event)) return refused(Code::internal_error);
  escrow.intent_canceled = true;
  world.events[command.event.value] = new_event(EventType::payment_canceled, command.escrow);
  return Outcome::accepted();
}

// NOT_FOUND: the processor knows no such event, so nothing could be delivered.
Outcome deliver(World& world, const Command& command) {
  PaymentEvent* event = find(world.events, command.event);
  if (event == nullptr && !comes_by_itself(world, command)) return refused(Code::not_found);
  // An event is asked for by its type: where the server's cancellation came before the plan's payment, there
  // is no succeeded one to deliver.
  if (event != nullptr && event->type != command.event_type) return refused(Code::not_found);
  if (has_bad_signature(command.flavour)) return refused(Code::bad_signature);
  if (command.flavour != EventFlavour::genuine) return Outcome::accepted();  // acknowledged, no effect
  if (event == nullptr) {
    event = &world.events[command.event.value];
    *event = new_event(command.event_type, command.escrow);
  }
  if (event->processed) return Outcome::accepted();  // INV-STRIPE-1
  event->processed = true;
  if (find(world.tasks, task_of(event->escrow)) != nullptr) {
    event->applied = take_effect(world.escrows[event->escrow.value], event->type);
  }
  return Outcome::accepted();
}

}  // namespace model::rules
