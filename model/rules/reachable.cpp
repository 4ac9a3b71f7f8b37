#include "model/rules/reachable.h"

#include "model/rules/small_world.h"
#include "model/rules/steps.h"

namespace model {
namespace {

using enum Action;

// The task that a command concerns, by whichever id it carries.
TaskId subject_of(const World& world, const Command& command) {
  switch (command.action) {
    case task_accept:
    case task_submit_proof:
    case proof_submit:
    case task_complete:
    case task_cancel:
    case task_get_by_id:
    case escrow_create_intent:
    case escrow_get_by_task_id:
    case proof_get_by_task_id:
    case dispute_create:
    case dispute_get_by_task_id:
    case job_task_expiry:
    case job_review_timeout:
    case job_transfer_retry:
      return command.task;
    case escrow_release:
    case escrow_refund:
    case processor_pay:
    case processor_cancel_intent:
      return task_of(command.escrow);
    case proof_accept:
    case proof_reject: {
      const Proof* const proof = rules::find(world.proofs, command.proof);
      return proof != nullptr ? proof->task : TaskId{};
    }
    case dispute_resolve: {
      const Dispute* const dispute = rules::find(world.disputes, command.dispute);
      return dispute != nullptr ? dispute->task : TaskId{};
    }
    case webhook_deliver: {
      const PaymentEvent* const event = rules::find(world.events, command.event);
      return task_of(event != nullptr ? event->escrow : command.escrow);
    }
    case task_create:
    case task_list:
    case user_get_profile:
    case user_update_profile:
    case user_get_xp:
    case user_get_badges:
    case user_get_trust_tier:
    case admin_set_freeze:
    case admin_get_freeze:
    case admin_add_strike:
    case admin_update_user_status:
    case admin_grant_role:
    case admin_revoke_role:
    case admin_set_flag:
    case admin_set_rule:
    case admin_create_invite:
    case admin_review_content:
    case admin_get_moderation_queue:
    case moderation_report_content:
    case beta_join:
    // Eligibility is judged between users and tasks, not as a state of one task.
    case feed_get:
    case eligibility_check:
    case eligibility_get_profile:
    case verification_submit_license:
    case verification_submit_insurance:
    case verification_initiate_background_check:
    case verification_get_status:
    case verification_resolve:
    case onboarding_get_progress:
    case onboarding_set_role:
    case onboarding_submit_capabilities:
    case onboarding_complete_step:
    case onboarding_complete:
    case job_verification_expire:
      return {};
  }
  return {};
}

bool is_query(Action action) {
  return action == task_get_by_id || action == escrow_get_by_task_id || action == proof_get_by_task_id ||
         action == dispute_get_by_task_id;
}

std::optional<ActorKind> kind_of_caller(const World& world, const Command& command, const Task& task) {
  if (command.credential != Credential::valid || command.input_fault != 0) return std::nullopt;
  if (command.actor.value >= world.users.size()) return std::nullopt;
  const User& caller = world.users[command.actor.value];
  if (!is_query(command.action) && !rules::in_good_standing(caller)) return std::nullopt;
  if (command.actor == task.poster) return ActorKind::poster;
  if (command.actor == task.worker) return ActorKind::worker;
  return caller.is_admin ? ActorKind::admin : ActorKind::stranger;
}

std::optional<ActorKind> kind_of(const World& world, const Command& command, const Task& task) {
  if (is_procedure(command.action)) return kind_of_caller(world, command, task);
  const bool clock = command.action == job_task_expiry || command.action == job_review_timeout ||
                     command.action == job_transfer_retry;
  return clock ? ActorKind::clock : ActorKind::processor;
}

}  // namespace

std::optional<Cell> cell_of(const World& world, const Command& command, const Outcome& outcome) {
  const TaskId id = subject_of(world, command);
  const Task* const task = rules::find(world.tasks, id);
  if (task == nullptr) return std::nullopt;
  const auto actor = kind_of(world, command, *task);
  if (!actor) return std::nullopt;
  // The processor has no such event: nothing is sent.
  if (command.action == webhook_deliver && outcome.code == Code::not_found) return std::nullopt;
  const Proof* const proof = rules::find(world.proofs, task->latest_proof);
  const Dispute* const dispute = rules::find(world.disputes, task->latest_dispute);
  return Cell{task->state,
              world.escrows[id.value].state,
              proof != nullptr ? std::optional(proof->state) : std::nullopt,
              dispute != nullptr ? std::optional(dispute->state) : std::nullopt,
              command.action,
              *actor,
              outcome.kind == Outcome::Kind::refused ? outcome.code : Code::none};
}

bool cell_has_subject(Action action) {
  World world = small_world_people();
  Command command{.action = action,
                  .task = TaskId{0},
                  .escrow = EscrowId{0},
                  .proof = ProofId{0},
                  .dispute = DisputeId{0},
                  .event = EventId{0}};
  world.proofs[0].task = TaskId{0};
  world.disputes[0].task = TaskId{0};
  world.proofs[0].exists = world.disputes[0].exists = true;
  return subject_of(world, command).present();
}

std::vector<Cell> reachable_cells() {
  return explore_small_world().cells;
}

}  // namespace model
