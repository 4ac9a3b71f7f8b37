#include "sim/mischief.h"

#include <array>

#include "model/vocabulary/contract.h"
#include "sim/calls.h"

namespace sim {

using model::Action;
using model::Command;
using model::TaskId;
using model::TaskState;
using model::UserId;

namespace {

constexpr std::array kReads{
    Action::task_get_by_id,         Action::escrow_get_by_task_id, Action::proof_get_by_task_id,
    Action::dispute_get_by_task_id, Action::user_get_profile,      Action::user_get_xp,
    Action::user_get_badges,        Action::user_get_trust_tier,   Action::task_list};
// Calls about a task; the rest of the procedures is about the caller.
constexpr std::array kTaskCalls{Action::task_accept,          Action::task_submit_proof,
                                Action::task_complete,        Action::task_cancel,
                                Action::escrow_create_intent, Action::escrow_release,
                                Action::escrow_refund,        Action::proof_submit,
                                Action::proof_accept,         Action::proof_reject,
                                Action::dispute_create,       Action::dispute_resolve,
                                Action::task_get_by_id,       Action::escrow_get_by_task_id,
                                Action::proof_get_by_task_id, Action::dispute_get_by_task_id,
                                Action::proof_request_upload};

// A user of the chosen role; the next role that has somebody when there is none.
UserId somebody(Stage& stage, TaskId task) {
  const std::uint32_t from = stage.choices.pick(kRoleCount);
  for (std::uint32_t i = 0; i < kRoleCount; ++i) {
    const std::vector<UserId> users = users_in(stage, task, static_cast<Role>((from + i) % kRoleCount));
    if (!users.empty()) return one_of(stage.choices, users);
  }
  return stage.posters.front();
}

UserId somebody_but(Stage& stage, TaskId task, Role right) {
  const std::uint32_t from = stage.choices.pick(kRoleCount);
  for (std::uint32_t i = 0; i < kRoleCount; ++i) {
    const Role role = static_cast<Role>((from + i) % kRoleCount);
    const std::vector<UserId> users = users_in(stage, task, role);
    if (role != right && !users.empty()) return one_of(stage.choices, users);
  }
  return stage.posters.front();
}

// What a cooperative user would call in this state.
Action sensible_action(Stage& stage, TaskId task) {
  static constexpr std::array kOpen{Action::task_accept, Action::task_cancel, Action::escrow_create_intent};
  static constexpr std::array kAccepted{Action::task_submit_proof, Action::proof_submit, Action::task_cancel,
                                        Action::dispute_create};
  static constexpr std::array kSubmitted{Action::proof_accept, Action::proof_reject, Action::task_complete,
                                         Action::dispute_create};
  static constexpr std::array kDisputed{Action::dispute_resolve};
  static constexpr std::array kFinal{Action::escrow_release, Action::escrow_refund};
  const auto from = [&](const auto& actions) { return actions[stage.choices.pick(actions.size())]; };
  switch (stage.world.tasks[task.value].state) {
    case TaskState::open:
      return from(kOpen);
    case TaskState::accepted:
      return from(kAccepted);
    case TaskState::proof_submitted:
      return from(kSubmitted);
    case TaskState::disputed:
      return from(kDisputed);
    case TaskState::completed:
    case TaskState::cancelled:
    case TaskState::expired:
      break;
  }
  return from(kFinal);
}

Action any_task_call(Stage& stage) {
  return kTaskCalls[stage.choices.pick(kTaskCalls.size())];
}

// The processor and the clock do not look at the state either.
Command any_outside_command(Stage& stage, TaskId task) {
  static constexpr std::array kJobs{Action::job_task_expiry, Action::job_review_timeout,
                                    Action::job_transfer_retry};
  if (stage.scenario.needs.clock && stage.choices.chance(1, 2))
    return job(kJobs[stage.choices.pick(kJobs.size())], task);
  const bool pays = stage.choices.chance(1, 2);
  const model::EventId event = new_event(stage);
  TaskNotes& notes = stage.notes[task.value];
  if (!notes.payment.present() && stage.world.escrows[task.value].has_intent) notes.payment = event;
  return {.action = pays ? Action::processor_pay : Action::processor_cancel_intent,
          .task = task,
          .escrow = model::escrow_of(task),
          .event = event,
          .event_type = pays ? model::EventType::payment_succeeded : model::EventType::payment_canceled};
}

}  // namespace

void read_something(Stage& stage, TaskId task) {
  const Action action = kReads[stage.choices.pick(kReads.size())];
  Command command = call(stage, action, task, somebody(stage, task));
  if (action == Action::task_list) command = list_like(stage, task, command.actor);
  if (action == Action::user_get_badges && stage.choices.chance(1, 2)) {
    command.user = stage.choices.chance(1, 6) ? UserId{kNowhere} : one_of(stage.choices, everybody(stage));
  }
  send(stage, command);
}

void wrong_actor(Stage& stage, TaskId task) {
  const Action action = sensible_action(stage, task);
  send(stage, call(stage, action, task, somebody_but(stage, task, right_role(action))));
}

Command any_command(Stage& stage, TaskId task) {
  const Action action = any_task_call(stage);
  return call(stage, action, task, somebody(stage, task));
}

void any_call(Stage& stage, TaskId task) {
  send(stage, stage.choices.chance(1, 6) ? any_outside_command(stage, task) : any_command(stage, task));
}

void unknown_id(Stage& stage) {
  const Action action = any_task_call(stage);
  Command command{.action = action,
                  .actor = one_of(stage.choices, everybody(stage)),
                  .task = TaskId{kNowhere},
                  .escrow = model::EscrowId{kNowhere},
                  .proof = model::ProofId{kNowhere},
                  .dispute = model::DisputeId{kNowhere}};
  send(stage, command);
}

void bad_credential(Stage& stage, TaskId task) {
  Command command = any_command(stage, task);
  const std::uint32_t bad = static_cast<std::uint32_t>(model::kCredentialNames.size()) - 1;
  command.credential = static_cast<model::Credential>(1 + stage.choices.pick(bad));
  send(stage, command);
}

void bad_input(Stage& stage, TaskId task) {
  const auto action = static_cast<Action>(stage.choices.pick(model::kProcedureCount));
  Command command =
      call(stage, action, action == Action::task_create ? new_task(stage) : task, somebody(stage, task));
  const std::size_t faults = model::input_faults(action).size();
  command.input_fault = static_cast<std::uint8_t>(1 + stage.choices.pick(static_cast<std::uint32_t>(faults)));
  send(stage, command);
}

}  // namespace sim
