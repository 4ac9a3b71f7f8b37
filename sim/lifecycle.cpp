#include "sim/lifecycle.h"

#include "model/vocabulary/limits.h"
#include "sim/calls.h"
#include "sim/credentials.h"
#include "sim/mischief.h"
#include "sim/payments.h"

namespace sim {

using model::Action;
using model::EscrowState;
using model::ProofState;
using model::TaskId;
using model::TaskState;
using model::UserId;

namespace {

const model::Proof* latest_proof(const Stage& stage, TaskId task) {
  const model::ProofId latest = stage.world.tasks[task.value].latest_proof;
  return latest.present() ? &stage.world.proofs[latest.value] : nullptr;
}

bool proof_is(const Stage& stage, TaskId task, ProofState state) {
  const model::Proof* proof = latest_proof(stage, task);
  return proof != nullptr && proof->state == state;
}

// Scenarios with wrong steps linger where a cooperative marketplace would not, so that these states are tried
// too.
bool linger(Stage& stage, TaskId task) {
  if (stage.scenario.steps.wrong_state == 0 || !stage.choices.chance(1, 2)) return false;
  any_call(stage, task);
  return true;
}

// LIVE-3: whoever has not gone live is turned away, whatever else speaks for him.
bool accept_without_going_live(Stage& stage, TaskId task) {
  const model::Task& of = stage.world.tasks[task.value];
  if (of.mode != model::Mode::live || !stage.choices.chance(1, 2)) return false;
  std::vector<UserId> candidates;
  for (const UserId user : stage.workers) {
    const bool live = stage.world.users[user.value].live == model::LiveState::active;
    if (user != of.poster && may_act(stage, user) && !live) candidates.push_back(user);
  }
  if (candidates.empty()) return false;
  send(stage, call(stage, Action::task_accept, task, one_of(stage.choices, candidates)));
  return true;
}

bool progress_open(Stage& stage, TaskId task) {
  const model::Escrow& escrow = stage.world.escrows[task.value];
  if (escrow.state == EscrowState::pending) return progress_payment(stage, task);
  if (escrow.state == EscrowState::funded) {
    if (accept_without_going_live(stage, task)) return true;
    const UserId worker = acting_worker(stage, task);
    if (worker.present()) {
      send(stage, call(stage, Action::task_accept, task, worker));
      return true;
    }
  }
  if (about_eligibility(stage.scenario) && qualify_somebody(stage, task)) return true;
  if (linger(stage, task)) return true;
  return cancel(stage, task);  // the payment was cancelled, or nobody can take the task
}

bool submit(Stage& stage, TaskId task) {
  const model::Task& of = stage.world.tasks[task.value];
  // Decision 9: after the last attempt only a dispute or a cancellation remains. Most workers try once more.
  if (of.attempts >= model::limits::kProofAttemptsMax && !stage.choices.chance(3, 4))
    return stage.choices.chance(1, 3) ? cancel(stage, task) : open_dispute(stage, task);
  const Action action = stage.choices.chance(1, 2) ? Action::proof_submit : Action::task_submit_proof;
  send(stage, call(stage, action, task, of.worker));
  return true;
}

bool review(Stage& stage, TaskId task) {
  const UserId poster = stage.world.tasks[task.value].poster;
  if (!proof_is(stage, task, ProofState::submitted)) {
    send(stage, call(stage, Action::task_complete, task, poster));
    return true;
  }
  const Reviews& reviews = stage.scenario.reviews;
  const std::array<std::int64_t, 2> weights{reviews.accept, reviews.reject};
  const bool reject = weights[0] + weights[1] > 0 && weighted(stage.choices, weights) == 1;
  send(stage, call(stage, reject ? Action::proof_reject : Action::proof_accept, task, poster));
  return true;
}

bool resolve(Stage& stage, TaskId task) {
  if (linger(stage, task)) return true;
  const UserId admin = resolving_admin(stage);
  if (!admin.present()) return false;
  send(stage, call(stage, Action::dispute_resolve, task, admin));
  return true;
}

}  // namespace

void post_task(Stage& stage) {
  const UserId poster = acting_poster(stage);
  const TaskId task = new_task(stage);
  send(stage, call(stage, Action::task_create, task, poster));
}

bool progress(Stage& stage, TaskId task) {
  switch (stage.world.tasks[task.value].state) {
    case TaskState::open:
      return progress_open(stage, task);
    case TaskState::accepted:
      return submit(stage, task);
    case TaskState::proof_submitted:
      return review(stage, task);
    case TaskState::disputed:
      return resolve(stage, task);
    case TaskState::completed:
    case TaskState::cancelled:
    case TaskState::expired:
      return linger(stage, task) || pay_out(stage, task);
  }
  return false;
}

bool cancel(Stage& stage, TaskId task) {
  const model::Task& of = stage.world.tasks[task.value];
  if (of.state != TaskState::open && of.state != TaskState::accepted) return false;
  const UserId admin = resolving_admin(stage);
  const bool by_admin = admin.present() && stage.choices.chance(1, 4);
  send(stage, call(stage, Action::task_cancel, task, by_admin ? admin : of.poster));
  return true;
}

bool open_dispute(Stage& stage, TaskId task) {
  const model::Task& of = stage.world.tasks[task.value];
  const bool after_rejection = of.state == TaskState::accepted && proof_is(stage, task, ProofState::rejected);
  if (of.state != TaskState::proof_submitted && !after_rejection) return false;
  send(stage, call(stage, Action::dispute_create, task, stage.choices.chance(1, 2) ? of.worker : of.poster));
  return true;
}

bool expire(Stage& stage, TaskId task) {
  const model::Task& of = stage.world.tasks[task.value];
  if (model::is_terminal(of.state)) return false;
  // At the deadline itself nothing expires yet: the rule says deadline < now.
  const model::Millis past = stage.choices.chance(1, 6) ? 0 : stage.choices.between(1, 2 * model::kHour);
  if (of.deadline.ms + past > stage.now.ms) stage.now = of.deadline + past;
  send(stage, job(Action::job_task_expiry, task));
  return true;
}

bool time_out_review(Stage& stage, TaskId task) {
  if (stage.world.tasks[task.value].state != TaskState::proof_submitted) return false;
  const model::Proof* proof = latest_proof(stage, task);
  if (proof == nullptr) return false;
  const bool accepted = proof->state == ProofState::accepted;
  const model::Instant from = accepted && proof->reviewed.present() ? proof->reviewed : proof->submitted;
  const model::Millis past = stage.choices.chance(1, 6) ? 0 : stage.choices.between(1, 2 * model::kHour);
  const model::Instant at = from + model::limits::kReviewWindow + past;
  if (at > stage.now) stage.now = at;
  send(stage, job(Action::job_review_timeout, task));
  return true;
}

bool pay_out(Stage& stage, TaskId task) {
  const model::Task& of = stage.world.tasks[task.value];
  if (!model::is_terminal(of.state)) return false;
  const UserId caller =
      stage.choices.chance(1, 3) && !stage.admins.empty() ? stage.admins.front() : of.poster;
  switch (stage.choices.pick(5)) {
    case 0:
      if (deliver_transfer(stage, task)) return true;
      break;
    case 1:
      if (stage.scenario.needs.clock) {
        send(stage, job(Action::job_transfer_retry, task));
        return true;
      }
      break;
    case 2:
      send(stage, call(stage, Action::escrow_release, task, caller));
      return true;
    case 3:
      send(stage, call(stage, Action::escrow_refund, task, caller));
      return true;
    default:
      break;
  }
  send(stage, call(stage, Action::escrow_get_by_task_id, task, caller));
  return true;
}

}  // namespace sim
