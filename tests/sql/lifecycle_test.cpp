// The legal lives of a task, statement by statement, and the rows they must leave behind.
#include <fmt/format.h>

#include "tests/sql/database_fixture.h"

namespace sql_test {
namespace {

class Lifecycle : public SqlTest {
 protected:
  // The auditor's queries that speak about one task (invariants.md §9: Q03, Q04, Q07, Q13, Q18, Q19, Q20,
  // Q30).
  void expect_clean(const Job& job) {
    const std::string t = "t.id = '" + job.task + "'";
    for (const std::string& query :
         {"SELECT 1 FROM tasks t WHERE t.state = 'COMPLETED' AND NOT EXISTS (SELECT 1 FROM proofs p WHERE "
          "p.task_id = t.id AND p.state = 'ACCEPTED') AND " +
              t,
          "SELECT 1 FROM escrows e JOIN tasks t ON t.id = e.task_id WHERE e.amount <> t.price AND " + t,
          "SELECT 1 FROM tasks t LEFT JOIN escrows e ON e.task_id = t.id WHERE (t.state, coalesce(e.state, "
          "'NONE')) "
          "NOT IN "
          "(('OPEN','NONE'),('OPEN','PENDING'),('OPEN','FUNDED'),('OPEN','REFUNDED'),('ACCEPTED','FUNDED'),"
          "('PROOF_SUBMITTED','FUNDED'),('DISPUTED','LOCKED_DISPUTE'),('COMPLETED','FUNDED'),"
          "('COMPLETED','RELEASED'),('CANCELLED','NONE'),('CANCELLED','REFUNDED'),('CANCELLED','REFUND_"
          "PARTIAL'),"
          "('EXPIRED','NONE'),('EXPIRED','REFUNDED')) AND " +
              t,
          "SELECT 1 FROM escrows e JOIN tasks t ON t.id = e.task_id WHERE ((e.state IN "
          "('FUNDED','LOCKED_DISPUTE',"
          "'RELEASED','REFUND_PARTIAL') AND (e.funded_at IS NULL OR e.stripe_payment_intent_id IS NULL)) OR "
          "(e.state = 'RELEASED' AND e.released_at IS NULL) OR (e.state IN ('REFUNDED','REFUND_PARTIAL') AND "
          "e.refunded_at IS NULL) OR e.released_at < e.funded_at OR e.refunded_at < e.funded_at) AND " +
              t,
          "SELECT 1 FROM tasks t WHERE (t.worker_id = t.poster_id OR (t.state IN "
          "('ACCEPTED','PROOF_SUBMITTED',"
          "'DISPUTED','COMPLETED') AND t.worker_id IS NULL)) AND " +
              t,
          "SELECT 1 FROM proofs p JOIN tasks t ON t.id = p.task_id WHERE (p.submitter_id IS DISTINCT FROM "
          "t.worker_id "
          "OR p.reviewed_by = p.submitter_id OR (p.state IN ('ACCEPTED','REJECTED') AND p.reviewed_at IS "
          "NULL) OR "
          "(p.state = 'REJECTED' AND coalesce(p.rejection_reason, '') = '')) AND " +
              t,
          "SELECT 1 FROM tasks t WHERE ((t.state = 'COMPLETED') <> (t.completed_at IS NOT NULL) OR (t.state "
          "= "
          "'CANCELLED') <> (t.cancelled_at IS NOT NULL) OR (t.state = 'EXPIRED') <> (t.expired_at IS NOT "
          "NULL)) AND " +
              t}) {
      EXPECT_EQ(value(query), "") << query;
    }
  }

