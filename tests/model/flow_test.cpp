// Whole flows: dispute outcomes, attempts, tasks without proof, and the jobs of the clock.
#include <gtest/gtest.h>

#include <vector>

#include "model/judge/invariants.h"
#include "model/rules/books.h"
#include "tests/model/scenes.h"

namespace model {
namespace {

using enum Action;

const Proof& latest_proof(const World& world) {
  return world.proofs[world.tasks[kTask.value].latest_proof.value];
}

Command resolution(const World& world, Resolution outcome) {
  Command command = ask(world, dispute_resolve, kAdmin);
  command.resolution = outcome;
  command.split_percent = outcome == Resolution::split ? 60 : 0;
  return command;
}

// state-machines.md §3, resolution table: task, escrow, proof and XP of each outcome, from each proof state
// that a dispute can start with (T6 SUBMITTED, T6 ACCEPTED, T7 REJECTED).
TEST(Dispute, EndsAsTheResolutionTableSays) {
  struct Row {
    Scene from;
    Resolution outcome;
    std::string_view task, escrow, proof;
    int xp;
    Books books;
  };
  const Books paid{.captured = 5000, .transferred = 4250, .fee = 750};
  const Books refunded{.captured = 5000, .refunded = 5000};
  const Books divided{.captured = 5000, .transferred = 2550, .refunded = 2000, .fee = 450};
  const auto hustler = Resolution::hustler_wins;
  const auto client = Resolution::client_wins;
  const auto split = Resolution::split;
  const std::vector<Row> rows{
      {Scene::submitted, hustler, "COMPLETED", "RELEASED", "ACCEPTED", 50, paid},
      {Scene::submitted, client, "CANCELLED", "REFUNDED", "REJECTED", 0, refunded},
      {Scene::submitted, split, "CANCELLED", "REFUND_PARTIAL", "REJECTED", 0, divided},
      {Scene::accepted_after_rejection, hustler, "COMPLETED", "RELEASED", "ACCEPTED", 50, paid},
      {Scene::accepted_after_rejection, client, "CANCELLED", "REFUNDED", "REJECTED", 0, refunded},
      {Scene::accepted_after_rejection, split, "CANCELLED", "REFUND_PARTIAL", "REJECTED", 0, divided},
      {Scene::proof_accepted, hustler, "COMPLETED", "RELEASED", "ACCEPTED", 50, paid},
      {Scene::proof_accepted, client, "CANCELLED", "REFUNDED", "ACCEPTED", 0, refunded},
      {Scene::proof_accepted, split, "CANCELLED", "REFUND_PARTIAL", "ACCEPTED", 0, divided},
  };
  for (const Row& row : rows) {
    World world = world_in(row.from);
    must(world, dispute_create, kWorker);
    const Answer answer = must(world, resolution(world, row.outcome), kStart + kHour);
    EXPECT_EQ(name(*answer.task), row.task);
    EXPECT_EQ(name(*answer.escrow), row.escrow);
    EXPECT_EQ(answer.resolution, row.outcome);
    EXPECT_EQ(answer.dispute, DisputeState::resolved);
    EXPECT_EQ(name(latest_proof(world).state), row.proof) << row.task << " " << row.escrow;
    EXPECT_EQ(world.users[kWorker.value].xp_total, row.xp);
    EXPECT_EQ(books_of(world, kEscrow), row.books);
    EXPECT_TRUE(broken_invariants(world).empty());
    EXPECT_EQ(verdict(apply(world, resolution(world, row.outcome), kStart)), "CONFLICT");  // second resolve
  }
}

// T8 has the side effects of T5: counters and streak move before the award; T2 and T6 count for the dispute
// rate.
TEST(Dispute, WonByTheWorkerCountsAsACompletion) {
  World world = world_in(Scene::disputed);
  const User& worker = world.users[kWorker.value];
  EXPECT_EQ(worker.accepted_tasks, 1);
  EXPECT_EQ(worker.completed, 0);
  must(world, resolution(world, Resolution::hustler_wins));
  EXPECT_EQ(worker.completed, 1);
  EXPECT_EQ(worker.completed_by_category[static_cast<std::size_t>(Category::errands)], 1);
  EXPECT_EQ(worker.streak, 1);
  EXPECT_EQ(worker.disputed_tasks, 1);
  EXPECT_EQ(worker.badges, 1U) << "first-task";
}

// P5, P6: a verdict of the dispute is the admin's; a verdict that stood before keeps its reviewer.
TEST(Dispute, PutsTheAdminDownAsReviewer) {
  World world = world_in(Scene::disputed);
  must(world, resolution(world, Resolution::client_wins), kStart + kHour);
  EXPECT_EQ(latest_proof(world).reviewer, kAdmin);
  EXPECT_EQ(latest_proof(world).reviewed, kStart + kHour);
  world = world_in(Scene::proof_accepted);
  must(world, dispute_create, kPoster);
  must(world, resolution(world, Resolution::hustler_wins));
  EXPECT_EQ(latest_proof(world).reviewer, kPoster);
}

// P5 turns a REJECTED proof round: the approval rate of money.md §6 counts it once, as accepted.
TEST(Dispute, TurnsARejectionRoundInTheApprovalRate) {
  World world = world_in(Scene::accepted_after_rejection);
  EXPECT_EQ(world.users[kWorker.value].proofs_rejected, 1);
  must(world, dispute_create, kWorker);
  EXPECT_EQ(world.users[kWorker.value].disputed_tasks, 1);
  must(world, resolution(world, Resolution::hustler_wins));
  EXPECT_EQ(world.users[kWorker.value].proofs_rejected, 0);
  EXPECT_EQ(world.users[kWorker.value].proofs_accepted, 1);
}

// Decision 9: three attempts, then only a dispute or cancellation remains.
TEST(Proof, AllowsThreeAttempts) {
  World world = world_in(Scene::accepted);
  for (int attempt = 0; attempt < 3; ++attempt) {
    must(world, proof_submit, kWorker);
    must(world, proof_reject, kPoster);
  }
  EXPECT_EQ(verdict(apply(world, ask(world, proof_submit, kWorker), kStart)), "CONFLICT");
  EXPECT_EQ(verdict(apply(world, ask(world, task_submit_proof, kWorker), kStart)), "CONFLICT");
  World cancelled = world;
  must(cancelled, task_cancel, kPoster);
  must(world, dispute_create, kWorker);
  EXPECT_TRUE(broken_invariants(world).empty());
}

// T4: an old rejected proof is not judged again while a new one waits (TERM-PROOF).
TEST(Proof, JudgesOnlyTheLatestProof) {
  World world = world_in(Scene::accepted_after_rejection);
  must(world, proof_submit, kWorker);
  Command old = ask(world, proof_accept, kPoster);
  ASSERT_EQ(old.proof, ProofId{1});
  old.proof = ProofId{0};
  EXPECT_EQ(verdict(apply(world, old, kStart)), "CONFLICT");
  must(world, proof_accept, kPoster);
}

// requires_proof = false switches INV-3 off and nothing else: the path still runs through PROOF_SUBMITTED.
TEST(Proof, IsNotAskedForWhereTheTaskSaysSo) {
  World world = empty_world();
  Command create = ask(world, task_create, kPoster);
  create.requires_proof = false;
  must(world, create);
  fund(world);
  must(world, task_accept, kWorker);
  EXPECT_EQ(verdict(apply(world, ask(world, task_complete, kPoster), kStart)), "CONFLICT");
  must(world, proof_submit, kWorker);
  must(world, task_complete, kPoster);
  EXPECT_EQ(name(latest_proof(world).state), "SUBMITTED");
  EXPECT_TRUE(broken_invariants(world).empty());
}

// Decision 5: no payout account, and still everything but the transfer happens.
TEST(Release, GoesThroughWithoutAPayoutAccount) {
  World world = world_in(Scene::proof_accepted);
  world.users[kWorker.value].has_payout_account = false;
  const Answer answer = must(world, task_complete, kPoster);
  EXPECT_EQ(answer.escrow, EscrowState::released);
  EXPECT_EQ(world.users[kWorker.value].xp_total, 50);
  EXPECT_TRUE(broken_invariants(world).empty());
}

// escrow.refund: only for an ended task whose money is not back yet; E2 from PENDING, E4 from FUNDED. No
// command leaves that behind, so the escrow is put back by hand.
TEST(Refund, GivesTheMoneyOfAnEndedTaskBack) {
  for (const Scene scene :
       {Scene::cancelled_unassigned, Scene::cancelled_assigned, Scene::expired_assigned}) {
    for (const EscrowState before : {EscrowState::pending, EscrowState::funded}) {
      World world = world_in(scene);
      world.escrows[kEscrow.value].state = before;
      const World untouched = world;
      EXPECT_EQ(verdict(apply(world, ask(world, escrow_refund, kAdmin), kStart)), "VALIDATION_ERROR")
          << "SAF-21: a command tells no reason";
      EXPECT_EQ(world, untouched);
      EXPECT_EQ(must(world, escrow_refund, kPoster).escrow, EscrowState::refunded);
    }
  }
  World locked = world_in(Scene::cancelled_assigned);
  locked.escrows[kEscrow.value].state = EscrowState::locked_dispute;
  EXPECT_EQ(verdict(apply(locked, ask(locked, escrow_refund, kPoster), kStart)), "CONFLICT");
}

// SAF-21: a server may ask an admin for his reason before it looks at the escrow, a poster never.
TEST(Refund, OfAnAdminMayBeAskedForAReasonFirst) {
  World world = world_in(Scene::accepted);
  const Outcome asked = Outcome::refused(Code::validation_error);
  const Outcome conflict = Outcome::refused(Code::conflict);
  for (const Action action : {escrow_refund, escrow_release}) {
    EXPECT_EQ(apply_observed(world, ask(world, action, kAdmin), kStart, asked), asked);
    EXPECT_NE(apply_observed(world, ask(world, action, kPoster), kStart, asked), asked);
    EXPECT_EQ(verdict(apply_observed(world, ask(world, action, kStranger), kStart, asked)), "HX503");
  }
  EXPECT_EQ(apply_observed(world, ask(world, escrow_refund, kAdmin), kStart, conflict), conflict);
  EXPECT_EQ(apply_observed(world, ask(world, task_cancel, kAdmin), kStart, asked).kind,
            Outcome::Kind::accepted);
}

// escrow.release of a PENDING escrow: HX201, or CONFLICT if the task is COMPLETED (§2).
TEST(Release, OfAPendingEscrowOfACompletedTaskIsAConflict) {
  World world = world_in(Scene::completed_unpaid);
  world.escrows[kEscrow.value].state = EscrowState::pending;
  EXPECT_EQ(verdict(apply(world, ask(world, escrow_release, kPoster), kStart)), "CONFLICT");
}

// T12, T13, decision 2, C6: OPEN and ACCEPTED expire once deadline < now; nothing else does.
TEST(ExpiryJob, EndsOpenAndAcceptedTasksOnly) {
  for (std::size_t i = 0; i < kSceneNames.size(); ++i) {
    const auto scene = static_cast<Scene>(i);
    World world = world_in(scene);
    const World before = world;
    const Instant deadline = world.tasks[kTask.value].deadline;
    must(world, job_task_expiry, {}, deadline);
    EXPECT_EQ(world, before) << kSceneNames[i] << ": the deadline has not passed yet";
    must(world, job_task_expiry, {}, deadline + 1);
    const bool expires = scene == Scene::open_pending || scene == Scene::open_funded ||
                         scene == Scene::open_refunded || scene == Scene::accepted ||
                         scene == Scene::accepted_after_rejection;
    if (!expires) {
      EXPECT_EQ(world, before) << kSceneNames[i];
      continue;
    }
    EXPECT_EQ(name(world.tasks[kTask.value].state), "EXPIRED") << kSceneNames[i];
    EXPECT_EQ(name(world.escrows[kEscrow.value].state), "REFUNDED") << kSceneNames[i];
    EXPECT_EQ(world.users, before.users) << "no XP, no counters";
    EXPECT_TRUE(broken_invariants(world).empty());
  }
}

// Decision 3, P4: 48 h after submission the proof counts as accepted, the task completes, the worker is paid.
TEST(ReviewJob, AcceptsAndPaysAfterFortyEightHours) {
  World world = world_in(Scene::submitted);
  const World before = world;
  must(world, job_review_timeout, {}, kStart + 48 * kHour);
  EXPECT_EQ(world, before);
  must(world, job_review_timeout, {}, kStart + 48 * kHour + 1);
  EXPECT_EQ(name(latest_proof(world).state), "ACCEPTED");
  EXPECT_FALSE(latest_proof(world).reviewer.present());
  EXPECT_EQ(latest_proof(world).reviewed, kStart + 48 * kHour + 1);
  EXPECT_EQ(name(world.tasks[kTask.value].state), "COMPLETED");
  EXPECT_EQ(name(world.escrows[kEscrow.value].state), "RELEASED");
  EXPECT_EQ(world.users[kWorker.value].xp_total, 50);
  EXPECT_EQ(world.users[kWorker.value].last_completed_day, utc_day(kStart + 48 * kHour + 1));
  EXPECT_TRUE(broken_invariants(world).empty());
}

// Decision 4: the poster accepted and forgot; 48 h after the acceptance the task completes.
TEST(ReviewJob, CompletesAForgottenTask) {
  World world = world_in(Scene::submitted);
  must(world, proof_accept, kPoster, kStart + 40 * kHour);
  const World before = world;
  must(world, job_review_timeout, {}, kStart + 88 * kHour);
  EXPECT_EQ(world, before);
  must(world, job_review_timeout, {}, kStart + 88 * kHour + 1);
  EXPECT_EQ(name(world.tasks[kTask.value].state), "COMPLETED");
  EXPECT_EQ(latest_proof(world).reviewer, kPoster);
}

// A rejected proof, a dispute and an ended task do not wait for a review. Jobs forgive unknown tasks.
TEST(ReviewJob, LeavesEverythingElseAlone) {
  for (std::size_t i = 0; i < kSceneNames.size(); ++i) {
    const auto scene = static_cast<Scene>(i);
    if (scene == Scene::submitted || scene == Scene::proof_accepted) continue;
    World world = world_in(scene);
    const World before = world;
    must(world, job_review_timeout, {}, kStart + 365 * kDay);
    EXPECT_EQ(world, before) << kSceneNames[i];
    Command unknown = ask(world, job_review_timeout);
    unknown.task = TaskId{500};
    must(world, unknown);
    unknown.action = job_task_expiry;
    must(world, unknown);
  }
}

TEST(TransferRetryJob, MovesNothingInTheMarketplace) {
  World world = world_in(Scene::completed);
  const World before = world;
  must(world, job_transfer_retry);
  EXPECT_EQ(world, before);
}

}  // namespace
}  // namespace model
