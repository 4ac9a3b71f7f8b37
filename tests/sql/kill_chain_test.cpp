// The kill tests that the seeds name (invariants.md §10): B004, B021 to B024, by SQL alone.
#include <fmt/format.h>

#include "tests/sql/database_fixture.h"

namespace sql_test {
namespace {

using KillChain = SqlTest;

// B004: the five core triggers exist, fire, and raise their code as the SQLSTATE itself.
TEST_F(KillChain, B004_core_guards_raise_their_code_as_sqlstate) {
  Job job = completed_job();
  EXPECT_EQ(attempt(insert_xp(job, job.worker, job.task)), "HX101");
  EXPECT_EQ(attempt(fmt::format("UPDATE escrows SET amount = amount + 1 WHERE id = '{}'", job.escrow)),
            "HX004");
  EXPECT_EQ(attempt(update_state("tasks", job.task, "OPEN")), "HX001");
  release(job);
  EXPECT_EQ(attempt(update_state("escrows", job.escrow, "FUNDED")), "HX002");
  EXPECT_EQ(attempt(insert_xp(job, job.worker, job.task)), "");
  EXPECT_EQ(attempt("DELETE FROM xp_ledger WHERE escrow_id = '" + job.escrow + "'"), "HX102");
  const Job open = new_job();
  EXPECT_EQ(attempt(update_state("escrows", open.escrow, "RELEASED")), "HX201");
  Job submitted = job_in("PROOF_SUBMITTED");
  EXPECT_EQ(attempt(update_state("tasks", submitted.task, "COMPLETED")), "HX301");
  for (const char* name :
       {"task_terminal_guard", "escrow_terminal_guard", "escrow_amount_immutable",
        "xp_requires_released_escrow", "xp_ledger_no_delete", "badge_no_delete",
        "escrow_released_requires_completed_task", "task_completed_requires_accepted_proof",
        "trust_tier_audit", "admin_actions_no_delete"}) {
    EXPECT_EQ(
        value(fmt::format("SELECT count(*) FROM pg_trigger WHERE tgname = '{}' AND tgenabled = 'O'", name)),
        "1")
        << name;
  }
}

// B021: INV-1, XP only for a RELEASED escrow; INV-5, once; XP-OWNER, to its worker.
TEST_F(KillChain, B021_xp_needs_a_released_escrow) {
  for (const char* state : {"OPEN", "ACCEPTED", "PROOF_SUBMITTED", "DISPUTED", "COMPLETED", "CANCELLED"}) {
    const Job job = job_in(state);
    EXPECT_EQ(attempt(insert_xp(job, job.worker, job.task)), "HX101") << state;
  }
  Job split = job_in("DISPUTED");
  run(
      fmt::format("UPDATE escrows SET state = 'REFUND_PARTIAL', refund_amount = 2000, release_amount = 3000 "
                  "WHERE id = '{}'",
                  split.escrow));
  EXPECT_EQ(attempt(insert_xp(split, split.worker, split.task)), "HX101");
  Job nowhere = new_job();
  nowhere.escrow = "00000000-0000-4000-8000-000000000000";
  EXPECT_EQ(attempt(insert_xp(nowhere, nowhere.worker, nowhere.task)), "HX101");

  const Job job = released_job();
  const Job other = released_job();
  EXPECT_EQ(attempt(insert_xp(job, job.poster, job.task)), "HX101");
  EXPECT_EQ(attempt(insert_xp(job, other.worker, job.task)), "HX101");
  EXPECT_EQ(attempt(insert_xp(job, job.worker, other.task)), "HX101");
  EXPECT_EQ(attempt(insert_xp(job, job.worker, job.task)), "");
  EXPECT_EQ(attempt(insert_xp(job, job.worker, job.task)), "23505");
  EXPECT_EQ(value("SELECT count(*) FROM xp_ledger WHERE escrow_id = '" + job.escrow + "'"), "1");
}

// B022: INV-2, release only with a COMPLETED task.
TEST_F(KillChain, B022_release_needs_a_completed_task) {
  for (const char* state : {"OPEN", "ACCEPTED", "PROOF_SUBMITTED", "DISPUTED", "CANCELLED", "EXPIRED"}) {
    const Job job = job_in(state);
    EXPECT_EQ(attempt(update_state("escrows", job.escrow, "RELEASED")), "HX201") << state;
    EXPECT_NE(state_of("escrows", job.escrow), "RELEASED") << state;
  }
  const Job job = completed_job();
  EXPECT_EQ(attempt(update_state("escrows", job.escrow, "RELEASED")), "");
  EXPECT_EQ(state_of("escrows", job.escrow), "RELEASED");
  EXPECT_EQ(value("SELECT released_at >= funded_at FROM escrows WHERE id = '" + job.escrow + "'"), "t");
  Job disputed = job_in("DISPUTED");
  approve(disputed);
  complete(disputed);
  EXPECT_EQ(attempt(update_state("escrows", disputed.escrow, "RELEASED")), "");
}

// B023: INV-3, completion only with an ACCEPTED proof.
TEST_F(KillChain, B023_completion_needs_an_accepted_proof) {
  Job without = job_in("ACCEPTED");
  set_state("tasks", without.task, "PROOF_SUBMITTED");
  EXPECT_EQ(attempt(update_state("tasks", without.task, "COMPLETED")), "HX301");
  without.proof = new_proof(without, 1);
  EXPECT_EQ(attempt(update_state("tasks", without.task, "COMPLETED")), "HX301");
  set_state("proofs", without.proof, "SUBMITTED");
  EXPECT_EQ(attempt(update_state("tasks", without.task, "COMPLETED")), "HX301");
  set_state("proofs", without.proof, "REJECTED");
  EXPECT_EQ(attempt(update_state("tasks", without.task, "COMPLETED")), "HX301");
  EXPECT_EQ(state_of("tasks", without.task), "PROOF_SUBMITTED");

  Job stranger = job_in("PROOF_SUBMITTED");
  approve(stranger);
  EXPECT_EQ(attempt(update_state("tasks", without.task, "COMPLETED")), "HX301")
      << "another task's proof does not count";

  without.proof = new_proof(without, 1);
  set_state("proofs", without.proof, "SUBMITTED");
  approve(without);
  EXPECT_EQ(attempt(update_state("tasks", without.task, "COMPLETED")), "");
  EXPECT_EQ(state_of("tasks", without.task), "COMPLETED");
  EXPECT_EQ(value("SELECT completed_at IS NOT NULL FROM tasks WHERE id = '" + without.task + "'"), "t");

  const Job no_proof = job_in("ACCEPTED", {.requires_proof = false});
  set_state("tasks", no_proof.task, "PROOF_SUBMITTED");
  EXPECT_EQ(attempt(update_state("tasks", no_proof.task, "COMPLETED")), "") << "requires_proof = false";
}

// B024: what is final stays; what is written in a ledger stays.
TEST_F(KillChain, B024_terminal_rows_and_ledgers_never_change) {
  const Job job = released_job();
  run(insert_xp(job, job.worker, job.task));
  run(fmt::format("INSERT INTO badges (user_id, badge_type, badge_tier) VALUES ('{}', 'first-task', 1)",
                  job.worker));
  for (const char* change :
       {"state = 'OPEN'", "price = 9000", "title = 'x'", "description = 'x'", "worker_id = NULL",
        "poster_id = worker_id", "deadline = now()", "completed_at = now() + interval '1 s'"}) {
    EXPECT_EQ(attempt(fmt::format("UPDATE tasks SET {} WHERE id = '{}'", change, job.task)), "HX001")
        << change;
  }
  for (const char* change : {"state = 'FUNDED'", "state = 'REFUNDED'", "released_at = NULL",
                             "refund_amount = 1", "funded_at = now() - interval '1 h'"}) {
    EXPECT_EQ(attempt(fmt::format("UPDATE escrows SET {} WHERE id = '{}'", change, job.escrow)), "HX002")
        << change;
  }
  EXPECT_EQ(attempt("DELETE FROM tasks WHERE id = '" + job.task + "'"), "HX001");
  EXPECT_EQ(attempt("DELETE FROM escrows WHERE id = '" + job.escrow + "'"), "HX002");
  EXPECT_EQ(attempt("DELETE FROM xp_ledger WHERE escrow_id = '" + job.escrow + "'"), "HX102");
  EXPECT_EQ(attempt("DELETE FROM badges WHERE user_id = '" + job.worker + "'"), "HX401");
  EXPECT_EQ(
      attempt(fmt::format("UPDATE tasks SET title = title, updated_at = now() WHERE id = '{}'", job.task)),
      "");
  EXPECT_EQ(attempt(fmt::format("UPDATE escrows SET stripe_transfer_id = 'tr_1', stripe_refund_id = 're_1' "
                                "WHERE id = '{}'",
                                job.escrow)),
            "")
      << "the processor's late ids are still recorded";
}

}  // namespace
}  // namespace sql_test
