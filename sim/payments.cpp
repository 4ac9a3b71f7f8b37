#include "sim/payments.h"

#include "sim/calls.h"
#include "sim/lifecycle.h"

namespace sim {

using model::Action;
using model::Command;
using model::EventFlavour;
using model::EventId;
using model::EventType;
using model::TaskId;

namespace {

bool percent(Stage& stage, std::int64_t value) {
  return stage.choices.chance(static_cast<std::uint32_t>(value), 100);
}

// First payments that a signed event about other money precedes (money.md §4), wherever anything goes wrong.
std::int64_t wrong_content_percent(const Steps& steps) {
  if (steps.webhook_trouble > 0) return 50;
  return steps.cancel + steps.dispute + steps.race + steps.wrong_actor + steps.expiry > 0 ? 25 : 0;
}

// First payments whose card is declined before the poster takes another.
std::int64_t declined_percent(const Steps& steps) {
  if (steps.webhook_trouble > 0) return 25;
  return steps.cancel + steps.dispute + steps.race + steps.wrong_actor + steps.expiry > 0 ? 10 : 0;
}

EventFlavour content_flavour(Stage& stage) {
  const std::uint32_t first = static_cast<std::uint32_t>(EventFlavour::wrong_amount);
  return static_cast<EventFlavour>(first + stage.choices.pick(3));
}

EventFlavour refused_flavour(Stage& stage) {
  const std::uint32_t first = static_cast<std::uint32_t>(EventFlavour::forged_signature);
  const std::uint32_t count = static_cast<std::uint32_t>(EventFlavour::tampered_body) - first + 1;
  return static_cast<EventFlavour>(first + stage.choices.pick(count));
}

// Nothing has come of it, and another card may still pay (money.md §4): the escrow is looked at in between.
void decline(Stage& stage, TaskId task) {
  send(stage, delivery(task, new_event(stage), EventType::payment_failed));
  send(stage, call(stage, Action::escrow_get_by_task_id, task, stage.world.tasks[task.value].poster));
}

bool settle_at_processor(Stage& stage, TaskId task) {
  if (percent(stage, declined_percent(stage.scenario.steps))) decline(stage, task);
  const bool canceled = percent(stage, stage.scenario.payments.canceled_percent);
  const EventId event = new_event(stage);
  stage.notes[task.value].payment = event;
  send(stage, {.action = canceled ? Action::processor_cancel_intent : Action::processor_pay,
               .task = task,
               .escrow = model::escrow_of(task),
               .event = event,
               .event_type = canceled ? EventType::payment_canceled : EventType::payment_succeeded});
  return true;
}

// A signed event with wrong content while the escrow is PENDING. What it must not have done shows only before
// the genuine event arrives: the escrow is read, or somebody tries to take the task.
void wrong_content(Stage& stage, TaskId task, EventType type) {
  send(stage, delivery(task, stage.notes[task.value].payment, type, content_flavour(stage)));
  const model::UserId worker = stage.choices.chance(1, 2) ? acting_worker(stage, task) : model::UserId{};
  if (worker.present()) {
    send(stage, call(stage, Action::task_accept, task, worker));
  } else {
    send(stage, call(stage, Action::escrow_get_by_task_id, task, stage.world.tasks[task.value].poster));
  }
}

void first_delivery(Stage& stage, TaskId task) {
  TaskNotes& notes = stage.notes[task.value];
  const Payments& faults = stage.scenario.payments;
  const EventType type = payment_type(stage, task);
  const Command genuine = delivery(task, notes.payment, type);
  notes.delivered = true;
  if (percent(stage, wrong_content_percent(stage.scenario.steps))) wrong_content(stage, task, type);
  if (percent(stage, faults.forged_percent))
    send(stage, delivery(task, notes.payment, type, refused_flavour(stage)));
  if (percent(stage, faults.late_percent)) cancel(stage, task);  // decision 6: the money arrives too late
  if (percent(stage, faults.parallel_percent)) {
    send_together(stage, {genuine, genuine});
  } else {
    send(stage, genuine);
  }
  if (percent(stage, faults.duplicate_percent)) send(stage, genuine);
}

}  // namespace

Command delivery(TaskId task, EventId event, EventType type, EventFlavour flavour) {
  return {.action = Action::webhook_deliver,
          .task = task,
          .escrow = model::escrow_of(task),
          .event = event,
          .event_type = type,
          .flavour = flavour};
}

EventType payment_type(const Stage& stage, TaskId task) {
  return stage.world.events[stage.notes[task.value].payment.value].type;
}

bool progress_payment(Stage& stage, TaskId task) {
  const model::Escrow& escrow = stage.world.escrows[task.value];
  const TaskNotes& notes = stage.notes[task.value];
  if (!escrow.has_intent) {
    send(stage, call(stage, Action::escrow_create_intent, task, stage.world.tasks[task.value].poster));
    return true;
  }
  if (!notes.payment.present()) return settle_at_processor(stage, task);
  first_delivery(stage, task);
  return true;
}

bool deliver_transfer(Stage& stage, TaskId task) {
  const model::Escrow& escrow = stage.world.escrows[task.value];
  const model::UserId worker = stage.world.tasks[task.value].worker;
  const bool paid =
      escrow.state == model::EscrowState::released || escrow.state == model::EscrowState::refund_partial;
  if (!paid || !worker.present() || !stage.world.users[worker.value].has_payout_account) return false;
  // The payout waits again (money.md §4), and only a job that is run on request pays it in time.
  if (stage.scenario.needs.clock && stage.choices.chance(1, 6)) {
    send(stage, delivery(task, new_event(stage), EventType::transfer_failed));
    return true;
  }
  TaskNotes& notes = stage.notes[task.value];
  if (!notes.transfer.present()) notes.transfer = new_event(stage);
  send(stage, delivery(task, notes.transfer, EventType::transfer_created));
  return true;
}

bool trouble_webhook(Stage& stage, TaskId task) {
  const TaskNotes notes = stage.notes[task.value];
  if (!notes.payment.present() || !stage.world.events[notes.payment.value].exists) return false;
  const EventType type = payment_type(stage, task);
  switch (stage.choices.pick(4)) {
    case 0:
      if (notes.delivered) {
        send(stage, delivery(task, notes.payment, type));
        return true;
      }
      break;
    case 1:
      send(stage, delivery(task, notes.payment, type, content_flavour(stage)));
      return true;
    case 2:
      send(stage, delivery(task, new_event(stage), EventType::unknown_type));
      return true;
    default:
      break;
  }
  send(stage, delivery(task, notes.payment, type, refused_flavour(stage)));
  return true;
}

}  // namespace sim
