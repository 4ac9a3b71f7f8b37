#include "model/rules/reachable.h"

#include <algorithm>
#include <array>

#include "model/rules/small_world.h"
#include "model/rules/steps.h"

namespace model {
namespace {

using enum Action;

// Eligibility is judged between users and tasks, not as a state of one task.
constexpr std::array kAboutNoTask{task_create,
                                  task_list,
                                  user_get_profile,
                                  user_update_profile,
                                  user_get_xp,
                                  user_get_badges,
                                  user_get_trust_tier,
                                  admin_set_freeze,
                                  admin_get_freeze,
                                  admin_add_strike,
                                  admin_update_user_status,
                                  admin_grant_role,
                                  admin_revoke_role,
                                  admin_set_flag,
                                  admin_set_rule,
                                  admin_create_invite,
                                  admin_review_content,
                                  admin_get_moderation_queue,
                                  admin_remove_strike,
                                  admin_decide_appeal,
                                  admin_assess_risk,
                                  admin_review_risk,
                                  admin_approve_override,
                                  moderation_report_content,
                                  moderation_appeal,
                                  beta_join,
                                  feed_get,
                                  eligibility_check,
                                  eligibility_get_profile,
                                  verification_submit_license,
                                  verification_submit_insurance,
                                  verification_initiate_background_check,
                                  verification_get_status,
                                  verification_resolve,
                                  onboarding_get_progress,
                                  onboarding_set_role,
                                  onboarding_submit_capabilities,
                                  onboarding_complete_step,
                                  onboarding_complete,
                                  job_verification_expire};
constexpr std::array kAboutTheirTask{
    task_accept,    task_submit_proof,      proof_request_upload, proof_submit,          task_complete,
    task_cancel,    task_get_by_id,         escrow_create_intent, escrow_get_by_task_id, proof_get_by_task_id,
    dispute_create, dispute_get_by_task_id, job_task_expiry,      job_review_timeout,    job_transfer_retry};
constexpr std::size_t kAboutAnother = 8;  // the cases of subject_of
static_assert(kAboutNoTask.size() + kAboutTheirTask.size() + kAboutAnother == kActionCount);

// The task that a command concerns, by whichever id it carries.
TaskId subject_of(const World& world, const Command& command) {
  if (std::ranges::find(kAboutTheirTask, command.action) != kAboutTheirTask.end()) return command.task;
  switch (command.action) {
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
    default:  // kAboutNoTask
      return {};
  }
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
