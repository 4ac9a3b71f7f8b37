// The precedence table of invariants.md §1: which code a statement with several faults raises.
#include <fmt/format.h>

#include "tests/sql/database_fixture.h"

namespace sql_test {
namespace {

using Precedence = SqlTest;

TEST_F(Precedence, amount_of_a_terminal_escrow_is_HX004) {
  Job partial = job_in("DISPUTED");
  run(
      fmt::format("UPDATE escrows SET state = 'REFUND_PARTIAL', refund_amount = 1, release_amount = 4999 "
                  "WHERE id = '{}'",
                  partial.escrow));
  for (const Job& job : {released_job(), job_in("CANCELLED"), partial}) {
    EXPECT_EQ(attempt(fmt::format("UPDATE escrows SET amount = 1 WHERE id = '{}'", job.escrow)), "HX004")
        << state_of("escrows", job.escrow);
    EXPECT_EQ(attempt(fmt::format("UPDATE escrows SET amount = NULL WHERE id = '{}'", job.escrow)), "HX004");
  }
}

TEST_F(Precedence, refunded_to_released_depends_on_the_task) {
  const Job cancelled = job_in("CANCELLED");
  EXPECT_EQ(attempt(update_state("escrows", cancelled.escrow, "RELEASED")), "HX201");
  Job completed = job_in("PROOF_SUBMITTED", {.requires_proof = false, .with_escrow = false});
  complete(completed);
  add_escrow(completed);
  set_state("escrows", completed.escrow, "REFUNDED");
  EXPECT_EQ(attempt(update_state("escrows", completed.escrow, "RELEASED")), "HX002");
}

TEST_F(Precedence, released_to_funded_is_HX002) {
  EXPECT_EQ(attempt(update_state("escrows", released_job().escrow, "FUNDED")), "HX002");
}

TEST_F(Precedence, terminal_task_to_completed_is_HX301_without_proof) {
  for (const char* state : {"CANCELLED", "EXPIRED"}) {
    EXPECT_EQ(attempt(update_state("tasks", job_in(state).task, "COMPLETED")), "HX301") << state;
    const Job no_proof = job_in(state, {.requires_proof = false});
    EXPECT_EQ(attempt(update_state("tasks", no_proof.task, "COMPLETED")), "HX001") << state;
  }
}

TEST_F(Precedence, cancelled_to_open_is_HX001) {
  EXPECT_EQ(attempt(update_state("tasks", job_in("CANCELLED").task, "OPEN")), "HX001");
}

TEST_F(Precedence, second_xp_row) {
  const Job released = released_job();
  run(insert_xp(released, released.worker, released.task));
  EXPECT_EQ(attempt(insert_xp(released, released.worker, released.task)), "23505");
  const Job held = completed_job();
  EXPECT_EQ(attempt(insert_xp(held, held.worker, held.task)), "HX101");
  EXPECT_EQ(attempt(insert_xp(held, held.worker, held.task)), "HX101");
}

TEST_F(Precedence, price_floor_of_live_and_standard) {
  const std::string insert =
      "INSERT INTO tasks (poster_id, title, description, price, mode) VALUES ('{}', 't', 'd', {}, '{}')";
  const std::string poster = new_user();
  EXPECT_EQ(attempt(fmt::format(fmt::runtime(insert), poster, 400, "LIVE")), "HX902");
  EXPECT_EQ(attempt(fmt::format(fmt::runtime(insert), poster, 1499, "LIVE")), "HX902");
  EXPECT_EQ(attempt(fmt::format(fmt::runtime(insert), poster, 1500, "LIVE")), "");
  EXPECT_EQ(attempt(fmt::format(fmt::runtime(insert), poster, 499, "STANDARD")), "23514");
  EXPECT_EQ(attempt(fmt::format(fmt::runtime(insert), poster, 500, "STANDARD")), "");
}

// error-codes.md §1: both are 23514, and the constraint name tells a service which of them it was.
TEST_F(Precedence, refusals_carry_their_trigger_as_constraint_name) {
  run("CREATE OR REPLACE FUNCTION pg_temp.constraint_of(statement text) RETURNS text LANGUAGE plpgsql AS $$ "
      "DECLARE name text; BEGIN EXECUTE statement; RETURN ''; EXCEPTION WHEN OTHERS THEN "
      "GET STACKED DIAGNOSTICS name = CONSTRAINT_NAME; RETURN name; END $$");
  const auto constraint = [&](const std::string& sql) {
    return value("SELECT pg_temp.constraint_of(" + database_.quote(sql) + ")");
  };
  const Job job = new_job();
  EXPECT_EQ(constraint(update_state("tasks", job.task, "COMPLETED")),
            "task_completed_requires_accepted_proof");
  EXPECT_EQ(constraint(update_state("tasks", job.task, "PROOF_SUBMITTED")), "task_transition_guard");
  EXPECT_EQ(
      constraint(fmt::format(
          "INSERT INTO tasks (poster_id, title, description, price) VALUES ('{}', 't', 'd', 1)", job.poster)),
      "tasks_price_check");
}

}  // namespace
}  // namespace sql_test
