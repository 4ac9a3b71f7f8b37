// The dispute machine (state-machines.md §3): D1 with T6, T7, E5; D4 with T8, T9, E6-E8, P5, P6.
#include "model/rules/money.h"
#include "model/rules/steps.h"

namespace model::rules {

Outcome create_dispute(World& world, const Command& command) {
  Task* const task = find(world.tasks, command.task);
  if (task == nullptr) return refused(Code::not_found);
  if (!in_good_standing(world.users[command.actor.value])) return refused(Code::hx602);
  if (command.actor != task->poster && command.actor != task->worker) return refused(Code::hx503);
  if (is_terminal(task->state)) return refused(Code::hx001);
  const auto next = after_cause(task->state, Cause::open_dispute);
  Escrow& escrow = world.escrows[command.task.value];
  // T7: from ACCEPTED only after a rejection.
  const bool open_to_dispute =
      next && (task->state == TaskState::proof_submitted ||
               (task->latest_proof.present() &&
                world.proofs[task->latest_proof.value].state == ProofState::rejected));
  if (!open_to_dispute || escrow.state != EscrowState::funded || task->open_dispute.present()) {
    return refused(Code::conflict);
  }
  if (!is_free(world.disputes, command.dispute)) return refused(Code::internal_error);
  task->state = *next;
  task->open_dispute = command.dispute;
  task->latest_dispute = command.dispute;
  move_by(escrow.state, Cause::open_dispute);
  ++world.users[task->worker.value].disputed_tasks;
  Dispute& dispute = world.disputes[command.dispute.value];
  dispute = Dispute{};
  dispute.exists = true;
  dispute.task = command.task;
  dispute.opened_by = command.actor;
  return Outcome::accepted({.task = task->state, .escrow = escrow.state, .dispute = dispute.state});
}

Outcome resolve_dispute(World& world, const Command& command, Instant now) {
  Dispute* const dispute = find(world.disputes, command.dispute);
  if (dispute == nullptr) return refused(Code::not_found);
  const User& caller = world.users[command.actor.value];
  if (!in_good_standing(caller)) return refused(Code::hx602);
  const TaskId id = dispute->task;
  Task& task = world.tasks[id.value];
  const bool is_party = command.actor == task.poster || command.actor == task.worker;  // NO-SELF
  if (!caller.is_admin || !caller.can_resolve_disputes || is_party) return refused(Code::hx503);
  // state-machines.md §3 names CONFLICT for a second resolve, though the task is terminal by then.
  const Cause cause = cause_of(command.resolution);
  if (!move_by(dispute->state, cause)) return refused(Code::conflict);
  dispute->resolution = command.resolution;
  dispute->resolved_by = command.actor;
  task.open_dispute = DisputeId{};
  judge_proof(world, task.latest_proof, cause, command.actor, now);
  Escrow& escrow = world.escrows[id.value];
  if (command.resolution == Resolution::hustler_wins) {
    finish_task(world, id, cause, now);
  } else {
    end_task(world, id, cause);
  }
  if (command.resolution == Resolution::split) {
    const Split shares = split(escrow.amount, command.split_percent);
    escrow.release_amount = shares.release;
    escrow.refund_amount = shares.refund;
    dispute->split_percent = command.split_percent;
  }
  return Outcome::accepted({.task = task.state,
                            .escrow = escrow.state,
                            .dispute = dispute->state,
                            .resolution = dispute->resolution});
}

}  // namespace model::rules
