// The holes of the public schema (invariants.md §8): every statement that the public schema lets pass is
// refused here.
#include <fmt/format.h>

#include "tests/sql/database_fixture.h"

namespace sql_test {
namespace {

class Holes : public SqlTest {
 protected:
  std::string update(std::string_view table, const std::string& id, std::string_view change) {
    return attempt(fmt::format("UPDATE {} SET {} WHERE id = '{}'", table, change, id));
  }
};

TEST_F(Holes, G1_escrow_inserted_released) {
  Job job = job_in("PROOF_SUBMITTED", {.requires_proof = false, .with_escrow = false});
  complete(job);
  EXPECT_EQ(attempt(fmt::format("INSERT INTO escrows (task_id, amount, state, funded_at, released_at) "
                                "VALUES ('{}', 5000, 'RELEASED', now(), now())",
                                job.task)),
            "23514");
  EXPECT_EQ(attempt(fmt::format("INSERT INTO escrows (task_id, amount, funded_at) VALUES ('{}', 5000, now())",
                                job.task)),
            "23514");
  EXPECT_EQ(attempt(fmt::format("INSERT INTO escrows (task_id, amount) VALUES ('{}', 5000)", job.task)), "");
  EXPECT_EQ(attempt(fmt::format("INSERT INTO escrows (task_id, amount) VALUES ('{}', 5000)", job.task)),
            "23505");
}

TEST_F(Holes, G2_task_inserted_completed_or_with_a_worker) {
  const std::string poster = new_user();
  EXPECT_EQ(attempt(fmt::format(
                "INSERT INTO tasks (poster_id, title, description, price, state, worker_id, accepted_at, "
                "completed_at) VALUES ('{}', 't', 'd', 500, 'COMPLETED', '{}', now(), now())",
                poster, new_user())),
            "23514");
  EXPECT_EQ(attempt(fmt::format("INSERT INTO tasks (poster_id, worker_id, title, description, price) "
                                "VALUES ('{}', '{}', 't', 'd', 500)",
                                poster, new_user())),
            "23514");
  EXPECT_EQ(attempt(fmt::format("INSERT INTO tasks (poster_id, title, description, price, completed_at) "
                                "VALUES ('{}', 't', 'd', 500, now())",
                                poster)),
            "23514");
}

TEST_F(Holes, G3_amount_changed_in_every_state) {
  Job partial = job_in("DISPUTED");
  for (const Job& job : {new_job(), job_in("ACCEPTED"), partial, released_job(), job_in("CANCELLED")}) {
    EXPECT_EQ(update("escrows", job.escrow, "amount = 5001"), "HX004") << state_of("escrows", job.escrow);
    EXPECT_EQ(update("escrows", job.escrow, "amount = amount"), "");
  }
}

TEST_F(Holes, G4_amount_differs_from_price) {
  const Job job = new_job({.with_escrow = false});
  for (const int amount : {1, 4999, 5001}) {
    EXPECT_EQ(
        attempt(fmt::format("INSERT INTO escrows (task_id, amount) VALUES ('{}', {})", job.task, amount)),
        "HX003");
  }
  EXPECT_EQ(attempt("INSERT INTO escrows (task_id, amount) VALUES (gen_random_uuid(), 5000)"), "23503");
}

// T-ELG-15 among them: neither the category nor anything that was made of it changes after the posting.
TEST_F(Holes, G5_G7_G16_what_is_fixed_at_creation) {
  for (const char* state : {"OPEN", "ACCEPTED", "PROOF_SUBMITTED", "DISPUTED"}) {
    const Job job = job_in(state);
    for (const char* change :
         {"price = 6000", "requires_proof = false", "poster_id = gen_random_uuid()",
          "required_trust_tier = 4", "required_trade = 'electrician'", "insurance_required = true",
          "background_check_required = true", "risk_level = 'high'", "location_state = 'OR'",
          "category = 'plumbing'", "task_category = 'plumbing'", "classification_confidence = 0.5",
          "classification_rules_applied = '[1]'", "created_at = created_at - interval '1 day'"}) {
      EXPECT_EQ(update("tasks", job.task, change), "23514") << state << ": " << change;
    }
    EXPECT_EQ(update("tasks", job.task, "requires_proof = NULL"), "23514");
    EXPECT_EQ(update("tasks", job.task, "mode = 'LIVE'"), "23514");
    EXPECT_EQ(update("tasks", job.task, "title = 'Move a bed'"), "") << "the text may change before the end";
  }
  EXPECT_EQ(update("tasks", new_job({.mode = "LIVE"}).task, "mode = 'STANDARD'"), "23514");
}

TEST_F(Holes, G6_unlisted_escrow_edges) {
  const Job job = job_in("ACCEPTED");
  EXPECT_EQ(update("escrows", job.escrow, "state = 'PENDING'"), "23514");
  EXPECT_EQ(update("escrows", new_job().escrow, "state = 'LOCKED_DISPUTE'"), "23514");
}

TEST_F(Holes, G7_guard_switched_off_in_the_same_statement) {
  const Job job = job_in("PROOF_SUBMITTED");
  for (const char* off : {"false", "NULL"}) {
    EXPECT_EQ(update("tasks", job.task, fmt::format("requires_proof = {}, state = 'COMPLETED'", off)),
              "HX301");
  }
  approve(job);
  EXPECT_EQ(update("tasks", job.task, "requires_proof = false, state = 'COMPLETED'"), "23514");
  const Job other = completed_job();
  const Job open = job_in("ACCEPTED");
  EXPECT_EQ(update("escrows", open.escrow, fmt::format("task_id = '{}', state = 'RELEASED'", other.task)),
            "HX201");
  EXPECT_EQ(update("escrows", open.escrow, fmt::format("task_id = '{}'", other.task)), "23514");
  const Job live = new_job({.mode = "LIVE"});
  EXPECT_EQ(update("tasks", live.task, "mode = 'STANDARD', live_broadcast_started_at = now()"), "HX901");
  EXPECT_EQ(update("tasks", live.task, "mode = 'STANDARD', price = 500"), "23514");
}

TEST_F(Holes, G8_deletes_in_every_state) {
  for (const char* state :
       {"OPEN", "ACCEPTED", "PROOF_SUBMITTED", "DISPUTED", "COMPLETED", "CANCELLED", "EXPIRED"}) {
    const Job job = job_in(state, {.with_escrow = std::string_view(state) == "DISPUTED"});
    const bool final = std::string_view("COMPLETED CANCELLED EXPIRED").find(state) != std::string_view::npos;
    EXPECT_EQ(attempt("DELETE FROM tasks WHERE id = '" + job.task + "'"), final ? "HX001" : "23514") << state;
  }
  for (const Job& job : {new_job(), job_in("ACCEPTED"), job_in("DISPUTED")}) {
    EXPECT_EQ(attempt("DELETE FROM escrows WHERE id = '" + job.escrow + "'"), "23514");
  }
  for (const Job& job : {released_job(), job_in("CANCELLED")}) {
    EXPECT_EQ(attempt("DELETE FROM escrows WHERE id = '" + job.escrow + "'"), "HX002");
  }
  const Job job = job_in("DISPUTED");
  EXPECT_EQ(attempt("DELETE FROM proofs WHERE id = '" + job.proof + "'"), "23514");
  EXPECT_EQ(attempt("DELETE FROM disputes WHERE id = '" + job.dispute + "'"), "23514");
}

TEST_F(Holes, G9_ledgers_are_append_only) {
  const Job job = released_job();
  run(insert_xp(job, job.worker, job.task));
  run(fmt::format("UPDATE users SET trust_tier = 2 WHERE id = '{}'", job.worker));
  run(fmt::format("INSERT INTO badges (user_id, badge_type, badge_tier) VALUES ('{}', 'first-task', 1)",
                  job.worker));
  run(fmt::format(
      "INSERT INTO admin_actions (admin_user_id, admin_role, action_type, action_details, result, "
      "target_user_id) VALUES ('{0}', 'admin', 'note', '{{}}', 'ok', '{0}')",
      job.admin));
  struct Ledger {
    const char *table, *owner, *change, *code;
  };
  for (const Ledger& ledger : {Ledger{"xp_ledger", "user_id", "effective_xp = 51", "HX102"},
                               Ledger{"trust_ledger", "user_id", "reason = 'x'", "HX801"},
                               Ledger{"badges", "user_id", "badge_tier = 2", "HX401"},
                               Ledger{"admin_actions", "admin_user_id", "result = 'x'", "HX801"}}) {
    const std::string owner = std::string_view(ledger.table) == "admin_actions" ? job.admin : job.worker;
    const std::string where = fmt::format(" WHERE {} = '{}'", ledger.owner, owner);
    EXPECT_EQ(value(fmt::format("SELECT count(*) FROM {}{}", ledger.table, where)), "1");
    EXPECT_EQ(attempt(fmt::format("UPDATE {} SET {}{}", ledger.table, ledger.change, where)), ledger.code);
    EXPECT_EQ(attempt(fmt::format("DELETE FROM {}{}", ledger.table, where)), ledger.code);
    EXPECT_EQ(attempt(fmt::format("TRUNCATE {}", ledger.table)), ledger.code);
    EXPECT_EQ(attempt(fmt::format("TRUNCATE {} CASCADE", ledger.table)), ledger.code);
  }
}

TEST_F(Holes, truncate_of_money_tables) {
  EXPECT_EQ(attempt("TRUNCATE tasks CASCADE"), "HX001");
  EXPECT_EQ(attempt("TRUNCATE escrows CASCADE"), "HX002");
  for (const char* table : {"proofs", "proof_photos", "disputes", "processed_stripe_events", "outbox_events",
                            "transfer_retry_queue"}) {
    EXPECT_EQ(attempt(fmt::format("TRUNCATE {} CASCADE", table)), "23514") << table;
  }
  EXPECT_NE(attempt("TRUNCATE users CASCADE"), "");
}

TEST_F(Holes, badge_animation_is_shown_once) {
  const std::string user = new_user();
  const std::string badge = value(fmt::format(
      "INSERT INTO badges (user_id, badge_type, badge_tier) VALUES ('{}', 'tasks-10', 1) RETURNING id",
      user));
  EXPECT_EQ(update("badges", badge, "animation_shown_at = now(), badge_tier = 2"), "HX401");
  EXPECT_EQ(update("badges", badge, "animation_shown_at = now()"), "");
  EXPECT_EQ(update("badges", badge, "animation_shown_at = now()"), "HX401");
  EXPECT_EQ(update("badges", badge, "animation_shown_at = NULL"), "HX401");
}

TEST_F(Holes, G11_proof_without_photo) {
  Job job = job_in("ACCEPTED");
  EXPECT_EQ(attempt(fmt::format(
                "INSERT INTO proofs (task_id, submitter_id, state) VALUES ('{}', '{}', 'SUBMITTED')",
                job.task, job.worker)),
            "P0001");
  job.proof = new_proof(job, 0);
  EXPECT_EQ(update("proofs", job.proof, "state = 'SUBMITTED'"), "P0001");
  EXPECT_EQ(update("proofs", job.proof, "state = 'ACCEPTED'"), "P0001");
  run(insert_photo(job.proof, 1));
  EXPECT_EQ(update("proofs", job.proof, "state = 'SUBMITTED'"), "");
}

TEST_F(Holes, photos_of_a_proof) {
  Job job = job_in("ACCEPTED");
  job.proof = new_proof(job, 5);
  EXPECT_EQ(attempt(insert_photo(job.proof, 5)), "P0001");
  const std::string photos = " WHERE proof_id = '" + job.proof + "'";
  EXPECT_EQ(attempt("DELETE FROM proof_photos" + photos + " AND sequence_number > 1"), "") << "still PENDING";
  EXPECT_EQ(attempt(insert_photo(job.proof, 1)), "23505");
  EXPECT_EQ(attempt(insert_photo(job.proof, 6)), "23514");
  set_state("proofs", job.proof, "SUBMITTED");
  const Job other = job_in("ACCEPTED");
  const std::string elsewhere = new_proof(other, 0);
  for (const std::string& change : {"proof_id = '" + elsewhere + "'", std::string("storage_key = 'other'"),
                                    std::string("checksum_sha256 = 'd'")}) {
    EXPECT_EQ(attempt(fmt::format("UPDATE proof_photos SET {}{}", change, photos)), "23514") << change;
  }
  EXPECT_EQ(attempt("DELETE FROM proof_photos" + photos), "23514");
  EXPECT_EQ(attempt(insert_photo("00000000-0000-4000-8000-000000000000", 1)), "23503");
}

TEST_F(Holes, G12_proof_authorship_and_review) {
  Job job = job_in("PROOF_SUBMITTED");
  EXPECT_EQ(update("proofs", job.proof, fmt::format("state = 'ACCEPTED', reviewed_by = '{}'", job.worker)),
            "23514");
  approve(job);
  EXPECT_EQ(update("proofs", job.proof, "state = 'REJECTED'"), "23514");
  EXPECT_EQ(update("proofs", job.proof, "reviewed_by = NULL"), "23514");
  const Job second = job_in("ACCEPTED");
  const std::string insert = "INSERT INTO proofs (task_id, submitter_id) VALUES ('{}', '{}')";
  EXPECT_EQ(attempt(fmt::format(fmt::runtime(insert), second.task, second.poster)), "23514")
      << "not the worker";
  EXPECT_EQ(attempt(fmt::format(fmt::runtime(insert), second.task, second.worker)), "");
  EXPECT_EQ(attempt(fmt::format(fmt::runtime(insert), second.task, second.worker)), "23505")
      << "one open proof";
  const Job open = new_job();
  EXPECT_EQ(attempt(fmt::format(fmt::runtime(insert), open.task, open.worker)), "23514") << "no worker yet";
}

TEST_F(Holes, G13_one_open_dispute_and_a_final_resolution) {
  const Job job = job_in("DISPUTED");
  EXPECT_EQ(attempt(insert_dispute(job)), "23505");
  EXPECT_EQ(
      update("disputes", job.dispute, fmt::format("state = 'RESOLVED', resolved_by = '{}'", job.poster)),
      "23514");
  EXPECT_EQ(
      update("disputes", job.dispute, fmt::format("state = 'RESOLVED', resolved_by = '{}'", job.worker)),
      "23514");
  EXPECT_EQ(update("disputes", job.dispute, "resolution = 'SPLIT', outcome_escrow_action = 'RELEASE'"),
            "23514");
  EXPECT_EQ(update("disputes", job.dispute,
                   fmt::format("state = 'RESOLVED', resolution = 'SPLIT', outcome_escrow_action = 'SPLIT', "
                               "resolved_by = '{}'",
                               job.admin)),
            "");
  for (const char* change :
       {"state = 'OPEN'", "resolution = 'CLIENT_WINS'", "resolved_by = gen_random_uuid()",
        "resolved_at = now() + interval '1 s'", "outcome_escrow_action = 'REFUND'"}) {
    EXPECT_EQ(update("disputes", job.dispute, change), "23514") << change;
  }
}

TEST_F(Holes, dispute_parties_and_task_must_match) {
  Job job = job_in("PROOF_SUBMITTED");
  Job wrong = job;
  wrong.worker = job.admin;
  EXPECT_EQ(attempt(insert_dispute(wrong)), "23514");
  wrong = job;
  wrong.escrow = job_in("PROOF_SUBMITTED").escrow;
  EXPECT_EQ(attempt(insert_dispute(wrong)), "23514");
  EXPECT_EQ(attempt(insert_dispute(completed_job())), "HX001") << "a dispute precedes the final state";
  EXPECT_EQ(attempt(insert_dispute(job_in("CANCELLED"))), "HX001");
  EXPECT_EQ(attempt(insert_dispute(new_job())), "23514") << "no worker yet";
  EXPECT_EQ(attempt(insert_dispute(job)), "");
}

TEST_F(Holes, G14_worker_is_not_the_poster_and_never_changes) {
  const Job open = new_job();
  fund(open);
  EXPECT_EQ(update("tasks", open.task, fmt::format("state = 'ACCEPTED', worker_id = '{}'", open.poster)),
            "23514");
  EXPECT_EQ(update("tasks", open.task, fmt::format("worker_id = '{}'", open.worker)), "23514");
  EXPECT_EQ(update("tasks", open.task, "state = 'ACCEPTED'"), "23514") << "acceptance names the worker (Q18)";
  accept(open);
  EXPECT_EQ(update("tasks", open.task, fmt::format("worker_id = '{}'", open.admin)), "23514");
  EXPECT_EQ(update("tasks", open.task, "worker_id = NULL"), "23514");
}

TEST_F(Holes, G15_broadcast_needs_a_funded_escrow) {
  EXPECT_EQ(attempt(fmt::format("INSERT INTO tasks (poster_id, title, description, price, mode, "
                                "live_broadcast_started_at) VALUES ('{}', 't', 'd', 1500, 'LIVE', now())",
                                new_user())),
            "HX901");
  const Job job = new_job({.mode = "LIVE"});
  EXPECT_EQ(update("tasks", job.task, "live_broadcast_started_at = now()"), "HX901");
  fund(job);
  EXPECT_EQ(update("tasks", job.task, "live_broadcast_started_at = now()"), "");
  const Job none = new_job({.mode = "LIVE", .with_escrow = false});
  EXPECT_EQ(update("tasks", none.task, "live_broadcast_started_at = now()"), "HX901");
}

TEST_F(Holes, G17_split_is_final_and_adds_up) {
  const Job job = job_in("DISPUTED");
  EXPECT_EQ(update("escrows", job.escrow, "state = 'REFUND_PARTIAL'"), "HX005");
  EXPECT_EQ(update("escrows", job.escrow, "state = 'REFUND_PARTIAL', refund_amount = 5000"), "HX005");
  EXPECT_EQ(update("escrows", job.escrow, "state = 'REFUND_PARTIAL', refund_amount = 1, release_amount = 2"),
            "HX006");
  EXPECT_EQ(update("escrows", job.escrow, "refund_amount = 1"), "23514") << "amounts only in a split";
  EXPECT_EQ(
      update("escrows", job.escrow, "state = 'REFUND_PARTIAL', refund_amount = -1, release_amount = 5001"),
      "23514");
  EXPECT_EQ(
      update("escrows", job.escrow, "state = 'REFUND_PARTIAL', refund_amount = 1999, release_amount = 3001"),
      "");
  EXPECT_EQ(update("escrows", job.escrow, "refund_amount = 2000, release_amount = 3000"), "HX002");
}

TEST_F(Holes, G19_every_column_of_a_final_task) {
  for (const char* state : {"COMPLETED", "CANCELLED", "EXPIRED"}) {
    const Job job = job_in(state);
    for (const char* change :
         {"deadline = now()", "requirements = 'x'", "location = 'x'", "category = 'moving'",
          "accepted_at = now() + interval '1 s'", "completed_at = now() + interval '1 s'",
          "cancelled_at = now() + interval '1 s'", "created_at = now() + interval '1 s'",
          "required_trust_tier = 4", "requires_proof = false"}) {
      EXPECT_EQ(update("tasks", job.task, change), "HX001") << state << ": " << change;
    }
  }
}

TEST_F(Holes, stripe_events_are_never_forgotten) {
  const std::string id = "evt_" + new_user();
  run(
      fmt::format("INSERT INTO processed_stripe_events (event_id, event_type, result) "
                  "VALUES ('{}', 'payment_intent.succeeded', 'applied')",
                  id));
  EXPECT_EQ(attempt("DELETE FROM processed_stripe_events WHERE event_id = '" + id + "'"), "23514");
  EXPECT_EQ(
      attempt("UPDATE processed_stripe_events SET event_id = 'evt_other' WHERE event_id = '" + id + "'"),
      "23514");
  EXPECT_EQ(attempt("UPDATE processed_stripe_events SET result = 'ignored' WHERE event_id = '" + id + "'"),
            "");
}

TEST_F(Holes, an_intention_to_pay_is_kept_until_it_is_carried_out) {
  const std::string id = value(
      "INSERT INTO outbox_events (aggregate_type, aggregate_id, event_name, idempotency_key) "
      "VALUES ('escrow', gen_random_uuid(), 'payout', 'tr:' || gen_random_uuid()) RETURNING id");
  EXPECT_EQ(attempt("DELETE FROM outbox_events WHERE id = '" + id + "'"), "23514");
  EXPECT_EQ(update("outbox_events", id, "idempotency_key = 'tr:other'"), "23514");
  EXPECT_EQ(
      attempt("INSERT INTO outbox_events (aggregate_type, aggregate_id, event_name, idempotency_key) SELECT "
              "aggregate_type, aggregate_id, event_name, idempotency_key FROM outbox_events WHERE id = '" +
              id + "'"),
      "23505");
  EXPECT_EQ(update("outbox_events", id, "status = 'processed', attempts = 1, processed_at = now()"), "");
  EXPECT_EQ(attempt("DELETE FROM outbox_events WHERE id = '" + id + "'"), "")
      << "purge of what was carried out";
}

TEST_F(Holes, ratings_are_immutable) {
  const Job job = completed_job();
  const std::string id = value(fmt::format(
      "INSERT INTO task_ratings (task_id, rater_id, ratee_id, stars) VALUES ('{}', '{}', '{}', 5) "
      "RETURNING id",
      job.task, job.poster, job.worker));
  EXPECT_EQ(update("task_ratings", id, "stars = 1"), "HX809");
  EXPECT_EQ(update("task_ratings", id, "comment = 'late'"), "HX809");
  EXPECT_EQ(attempt("DELETE FROM task_ratings WHERE id = '" + id + "'"), "HX809");
  EXPECT_EQ(update("task_ratings", id, "is_blind = false"), "") << "RATE-8: revealed later";
  EXPECT_EQ(value("SELECT avg_rating FROM user_rating_summary WHERE user_id = '" + job.worker + "'"), "5.00");
}

}  // namespace
}  // namespace sql_test
