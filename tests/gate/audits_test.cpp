// Every query of the auditor fires on a planted violation and is silent on a clean database.
#include <gtest/gtest.h>

#include <algorithm>

#include <fmt/format.h>

#include "loadgen/audits.h"
#include "loadgen/database.h"
#include "tests/gate/audit_database.h"

namespace {

using namespace gate_test;
using loadgen::AuditTime;
using model::Verdict;

struct Plant {
  std::string id;
  std::string sql;
};

std::string xp(const std::string& who, int which_task, int which_escrow, const std::string& rest) {
  return fmt::format(
      "INSERT INTO xp_ledger (user_id, task_id, escrow_id, base_xp, effective_xp, user_xp_before, "
      "user_xp_after,"
      " user_level_before, user_level_after, user_streak_at_award) VALUES ('{}', '{}', '{}', {})",
      who, task(which_task), escrow(which_escrow), rest);
}

std::vector<Plant> money_plants() {
  return {
      {"Q01", xp(user(1), 2, 2, "50, 50, 50, 100, 1, 2, 1")},
      {"Q02",
       fmt::format("UPDATE escrows SET state = 'RELEASED', released_at = now() WHERE id = '{}'", escrow(2))},
      {"Q03", fmt::format("UPDATE proofs SET state = 'REJECTED' WHERE id = '{}'", proof(0))},
      {"Q04", fmt::format("UPDATE escrows SET amount = 4999 WHERE id = '{}'", escrow(3))},
      {"Q04", fmt::format("UPDATE tasks SET price = 5001 WHERE id = '{}'", task(2))},
      {"Q05", xp(user(1), 0, 0, "50, 47, 50, 97, 1, 1, 1")},
      {"Q06", fmt::format("UPDATE escrows SET refund_amount = 1999 WHERE id = '{}'", escrow(1))},
      {"Q06", fmt::format("UPDATE escrows SET refund_amount = 5 WHERE id = '{}'", escrow(2))},
      {"Q07",
       fmt::format("UPDATE escrows SET state = 'REFUNDED', refunded_at = now() WHERE id = '{}'", escrow(2))},
      {"Q07", fmt::format("DELETE FROM escrows WHERE id = '{}'", escrow(2))},
      {"Q08", fmt::format("UPDATE users SET xp_total = 51 WHERE id = '{}'", user(1))},
      {"Q08", fmt::format("UPDATE users SET current_level = 2 WHERE id = '{}'", user(1))},
      {"Q09", "UPDATE xp_ledger SET user_xp_before = 1, user_xp_after = 51"},
      {"Q09", "UPDATE xp_ledger SET user_level_after = 2"},
      {"Q10", fmt::format("UPDATE xp_ledger SET user_id = '{}'", user(0))},
      {"Q10", fmt::format("UPDATE xp_ledger SET task_id = '{}'", task(2))},
      {"Q11", "UPDATE xp_ledger SET effective_xp = 51, user_xp_after = 51"},
      {"Q11", "UPDATE xp_ledger SET streak_multiplier = 1.10"},
      {"Q11", "UPDATE xp_ledger SET decay_factor = 0.9999"},
      {"Q12", "DELETE FROM xp_ledger"},
      {"Q13", fmt::format("UPDATE escrows SET funded_at = NULL WHERE id = '{}'", escrow(2))},
      {"Q13", fmt::format("UPDATE escrows SET stripe_payment_intent_id = NULL WHERE id = '{}'", escrow(0))},
  };
}

std::vector<Plant> people_plants() {
  return {
      {"Q14", fmt::format("INSERT INTO disputes SELECT gen_random_uuid(), task_id, escrow_id, initiated_by, "
                          "poster_id, worker_id,"
                          " state, reason, description FROM disputes WHERE id = '{}'",
                          dispute(4))},
      {"Q15", fmt::format("UPDATE tasks SET state = 'ACCEPTED' WHERE id = '{}'", task(4))},
      {"Q15", fmt::format("UPDATE tasks SET state = 'DISPUTED' WHERE id = '{}'", task(2))},
      {"Q16", fmt::format("UPDATE disputes SET resolution = 'CLIENT_WINS' WHERE id = '{}'", dispute(1))},
      {"Q16", fmt::format("UPDATE disputes SET outcome_escrow_action = NULL WHERE id = '{}'", dispute(1))},
      {"Q17", "DELETE FROM admin_actions"},
      {"Q17", fmt::format("UPDATE disputes SET resolved_by = '{}' WHERE id = '{}'", user(0), dispute(1))},
      {"Q18", fmt::format("UPDATE tasks SET worker_id = poster_id WHERE id = '{}'", task(2))},
      {"Q18", fmt::format("UPDATE tasks SET worker_id = NULL WHERE id = '{}'", task(2))},
      {"Q19", fmt::format("UPDATE proofs SET submitter_id = '{}' WHERE id = '{}'", user(2), proof(0))},
      {"Q19", fmt::format("UPDATE proofs SET reviewed_by = submitter_id WHERE id = '{}'", proof(0))},
      {"Q19", fmt::format("UPDATE proofs SET rejection_reason = '' WHERE id = '{}'", proof(2))},
      {"Q20", "DELETE FROM proof_photos"},
      {"Q20", fmt::format("INSERT INTO proof_photos (proof_id, storage_key, content_type, file_size_bytes, "
                          "checksum_sha256, sequence_number)"
                          " SELECT '{}', 'k', 'image/jpeg', 1, 'c', n FROM generate_series(2, 6) n",
                          proof(0))},
  };
}

// Of a payout whose last attempt was just now.
std::string retry_row(const std::string& status_attempts_and_next) {
  return fmt::format(
      "INSERT INTO transfer_retry_queue (escrow_id, task_id, worker_id, amount, last_attempt_at, status,"
      " attempt_count, next_retry_at) VALUES ('{}', '{}', '{}', 4250, now(), {})",
      escrow(0), task(0), user(1), status_attempts_and_next);
}

std::vector<Plant> other_plants() {
  const std::string profile =
      "INSERT INTO capability_profiles (location_state, user_id, risk_clearance, trust_tier, "
      "insurance_valid, "
      "background_check_valid) VALUES ('WA', '" +
      user(1) + "', ";
  return {
      {"Q21", fmt::format("UPDATE tasks SET price = 1400 WHERE id = '{}'", task(5))},
      {"Q21", fmt::format("UPDATE tasks SET mode = 'LIVE', live_broadcast_started_at = now() WHERE id = '{}'",
                          task(3))},
      {"Q22", fmt::format("UPDATE users SET trust_tier = 3 WHERE id = '{}'", user(1))},
      {"Q22", fmt::format("UPDATE users SET trust_tier = 2 WHERE id = '{}'", user(0))},
      {"Q23",
       fmt::format("INSERT INTO trust_ledger (user_id, old_tier, new_tier, reason, changed_by, changed_at)"
                   " VALUES ('{}', 1, 2, 'x', 'system', now() + interval '1 s')",
                   user(1))},
      {"Q24", profile + "ARRAY['low','medium','high'], 2, false, false)"},
      {"Q24", profile + "ARRAY['low'], 1, false, false)"},
      {"Q25",
       fmt::format("INSERT INTO license_verifications (id, user_id, status, expires_at, trade, state, "
                   "license_number, source) VALUES ('{0}', '{1}', 'expired', now() + interval '1 day', 'x', "
                   "'WA', '1', 'registry'); INSERT INTO verified_trades (id, user_id, profile_id, "
                   "license_verification_id, trade, state, verified_at, verification_method) VALUES ('{0}', "
                   "'{1}', '{0}', '{0}', 'x', 'WA', now(), 'test')",
                   task(9), user(1))},
      {"Q26", profile + "ARRAY['low','medium'], 2, true, false)"},
      {"Q26", profile + "ARRAY['low','medium'], 2, false, true)"},
      {"Q27", fmt::format("INSERT INTO task_messages VALUES ('{}', '{}', '{}', '{}', 'hi', NULL, now())",
                          task(9), task(2), user(2), user(0))},
      {"Q28", "ALTER TABLE escrows DISABLE TRIGGER escrow_terminal_guard"},
      {"Q28", "DROP TRIGGER xp_ledger_no_delete ON xp_ledger"},
      {"Q29",
       fmt::format("UPDATE escrows SET state = 'FUNDED', released_at = NULL WHERE id = '{}'", escrow(0))},
      {"Q30", fmt::format("UPDATE tasks SET completed_at = NULL WHERE id = '{}'", task(0))},
      {"Q30", fmt::format("UPDATE tasks SET accepted_at = NULL WHERE id = '{}'", task(2))},
      {"Q31",
       fmt::format(
           "INSERT INTO task_ratings (task_id, rater_id, ratee_id, stars) VALUES ('{}', '{}', '{}', 5)",
           task(2), user(0), user(1))},
      {"R01", retry_row("'PENDING', 5, now() + interval '2 days'")},
      {"R01", retry_row("'PENDING', 3, now() + interval '119 minutes'")},
      {"R01", retry_row("'PENDING', 1, NULL")},
      {"R01", retry_row("'FAILED_PERMANENT', 4, NULL")},
      {"U01",
       "ALTER TABLE processed_stripe_events DROP CONSTRAINT processed_stripe_events_pkey;"
       "INSERT INTO processed_stripe_events (event_id, event_type, result) VALUES ('evt_1', 'x', 'applied'), "
       "('evt_1', 'x', 'applied')"},
      {"U02", fmt::format("INSERT INTO escrows (task_id, amount) VALUES ('{}', 5000)", task(3))},
      {"U03",
       "INSERT INTO badges (user_id, badge_type, badge_tier) SELECT user_id, badge_type, badge_tier FROM "
       "badges"},
      {"U04", fmt::format("INSERT INTO proofs (task_id, submitter_id, state) SELECT '{}', '{}', 'SUBMITTED' "
                          "FROM generate_series(1, 2)",
                          task(2), user(1))},
  };
}

std::vector<Plant> photo_plants() {
  const std::string first = fmt::format(" WHERE proof_id = '{}'", proof(0));
  return {
      {"F01",
       fmt::format("UPDATE proof_photos SET checksum_sha256 = encode(sha256('{}'::bytea), 'hex')", proof(1)) +
           first},
      {"F02", "DELETE FROM photo_bindings" + first},
      {"F02", fmt::format("UPDATE photo_bindings SET task_id = '{}'", task(2)) + first},
      {"F03", fmt::format("UPDATE proof_uploads SET user_id = '{}'", user(2)) + first},
      {"F03", "UPDATE proof_uploads SET checksum_sha256 = repeat('0', 64)" + first},
      {"F03", "UPDATE proof_photos SET storage_key = 'http://169.254.169.254/'" + first},
      {"F04", "DELETE FROM proof_photos" + first},
      {"F05", "UPDATE proof_photos SET file_size_bytes = 10485761" + first},
      {"F05", "UPDATE proof_photos SET content_type = 'application/x-msdownload'" + first},
      {"F06", fmt::format("INSERT INTO proofs (task_id, submitter_id, state) SELECT '{}', '{}', 'REJECTED' "
                          "FROM generate_series(1, 3)",
                          task(0), user(1))},
      {"F07", "UPDATE proof_photos SET capture_time = now() - interval '1 day'" + first},
      {"F07", fmt::format("UPDATE proofs SET submitted_at = now() + interval '302 s' WHERE id = '{}'; UPDATE "
                          "proof_photos SET capture_time = now()",
                          proof(0)) +
                  first},
      {"F08", fmt::format("UPDATE tasks SET category = 'cleaning' WHERE id = '{}'", task(0))},
      {"F08", "UPDATE proof_uploads SET photo_type = 'before'" + first},
  };
}

std::vector<Plant> fix_plants() {
  const std::string first = fmt::format(" WHERE proof_id = '{}'", proof(0));
  const std::string second = fmt::format(" WHERE proof_id = '{}'", proof(1));
  const auto signal = [](const char* kind) {
    return fmt::format(
        "INSERT INTO fraud_events (user_id, proof_id, kind, weight_hundredths) VALUES ('{}', "
        "'{}', '{}', 0)",
        user(1), proof(1), kind);
  };
  return {
      {"F11", "UPDATE proof_locations SET accuracy_m = 100.1" + first},
      {"F11", "UPDATE proof_locations SET latitude = 47.7341001" + first},
      {"F11", "UPDATE proof_locations SET captured_at = received_at + interval '1 ms'" + first},
      {"F12",
       fmt::format("UPDATE tasks SET location_lat = 47.62, location_lng = -122.33 WHERE id = '{}'", task(0))},
      {"F12", "UPDATE proof_locations SET distance_m = 3" + first},
      {"F13", "UPDATE proof_locations SET captured_at = captured_at - interval '2 hours'" + second},
      {"F14", "UPDATE proof_locations SET zone = NULL" + first},
      {"F14",
       "UPDATE proof_locations SET latitude = 47.6625, longitude = -122.3625, zone = 'fremont'" + first},
      {"F15",
       "UPDATE proof_locations SET captured_at = captured_at - interval '59 minutes 59 seconds'" + second},
      {"F15", "UPDATE proof_locations SET accuracy_m = 50.1" + second},
      {"F15", "UPDATE proof_locations SET is_mock = true" + second},
      {"F15", "UPDATE proof_locations SET repeats = 4" + second},
      {"F15", "UPDATE proof_locations SET latitude = 47.6, longitude = -122.33" + second},
      {"F15", signal("impossible_travel")},
      {"F15", signal("zero_accuracy")},
      {"F16", "UPDATE proof_locations SET risk_hundredths = 15" + first},
      {"F16", "UPDATE proof_locations SET manual_review = true" + first},
      {"F16", signal("impossible_travel")},
      {"F17", "UPDATE proof_locations SET repeats = 2" + second},
  };
}

std::string moderated(const std::string& severity_status_decision_hours) {
  return fmt::format(
      "INSERT INTO content_moderation_queue (content_type, content_id, user_id, moderation_category,"
      " flagged_by, flagged_at, severity, status, review_decision, reviewed_by, reviewed_at, sla_deadline)"
      " SELECT 'profile', '{0}', '{0}', 'user_report', 'user_report', now(), v.severity, v.status, "
      "v.decision,"
      " v.reviewer::uuid, v.reviewed, now() + v.hours * interval '1 hour'"
      " FROM (VALUES ({1})) v(severity, status, decision, reviewer, reviewed, hours)",
      user(1), severity_status_decision_hours);
}

// What administrators decide twice over, or not alone.
std::vector<Plant> decision_plants() {
  const auto appealed = [](const std::string& status_by_at) {
    return moderated("'HIGH', 'rejected', 'reject', '" + user(2) + "', now(), 4") +
           fmt::format(
               "; INSERT INTO content_appeals (moderation_queue_id, original_decision, user_id,"
               " appeal_reason, deadline, status, reviewed_by, reviewed_at) SELECT id, 'reject', '{}',"
               " 'x', now() + interval '1 day', v.status, v.by, v.at FROM content_moderation_queue,"
               " (VALUES ({})) v(status, by, at)",
               user(1), status_by_at);
  };
  return {
      {"N07", appealed("'pending', gen_random_uuid()::text::uuid, now()")},
      {"N07", appealed("'upheld', NULL::uuid, NULL::timestamptz")},
      {"N08", appealed("'overturned', '" + user(2) + "'::uuid, now()")},
      {"N09",
       fmt::format("INSERT INTO fraud_risk_scores (entity_type, entity_id, risk_score, risk_level) VALUES "
                   "('user', '{}', 0.79, 'CRITICAL')",
                   user(1))},
      {"N10",
       fmt::format("UPDATE escrows SET amount = 50001, funded_at = now() WHERE id = '{0}'; INSERT INTO "
                   "admin_actions (admin_user_id, admin_role, action_type, action_details, target_escrow_id, "
                   "result) VALUES ('{1}', 'admin', 'escrow_release', '{{}}', '{0}', 'success')",
                   escrow(0), user(2))},
      {"N11",
       fmt::format(
           "INSERT INTO user_strikes (id, user_id, severity, source, source_event, reason) VALUES "
           "('{0}', '{0}', 1, 'manual', 'x', 'x'); INSERT INTO strike_removals (strike_id, removed_by, "
           "reason) VALUES ('{0}', '{0}', 'x')",
           user(1))},
  };
}

// Counters beside what they count, and what follows from a count.
std::vector<Plant> counter_plants() {
  const auto queued = [](const std::string& attempts_and_history) {
    return fmt::format(
        "INSERT INTO transfer_retry_queue (escrow_id, task_id, worker_id, amount, status, attempt_count,"
        " error_history) VALUES ('{}', '{}', '{}', 4250, 'SUCCEEDED', {})",
        escrow(0), task(0), user(1), attempts_and_history);
  };
  const auto reports = [](int count) {
    return fmt::format(
        "; INSERT INTO content_reports (content_type, content_id, reported_content_user_id, reporter_user_id,"
        " category) SELECT 'profile', '{0}', '{0}', gen_random_uuid(), 'x' FROM generate_series(1, {1})",
        user(1), count);
  };
  return {
      {"R02", queued("2, '[{\"code\": \"transfer_failed\"}]'")},
      {"R02", queued("0, '[{\"code\": \"transfer_failed\"}]'")},
      {"R03", queued("2, '[{\"transfer\": \"tr_1\"}, {\"transfer\": \"tr_1\"}]'")},
      {"R05", fmt::format("INSERT INTO transfer_retry_queue (escrow_id, task_id, worker_id, amount, status) "
                          "VALUES ('{}', '{}', '{}', 5000, 'SUCCEEDED')",
                          escrow(0), task(0), user(1))},
      {"R04",
       fmt::format("INSERT INTO outbox_events (aggregate_type, aggregate_id, event_name, idempotency_key,"
                   " status) VALUES ('escrow', '{}', 'payout', 'x', 'processed')",
                   escrow(0))},
      {"N01", moderated("'HIGH', 'pending', NULL, NULL, NULL::timestamptz, 24")},
      {"N02", moderated("'HIGH', 'approved', 'reject', '" + user(2) + "', now(), 4")},
      {"N02", moderated("'HIGH', 'rejected', 'reject', NULL, now(), 4")},
      {"N02", moderated("'HIGH', 'pending', 'approve', '" + user(2) + "', now(), 4")},
      {"N03", moderated("'MEDIUM', 'pending', NULL, NULL, NULL::timestamptz, 24") + reports(3)},
      {"N03", moderated("'MEDIUM', 'escalated', NULL, NULL, NULL::timestamptz, 24") + reports(2)},
      {"N04", "SELECT 1" + reports(1)},
      {"N05", fmt::format("UPDATE users SET suspended_until = now() WHERE id = '{}'", user(1))},
      {"N05", fmt::format("UPDATE users SET paused_at = now() WHERE id = '{}'", user(1))},
      {"N06", fmt::format("INSERT INTO beta_reservations VALUES ('{}', 4999, now())", escrow(2))},
      {"F18", fmt::format("INSERT INTO fraud_events (user_id, kind, weight_hundredths) VALUES ('{}', "
                          "'exif_missing', 1)",
                          user(1))},
      {"F18",
       fmt::format("INSERT INTO fraud_events (user_id, proof_id, kind, weight_hundredths) VALUES ('{}', "
                   "'{}', 'out_of_range', 40)",
                   user(1), proof(0))},
  };
}

std::vector<Plant> schema_plants() {
  return {{"S01", "DROP TRIGGER trust_ledger_no_update ON trust_ledger"},
          {"S01", "ALTER TABLE admin_actions DISABLE TRIGGER admin_actions_no_truncate"},
          {"S01", "DROP TRIGGER escrow_no_delete ON escrows"},
          {"S01", "DROP TRIGGER stripe_event_no_delete ON processed_stripe_events"},
          {"S02", "DROP TRIGGER dispute_insert_guard ON disputes"},
          {"S02", "DROP TRIGGER task_insert_guard ON tasks"},
          {"S02", "DROP TRIGGER trigger_proof_transition_guard ON proofs"},
          {"S03", "ALTER TABLE xp_ledger DROP CONSTRAINT xp_ledger_escrow_unique"},
          {"S03", "DROP INDEX disputes_one_open_per_task"},
          {"S04", "ALTER TABLE proofs DROP CONSTRAINT proofs_reviewer_is_not_submitter"},
          {"S04", "ALTER TABLE tasks DROP CONSTRAINT tasks_price_check"}};
}

std::vector<Plant> plants() {
  std::vector<Plant> all = money_plants();
  for (const auto& part : {people_plants(), other_plants(), photo_plants(), fix_plants(), decision_plants(),
                           counter_plants(), schema_plants()})
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

TEST(Audits, CleanDatabaseIsSilentAndEverythingWasAsked) {
  const AuditDatabase clean(Guards::kept);
  loadgen::Database database(clean.url());
  EXPECT_TRUE(database.missing_columns().empty());
  const auto results = database.audit(AuditTime::quiet);
  EXPECT_EQ(results.size(), loadgen::all_audits().size());
  EXPECT_EQ(results.size(), 31U + 40U) << "invariants.md has 31 queries, the others are ours";
  for (const auto& result : results) {
    EXPECT_EQ(result.verdict, Verdict::holds)
        << result.audit->id << " " << result.reason
        << (result.hits.empty() ? "" : result.hits[0].entity + " " + result.hits[0].detail);
  }
}

TEST(Audits, EveryQueryFiresOnItsPlantedViolation) {
  std::vector<std::string> fired;
  for (const Plant& plant : plants()) {
    const AuditDatabase planted(plant.id.starts_with('S') ? Guards::kept : Guards::dropped);
    planted.plant(plant.sql);
    loadgen::Database database(planted.url());
    for (const auto& result : database.audit(AuditTime::quiet)) {
      if (result.audit->id != plant.id) continue;
      EXPECT_EQ(result.verdict, Verdict::broken) << plant.id << ": " << plant.sql << " " << result.reason;
      EXPECT_GE(result.hit_count, 1U);
      if (!result.hits.empty()) EXPECT_FALSE(result.hits[0].entity.empty());
    }
    fired.push_back(plant.id);
  }
  for (const loadgen::Audit& audit : loadgen::all_audits()) {
    EXPECT_NE(std::ranges::find(fired, audit.id), fired.end()) << audit.id << " has no planted violation";
  }
}

TEST(Audits, DatabaseFunctionsAreNotTrusted) {
  const AuditDatabase planted;
  planted.plant(
      "CREATE OR REPLACE FUNCTION calculate_level(xp integer) RETURNS integer LANGUAGE sql AS 'SELECT 7';"
      "UPDATE users SET current_level = 7; UPDATE xp_ledger SET user_level_before = 7, user_level_after = 7");
  loadgen::Database database(planted.url());
  for (const auto& result : database.audit(AuditTime::any)) {
    if (result.audit->id == "Q08" || result.audit->id == "Q09") EXPECT_EQ(result.verdict, Verdict::broken);
  }
}

TEST(Audits, QuietAuditsAreLeftOutDuringTheRun) {
  const AuditDatabase planted;
  planted.plant("DELETE FROM xp_ledger; UPDATE users SET xp_total = 0");
  loadgen::Database database(planted.url());
  for (const auto& result : database.audit(AuditTime::any)) EXPECT_NE(result.audit->id, "Q12");
}

TEST(Audits, MissingTableIsUnknownWithReason) {
  const AuditDatabase planted;
  planted.plant(
      "DROP TABLE task_messages; ALTER TABLE task_ratings RENAME COLUMN is_auto_rated TO something_else");
  loadgen::Database database(planted.url());
  for (const auto& result : database.audit(AuditTime::any)) {
    if (result.audit->id != "Q27" && result.audit->id != "Q31") continue;
    EXPECT_EQ(result.verdict, Verdict::unknown);
    EXPECT_FALSE(result.reason.empty());
  }
}

TEST(Audits, DatabaseIsOnlyRead) {
  const AuditDatabase clean;
  loadgen::Database database(clean.url());
  EXPECT_THROW(database.query("UPDATE users SET full_name = 'x'"), std::runtime_error);
}

TEST(Audits, MissingColumnsAreNamed) {
  const AuditDatabase planted;
  planted.plant("ALTER TABLE escrows DROP COLUMN refund_amount CASCADE");
  loadgen::Database database(planted.url());
  EXPECT_EQ(database.missing_columns(), std::vector<std::string>{"escrows.refund_amount"});
}

}  // namespace
