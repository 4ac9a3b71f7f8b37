// The escrow machine as far as callers drive it (state-machines.md §2): createIntent, E2-E4 by hand.
#include "model/rules/reputation.h"
#include "model/rules/steps.h"

namespace model::rules {
namespace {

// api.md §1.2: an admin moves money only with can_override_escrow.
bool may_move_money(const World& world, UserId caller, const Task& task) {
  return caller == task.poster ||
         (world.users[caller.value].is_admin && world.users[caller.value].can_override_escrow &&
          caller != task.worker);  // SAF-19
}

// SAF-21: whoever moves somebody else's money gives a reason and a key. A command has neither, so it moves
// none; with them overrides.h decides.
constexpr Code kReasonAsked = Code::validation_error;

}  // namespace

Outcome create_intent(World& world, const Command& command) {
  const Task* const task = find(world.tasks, command.task);
  if (task == nullptr) return refused(Code::not_found);
  if (!in_good_standing(world.users[command.actor.value])) return refused(Code::hx602);
  if (command.actor != task->poster) return refused(Code::hx503);
  Escrow& escrow = world.escrows[command.task.value];
  if (is_terminal(task->state)) return refused(Code::hx001);  // the task is what the caller named
  if (is_terminal(escrow.state)) return refused(Code::hx002);
  if (task->state != TaskState::open || escrow.state != EscrowState::pending) return refused(Code::conflict);
  escrow.has_intent = true;  // a repeat returns the same intent
  return Outcome::accepted({.amount = escrow.amount});
}

Outcome release_escrow(World& world, const Command& command, Instant now) {
  const TaskId id = task_of(command.escrow);
  const Task* const task = find(world.tasks, id);
  if (task == nullptr) return refused(Code::not_found);
  if (!in_good_standing(world.users[command.actor.value])) return refused(Code::hx602);
  // NO-SELF: nobody releases money to himself, an admin neither.
  if (!may_move_money(world, command.actor, *task) || command.actor == task->worker)
    return refused(Code::hx503);
  Escrow& escrow = world.escrows[id.value];
  if (is_terminal(escrow.state)) return refused(Code::hx002);
  if (task->state != TaskState::completed || escrow.state == EscrowState::locked_dispute) {
    return refused(Code::hx201);  // INV-2
  }
  EscrowState next = escrow.state;
  if (!move_by(next, Cause::release)) return refused(Code::conflict);
  if (command.actor != task->poster) return refused(kReasonAsked);
  escrow.state = next;
  award(world, id, now);
  return Outcome::accepted({.escrow = escrow.state});
}

Outcome refund_escrow(World& world, const Command& command) {
  const Task* const task = find(world.tasks, task_of(command.escrow));
  if (task == nullptr) return refused(Code::not_found);
  if (!in_good_standing(world.users[command.actor.value])) return refused(Code::hx602);
  if (!may_move_money(world, command.actor, *task)) return refused(Code::hx503);
  Escrow& escrow = world.escrows[command.escrow.value];
  if (is_terminal(escrow.state)) return refused(Code::hx002);
  const bool ended = task->state == TaskState::cancelled || task->state == TaskState::expired;
  EscrowState next = escrow.state;
  if (!ended || !move_by(next, Cause::refund)) return refused(Code::conflict);
  if (command.actor != task->poster) return refused(kReasonAsked);
  escrow.state = next;
  return Outcome::accepted({.escrow = escrow.state});
}

}  // namespace model::rules
