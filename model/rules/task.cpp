// The task machine (state-machines.md §1): T1, T2, T5, T10-T13.
#include "model/rules/eligibility.h"
#include "model/rules/reputation.h"
#include "model/rules/risk.h"
#include "model/rules/steps.h"
#include "model/vocabulary/limits.h"

namespace model::rules {
namespace {

bool deadline_passed(const Task& task, Instant now) {
  return task.deadline.present() && task.deadline < now;
}

}  // namespace

Outcome create_task(World& world, const Command& command, Instant now) {
  if (!in_good_standing(world.users[command.actor.value])) return refused(Code::hx602);
  if (!is_free(world.tasks, command.task) || command.task.value >= world.escrows.size()) {
    return refused(Code::internal_error);
  }
  Task& task = world.tasks[command.task.value];
  task = Task{};
  task.exists = true;
  task.requires_proof = command.requires_proof;
  task.mode = command.mode;
  task.category = command.category;
  task.poster = command.actor;
  task.price = command.price;
  task.deadline = now + command.deadline_in;
  task.created = now;
  task.location = command.state;
  task.place = command.place;
  task.immediate = task.mode == Mode::live || command.deadline_in <= limits::kImmediateWithin;
  classify(task, command.risk_answers);
  Escrow& escrow = world.escrows[command.task.value];  // E0, INV-4
  escrow = Escrow{};
  escrow.amount = command.price;
  return Outcome::accepted({.task = task.state});
}

Outcome accept_task(World& world, const Command& command, Instant now) {
  Task* const task = find(world.tasks, command.task);
  if (task == nullptr) return refused(Code::not_found);
  User& caller = world.users[command.actor.value];
  if (!in_good_standing(caller)) return refused(Code::hx602);
  if (command.actor == task->poster) return refused(Code::hx503);  // NO-SELF
  if (is_terminal(task->state)) return refused(Code::hx001);
  if (task->mode == Mode::live && caller.live != LiveState::active) return refused(Code::hx903);  // LIVE-3
  const auto next = after_cause(task->state, Cause::accept_task);
  if (!next || world.escrows[command.task.value].state != EscrowState::funded ||
      deadline_passed(*task, now)) {
    return refused(Code::conflict);
  }
  // Step 9: INV-ELIGIBILITY-1 to -6, with fresh evidence (eligibility.md §9).
  if (failed_checks(world, command.actor, *task, now) & kCapabilityChecks) return refused(Code::hx609);
  if (!may_accept(caller.risk_hundredths))  // ELG-16
    return refused(suspends(caller.risk_hundredths) ? Code::hx913 : Code::hx912);
  task->state = *next;
  task->worker = command.actor;
  task->accepted_at = now;
  ++caller.accepted_tasks;
  return Outcome::accepted({.task = task->state});
}

Outcome complete_task(World& world, const Command& command, Instant now) {
  const Task* const task = find(world.tasks, command.task);
  if (task == nullptr) return refused(Code::not_found);
  if (!in_good_standing(world.users[command.actor.value])) return refused(Code::hx602);
  if (command.actor != task->poster) return refused(Code::hx503);
  if (is_terminal(task->state)) return refused(Code::hx001);
  if (!after_cause(task->state, Cause::complete_task)) return refused(Code::conflict);
  // INV-3. The matrix of state-machines.md §1 asks for the proof only where completion is possible at all.
  if (task->requires_proof && world.proofs[task->latest_proof.value].state != ProofState::accepted) {
    return refused(Code::hx301);
  }
  // Decision 19: what is FUNDED waits for an admin while the worker is suspended.
  if (world.users[task->worker.value].status == AccountStatus::suspended) return refused(Code::conflict);
  finish_task(world, command.task, Cause::complete_task, now);
  const Escrow& escrow = world.escrows[command.task.value];
  return Outcome::accepted({.task = task->state,
                            .escrow = escrow.state,
                            .base_xp = static_cast<std::int32_t>(escrow.amount / 100),
                            .multiplier_percent = escrow.xp_multiplier,
                            .effective_xp = escrow.effective_xp});
}

Outcome cancel_task(World& world, const Command& command) {
  const Task* const task = find(world.tasks, command.task);
  if (task == nullptr) return refused(Code::not_found);
  const User& caller = world.users[command.actor.value];
  if (!in_good_standing(caller)) return refused(Code::hx602);
  // SAF-19: an admin who is the worker decides nothing about his own task.
  if (command.actor != task->poster && (!caller.is_admin || command.actor == task->worker))
    return refused(Code::hx503);
  if (is_terminal(task->state)) return refused(Code::hx001);
  if (!after_cause(task->state, Cause::cancel_task)) return refused(Code::conflict);
  end_task(world, command.task, Cause::cancel_task);
  return Outcome::accepted({.task = task->state, .escrow = world.escrows[command.task.value].state});
}

// T12, T13. Decision 2: an ACCEPTED task expires as well.
Outcome expire(World& world, const Command& command, Instant now) {
  const Task* const task = find(world.tasks, command.task);
  if (task != nullptr && after_cause(task->state, Cause::expire_task) && deadline_passed(*task, now)) {
    end_task(world, command.task, Cause::expire_task);
  }
  return Outcome::accepted();
}

void finish_task(World& world, TaskId id, Cause cause, Instant now) {
  Task& task = world.tasks[id.value];
  move_by(task.state, cause);
  count_completion(world, id, now);
  if (move_by(world.escrows[id.value].state, cause)) award(world, id, now);
}

// An escrow that is already REFUNDED (the payment was cancelled while the task was OPEN) stays as it is.
void end_task(World& world, TaskId id, Cause cause) {
  Task& task = world.tasks[id.value];
  move_by(task.state, cause);
  move_by(world.escrows[id.value].state, cause);
}

}  // namespace model::rules