  void resolve(const Job& job, std::string_view resolution, std::string_view action) {
    run(fmt::format(
        "UPDATE disputes SET state = 'RESOLVED', resolution = '{}', outcome_escrow_action = '{}', "
        "resolved_by = '{}' WHERE id = '{}'",
        resolution, action, job.admin, job.dispute));
  }
};

TEST_F(Lifecycle, release) {
  Job job = new_job();
  expect_clean(job);
  fund(job);
  accept(job);
  expect_clean(job);
  submit(job);
  expect_clean(job);
  EXPECT_EQ(value("SELECT review_deadline - submitted_at FROM proofs WHERE id = '" + job.proof + "'"),
            "2 days");
  approve(job);
  complete(job);
  expect_clean(job);
  release(job);
  run(insert_xp(job, job.worker, job.task));
  expect_clean(job);
}

TEST_F(Lifecycle, second_attempt_after_a_rejection) {
  Job job = job_in("PROOF_SUBMITTED");
  reject(job);
  expect_clean(job);
  submit(job);
  approve(job);
  complete(job);
  release(job);
  expect_clean(job);
  EXPECT_EQ(value("SELECT count(*) FROM proofs WHERE task_id = '" + job.task + "'"), "2");
}

TEST_F(Lifecycle, refunds) {
  for (const char* from : {"OPEN", "ACCEPTED"}) {
    for (const char* to : {"CANCELLED", "EXPIRED"}) {
      const Job job = job_in(from);
      if (std::string_view(from) == "OPEN") fund(job);
      set_state("tasks", job.task, to);
      set_state("escrows", job.escrow, "REFUNDED");
      expect_clean(job);
    }
  }
  const Job unpaid = new_job();
  set_state("escrows", unpaid.escrow, "REFUNDED");  // E2, the task is still open
  expect_clean(unpaid);
  set_state("tasks", unpaid.task, "CANCELLED");
  expect_clean(unpaid);
}

TEST_F(Lifecycle, dispute_for_the_worker) {
  Job job = job_in("PROOF_SUBMITTED");
  reject(job);
  dispute(job);  // T7
  expect_clean(job);
  run(fmt::format("UPDATE proofs SET state = 'ACCEPTED', reviewed_by = '{}' WHERE id = '{}'", job.admin,
                  job.proof));
  complete(job);
  release(job);
  run(insert_xp(job, job.worker, job.task));
  resolve(job, "HUSTLER_WINS", "RELEASE");
  expect_clean(job);
}

TEST_F(Lifecycle, dispute_for_the_poster_and_split) {
  Job refunded = job_in("DISPUTED");
  set_state("tasks", refunded.task, "CANCELLED");
  set_state("escrows", refunded.escrow, "REFUNDED");
  set_state("proofs", refunded.proof, "REJECTED");
  resolve(refunded, "CLIENT_WINS", "REFUND");
  expect_clean(refunded);
  Job split = job_in("DISPUTED");
  set_state("tasks", split.task, "CANCELLED");
  run(
      fmt::format("UPDATE escrows SET state = 'REFUND_PARTIAL', refund_amount = 2000, release_amount = 3000 "
                  "WHERE id = '{}'",
                  split.escrow));
  set_state("proofs", split.proof, "REJECTED");
  resolve(split, "SPLIT", "SPLIT");
  expect_clean(split);
}

// Pairs that state-machines.md §5 does not list, one row at a time.
TEST_F(Lifecycle, illegal_pairs_are_refused) {
  const Job pending = new_job();
  EXPECT_EQ(attempt(fmt::format("UPDATE tasks SET state = 'ACCEPTED', worker_id = '{}' WHERE id = '{}'",
                                pending.worker, pending.task)),
            "23514");
  for (const char* state : {"ACCEPTED", "PROOF_SUBMITTED"}) {
    EXPECT_EQ(attempt(update_state("escrows", job_in(state).escrow, "REFUNDED")), "23514") << state;
  }
  Job won = job_in("DISPUTED");
  approve(won);
  complete(won);
  EXPECT_EQ(attempt(update_state("escrows", won.escrow, "REFUNDED")), "23514");
  EXPECT_EQ(attempt(fmt::format(
                "UPDATE escrows SET state = 'REFUND_PARTIAL', refund_amount = 1, release_amount = 4999 "
                "WHERE id = '{}'",
                won.escrow)),
            "23514");
  const Job done = completed_job();
  EXPECT_EQ(attempt(update_state("escrows", done.escrow, "REFUNDED")), "23514");
  EXPECT_EQ(attempt(update_state("escrows", done.escrow, "LOCKED_DISPUTE")), "23514");
  Job lost = job_in("DISPUTED");
  approve(lost);
  set_state("escrows", lost.escrow, "REFUNDED");
  EXPECT_EQ(attempt(update_state("tasks", lost.task, "COMPLETED")), "23514");
  for (const char* state : {"ACCEPTED", "PROOF_SUBMITTED"}) {
    const Job locked = job_in(state);
    set_state("escrows", locked.escrow, "LOCKED_DISPUTE");
    EXPECT_EQ(attempt(update_state("escrows", locked.escrow, "REFUNDED")), "23514") << state;
  }
  const Job dead = new_job();
  set_state("tasks", dead.task, "CANCELLED");
  EXPECT_EQ(attempt(update_state("escrows", dead.escrow, "FUNDED")), "23514");
  EXPECT_EQ(attempt(update_state("escrows", dead.escrow, "REFUNDED")), "") << "E2";
}

// Decision 12: one row per tier change, its cause from the transaction's settings.
TEST_F(Lifecycle, trust_history) {
  const std::string user = new_user();
  const Job job = completed_job();
  run(fmt::format("UPDATE users SET trust_tier = 2 WHERE id = '{}'", user));
  run(fmt::format("UPDATE users SET trust_tier = 2, full_name = 'x' WHERE id = '{}'", user));
  run(fmt::format(
      "SELECT set_config('hustle.trust_reason', 'PROMOTION', true), set_config('hustle.trust_task', '{0}', "
      "true), set_config('hustle.trust_actor', 'admin:{1}', true); "
      "UPDATE users SET trust_tier = 3 WHERE id = '{2}'; UPDATE users SET trust_tier = 4 WHERE id = '{2}'",
      job.task, job.admin, user));
  run(fmt::format("UPDATE users SET trust_tier = 3 WHERE id = '{}'", user));
  const auto row = [&](int number) {
    return value(fmt::format(
        "SELECT old_tier || '>' || new_tier || ' ' || reason || ' ' || coalesce(task_id::text, '-') "
        "|| ' ' || changed_by FROM trust_ledger WHERE user_id = '{}' ORDER BY changed_at "
        "LIMIT 1 OFFSET {}",
        user, number));
  };
  EXPECT_EQ(value("SELECT count(*) FROM trust_ledger WHERE user_id = '" + user + "'"), "4");
  EXPECT_EQ(row(0), "1>2 direct_update - system");
  EXPECT_EQ(row(1), fmt::format("2>3 PROMOTION {} admin:{}", job.task, job.admin));
  EXPECT_EQ(row(2), fmt::format("3>4 PROMOTION {} admin:{}", job.task, job.admin));
  EXPECT_EQ(row(3), "4>3 direct_update - system") << "the settings end with their transaction";
  EXPECT_EQ(attempt(fmt::format("INSERT INTO trust_ledger (user_id, old_tier, new_tier, reason, changed_by) "
                                "VALUES ('{}', 4, 3, 'PENALTY', 'system')",
                                user)),
            "23514")
      << "a service's own second row";
}

// Q13, Q30: a plain change of the state is enough; what the writer says wins.
TEST_F(Lifecycle, timestamps_are_filled_but_not_overwritten) {
  const Job job = new_job();
  run(fmt::format("UPDATE escrows SET state = 'FUNDED', funded_at = '2026-01-01T00:00:00Z' WHERE id = '{}'",
                  job.escrow));
  run(fmt::format(
      "SELECT set_config('hustle.now', '2026-01-02T00:00:00Z', true); UPDATE tasks SET state = 'ACCEPTED', "
      "worker_id = '{}' WHERE id = '{}'",
      job.worker, job.task));
  EXPECT_EQ(value("SELECT funded_at = '2026-01-01T00:00:00Z' FROM escrows WHERE id = '" + job.escrow + "'"),
            "t");
  EXPECT_EQ(value("SELECT accepted_at = '2026-01-02T00:00:00Z' FROM tasks WHERE id = '" + job.task + "'"),
            "t");
  EXPECT_EQ(attempt(fmt::format("UPDATE tasks SET completed_at = now() WHERE id = '{}'", job.task)), "23514");
  EXPECT_EQ(attempt(fmt::format("UPDATE escrows SET funded_at = NULL WHERE id = '{}'", job.escrow)), "23514");
}

TEST_F(Lifecycle, calculation_functions) {
  EXPECT_EQ(value("SELECT string_agg(calculate_level(x)::text, ',' ORDER BY x) FROM unnest(ARRAY[-5, 0, 99, "
                  "100, 299, "
                  "300, 700, 1500, 2700, 4500, 7000, 10499, 10500, 18499, 18500]) x"),
            "1,1,1,2,2,3,4,5,6,7,8,8,9,9,10");
  EXPECT_EQ(value("SELECT string_agg(calculate_xp_decay(x)::text, ',' ORDER BY x) FROM unnest(ARRAY[0, 50, "
                  "1000, 18500, "
                  "50000]) x"),
            "1.0000,0.9793,0.7686,0.4367,0.3693");
  EXPECT_EQ(value("SELECT string_agg(calculate_streak_multiplier(d)::text, ',' ORDER BY d) FROM "
                  "unnest(ARRAY[0, 2, 3, 6, "
                  "7, 13, 14, 29, 30]) d"),
            "1.00,1.00,1.10,1.10,1.20,1.20,1.30,1.30,1.50");
}

TEST_F(Lifecycle, money_timeline_places_the_money) {
  const auto place = [&](const Job& job) {
    return value("SELECT timeline_category FROM money_timeline WHERE id = '" + job.escrow + "'");
  };
  EXPECT_EQ(place(new_job()), "") << "no worker yet";
  EXPECT_EQ(place(job_in("ACCEPTED")), "COMING_SOON");
  EXPECT_EQ(place(job_in("DISPUTED")), "BLOCKED");
  EXPECT_EQ(place(released_job()), "TODAY");
}

}  // namespace
}  // namespace sql_test
