// The proof machine (state-machines.md §4): P1-P6 with T3, T4 and the review timeout.
#include <algorithm>

#include "model/rules/steps.h"
#include "model/rules/submission.h"
#include "model/vocabulary/limits.h"

namespace model::rules {

namespace {

// Steps 3 to 5 of proof-and-gps.md §8.
Code may_submit(const World& world, const Command& command) {
  const Task* const task = find(world.tasks, command.task);
  if (task == nullptr) return Code::not_found;
  if (!in_good_standing(world.users[command.actor.value])) return Code::hx602;
  if (command.actor != task->worker) return Code::hx503;  // also when there is no worker yet
  if (is_terminal(task->state)) return Code::hx001;
  const bool possible = after_cause(task->state, Cause::submit_proof).has_value();
  return possible && task->attempts < limits::kProofAttemptsMax ? Code::none : Code::conflict;  // decision 9
}

void remember_fix(User& worker, const Fix& fix, Instant now) {
  const bool again =
      worker.fix_at.present() && worker.fix_latitude == fix.latitude && worker.fix_longitude == fix.longitude;
  worker.fix_repeats = again ? worker.fix_repeats + 1 : 1;
  worker.fix_latitude = fix.latitude;
  worker.fix_longitude = fix.longitude;
  worker.fix_accuracy_dm = fix.accuracy_dm;
  worker.fix_at = now + -std::max(fix.age_ms, 0);
}

}  // namespace

// A place to upload to is given to whoever may submit now.
Outcome request_upload(const World& world, const Command& command) {
  const Code trouble = may_submit(world, command);
  return trouble == Code::none ? Outcome::accepted() : refused(trouble);
}

// task.submitProof and proof.submit are the same procedure (api.md §1.3).
Outcome submit_proof(World& world, const Command& command, Instant now) {
  const Code trouble = may_submit(world, command);
  if (trouble != Code::none) return refused(trouble);
  const SubmissionVerdict verdict = judge_submission(world, command, now);
  if (verdict.code != Code::none) return refused(verdict.code);
  const bool no_slot = command.picture.present() && command.picture.value >= world.pictures.size();
  if (!is_free(world.proofs, command.proof) || no_slot) return refused(Code::internal_error);
  Task* const task = &world.tasks[command.task.value];
  task->state = *after_cause(task->state, Cause::submit_proof);
  ++task->attempts;
  task->latest_proof = command.proof;
  Proof& proof = world.proofs[command.proof.value];
  proof = Proof{};
  proof.exists = true;
  proof.state = ProofState::submitted;  // P1: PENDING is not visible
  proof.task = command.task;
  proof.submitter = command.actor;
  proof.submitted = now;
  proof.signals = verdict.signals;
  proof.risk = verdict.risk;
  proof.manual_review = verdict.manual_review;
  proof.photos = command.photos;
  if (command.picture.present())
    world.pictures[command.picture.value] = {command.actor, command.task, command.proof};
  remember_fix(world.users[command.actor.value], command.fix, now);
  return Outcome::accepted({.task = task->state, .proof = proof.state});
}

Outcome review_proof(World& world, const Command& command, Cause verdict, Instant now) {
  const Proof* const proof = find(world.proofs, command.proof);
  if (proof == nullptr) return refused(Code::not_found);
  if (!in_good_standing(world.users[command.actor.value])) return refused(Code::hx602);
  Task& task = world.tasks[proof->task.value];
  if (command.actor != task.poster) return refused(Code::hx503);
  if (is_terminal(task.state)) return refused(Code::hx001);
  if (task.state != TaskState::proof_submitted || !after_cause(proof->state, verdict))
    return refused(Code::conflict);
  judge_proof(world, command.proof, verdict, command.actor, now);
  move_by(task.state, verdict);  // T4 on a rejection; an acceptance does not move the task yet
  return Outcome::accepted({.proof = proof->state});
}

// P4 and decisions 3 and 4: 48 h after submission the proof counts as accepted, and 48 h after a poster's
// acceptance the task is completed; both run through T5. A proof that the job accepts completes its task in
// the same run.
Outcome time_out_review(World& world, const Command& command, Instant now) {
  const Task* const task = find(world.tasks, command.task);
  if (task == nullptr || task->state != TaskState::proof_submitted) return Outcome::accepted();
  const Proof& proof = world.proofs[task->latest_proof.value];
  const Instant waiting_since = proof.state == ProofState::accepted ? proof.reviewed : proof.submitted;
  if (waiting_since + limits::kReviewWindow < now) {
    judge_proof(world, task->latest_proof, Cause::review_timeout, UserId{}, now);
    finish_task(world, command.task, Cause::complete_task, now);
  }
  return Outcome::accepted();
}

// Does nothing when the verdict has no edge from here (an ACCEPTED proof stays ACCEPTED).
void judge_proof(World& world, ProofId id, Cause verdict, UserId reviewer, Instant now) {
  Proof& proof = world.proofs[id.value];
  const ProofState before = proof.state;
  if (!move_by(proof.state, verdict)) return;
  proof.reviewer = reviewer;
  proof.reviewed = now;
  User& worker = world.users[proof.submitter.value];
  if (before == ProofState::rejected) --worker.proofs_rejected;  // P5 turns a verdict round
  if (proof.state == ProofState::accepted) ++worker.proofs_accepted;
  if (proof.state == ProofState::rejected) ++worker.proofs_rejected;
}

}  // namespace model::rules
