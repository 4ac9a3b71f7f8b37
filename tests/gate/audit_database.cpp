#include "tests/gate/audit_database.h"

#include <pqxx/pqxx>

#include <fmt/format.h>

#include "loadgen/environment/clone.h"
#include "loadgen/environment/environment.h"
#include "loadgen/environment/postgres.h"

namespace gate_test {
namespace {

std::string id(char kind, int n) {
  return fmt::format("{0}0000000-0000-4000-8000-{1:012d}", kind, n);
}

// Tables that the auditor knows but the money core does not have, with the columns it reads.
constexpr const char* kOtherTables = R"(
CREATE TABLE task_messages (id uuid, task_id uuid, sender_id uuid, receiver_id uuid, content text, photo_urls text[],
                            created_at timestamptz);
)";

// A photo with its upload and binding, and a fix an hour after the one before.
std::string evidence(int n) {
  return fmt::format(
      "INSERT INTO proof_photos (proof_id, storage_key, content_type, file_size_bytes, checksum_sha256)"
      " VALUES ('{0}', 'proofs/{0}', 'image/jpeg', 1000, encode(sha256('{0}'::bytea), 'hex'));"
      "INSERT INTO proof_uploads (storage_key, task_id, user_id, photo_type, content_type, file_size_bytes,"
      " checksum_sha256, expires_at, proof_id) VALUES ('proofs/{0}', '{1}', '{2}', 'result', 'image/jpeg', "
      "1000, encode(sha256('{0}'::bytea), 'hex'), now(), '{0}');"
      "INSERT INTO photo_bindings (checksum_sha256, task_id, worker_id, proof_id)"
      " VALUES (encode(sha256('{0}'::bytea), 'hex'), '{1}', '{2}', '{0}');"
      "INSERT INTO proof_locations (proof_id, user_id, latitude, longitude, accuracy_m, captured_at, "
      "received_at, repeats, zone, risk_hundredths, manual_review) VALUES ('{0}', '{2}', 47.60{3}2437, "
      "-122.3321519, 8.3, now() + interval '{3} hours', now() + interval '{3} hours', 1, 'downtown', 0, "
      "false);",
      proof(n), task(n), user(1), n + 1);
}

// 0: completed and paid. 1: split. 2: accepted, one proof rejected. 3: open, unpaid. 4: disputed. 5: LIVE,
// funded.
std::string story() {
  std::string sql = "SET session_replication_role = replica;";
  for (int n = 0; n < 3; ++n) {
    sql += fmt::format(
        "INSERT INTO users (id, email, full_name, stripe_connect_id) VALUES ('{}', 'u{}@example.invalid', "
        "'U', 'acct_{}');",
        user(n), n, n);
  }
  sql += fmt::format("UPDATE users SET xp_total = 50, trust_tier = 2 WHERE id = '{}';", user(1));
  sql += fmt::format(
      "INSERT INTO trust_ledger (user_id, old_tier, new_tier, reason, changed_by) VALUES ('{}', 1, 2, "
      "'PROMOTION', 'system');",
      user(1));
  const char* states[] = {"COMPLETED", "CANCELLED", "ACCEPTED", "OPEN", "DISPUTED", "OPEN"};
  const char* escrows[] = {"RELEASED", "REFUND_PARTIAL", "FUNDED", "PENDING", "LOCKED_DISPUTE", "FUNDED"};
  for (int n = 0; n < 6; ++n) {
    const bool taken = n != 3 && n != 5;
    sql += fmt::format(
        "INSERT INTO tasks (id, poster_id, worker_id, title, description, price, state, mode, accepted_at, "
        "completed_at, cancelled_at)"
        " VALUES ('{}', '{}', {}, 't', 'd', 5000, '{}', '{}', {}, {}, {});",
        task(n), user(0), taken ? "'" + user(1) + "'" : "NULL", states[n], n == 5 ? "LIVE" : "STANDARD",
        taken ? "now()" : "NULL", n == 0 ? "now()" : "NULL", n == 1 ? "now()" : "NULL");
    sql += fmt::format(
        "INSERT INTO escrows (id, task_id, amount, state, funded_at, stripe_payment_intent_id, released_at, "
        "refunded_at,"
        " release_amount, refund_amount) VALUES ('{}', '{}', 5000, '{}', {}, {}, {}, {}, {}, {});",
        escrow(n), task(n), escrows[n], n == 3 ? "NULL" : "now()",
        n == 3 ? "NULL" : fmt::format("'pi_{}'", n), n == 0 ? "now()" : "NULL", n == 1 ? "now()" : "NULL",
        n == 1 ? "3000" : "NULL", n == 1 ? "2000" : "NULL");
  }
  const char* proofs[] = {"ACCEPTED", "REJECTED", "REJECTED"};
  for (int n = 0; n < 3; ++n) {
    sql += fmt::format(
        "INSERT INTO proofs (id, task_id, submitter_id, state, reviewed_by, reviewed_at, rejection_reason)"
        " VALUES ('{0}', '{1}', '{2}', '{3}', '{4}', now(), 'r');",
        proof(n), task(n), user(1), proofs[n], user(0));
    sql += evidence(n);
  }
  sql += fmt::format(
      "INSERT INTO xp_ledger (user_id, task_id, escrow_id, base_xp, effective_xp, user_xp_before, "
      "user_xp_after,"
      " user_level_before, user_level_after, user_streak_at_award) VALUES ('{}', '{}', '{}', 50, 50, 0, 50, "
      "1, 1, 1);",
      user(1), task(0), escrow(0));
  for (const int n : {1, 4}) {
    sql += fmt::format(
        "INSERT INTO disputes (id, task_id, escrow_id, initiated_by, poster_id, worker_id, state, reason, "
        "description,"
        " resolution, outcome_escrow_action, resolved_by, resolved_at) VALUES ('{}', '{}', '{}', '{}', '{}', "
        "'{}', '{}', 'other', 'd', {});",
        dispute(n), task(n), escrow(n), user(1), user(0), user(1), n == 1 ? "RESOLVED" : "OPEN",
        n == 1 ? "'SPLIT', 'SPLIT', '" + user(2) + "', now()" : "NULL, NULL, NULL, NULL");
  }
  sql += fmt::format(
      "INSERT INTO admin_actions (admin_user_id, admin_role, action_type, action_details, target_dispute_id, "
      "result)"
      " VALUES ('{}', 'admin', 'dispute_resolve', '{{}}', '{}', 'success');",
      user(2), dispute(1));
  sql += fmt::format("INSERT INTO badges (user_id, badge_type, badge_tier) VALUES ('{}', 'first-task', 1);",
                     user(1));
  return sql;
}

// A foreign schema may lack any constraint, so no constraint may stand in the way of a planted violation.
constexpr const char* kNoConstraints = R"(
DO $$ DECLARE c record; BEGIN
  FOR c IN SELECT conrelid::regclass::text AS owner, conname FROM pg_constraint
            WHERE contype IN ('c', 'u') AND connamespace = 'public'::regnamespace AND conrelid <> 0 LOOP
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I CASCADE', c.owner, c.conname);
  END LOOP;
  FOR c IN SELECT i.indexrelid::regclass::text AS name FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid
            WHERE i.indisunique AND NOT i.indisprimary AND t.relnamespace = 'public'::regnamespace LOOP
    EXECUTE 'DROP INDEX ' || c.name;
  END LOOP;
END $$)";

struct Cluster {
  Cluster() : postgres(loadgen::start_migrated_postgres(HUSTLE_SERVER_BINARY)) {
    pqxx::connection connection(postgres.url());
    pqxx::nontransaction work(connection);
    work.exec(kOtherTables);
    work.exec(story());
  }
  loadgen::Postgres postgres;
};

void in_database(const Cluster& cluster, const std::string& database, const std::string& sql) {
  pqxx::connection connection(loadgen::with_database(cluster.postgres.url(), database));
  pqxx::nontransaction(connection).exec(sql);
}

Cluster& cluster() {
  static Cluster shared;  // one server for all tests of the process
  static const bool bare = [] {
    in_database(shared, "template1", "CREATE DATABASE hustle_bare TEMPLATE hustle");
    in_database(shared, "hustle_bare", kNoConstraints);
    return true;
  }();
  static_cast<void>(bare);
  return shared;
}

void on_template_side(const std::string& sql) {
  in_database(cluster(), "template1", sql);
}

}  // namespace

std::string user(int n) {
  return id('a', n);
}
std::string task(int n) {
  return id('b', n);
}
std::string escrow(int n) {
  return id('c', n);
}
std::string proof(int n) {
  return id('d', n);
}
std::string dispute(int n) {
  return id('e', n);
}

AuditDatabase::AuditDatabase(Guards guards) {
  static int counter = 0;
  name_ = fmt::format("audit_{}", counter++);
  const std::string base = cluster().postgres.url();
  on_template_side("CREATE DATABASE " + name_ + " TEMPLATE " +
                   (guards == Guards::kept ? "hustle" : "hustle_bare"));
  url_ = loadgen::with_database(base, name_);
}

AuditDatabase::~AuditDatabase() {
  on_template_side("DROP DATABASE " + name_ + " WITH (FORCE)");
}

void AuditDatabase::plant(const std::string& sql) const {
  pqxx::connection connection(url_);
  pqxx::nontransaction work(connection);
  work.exec("SET session_replication_role = replica");
  work.exec(sql);
}

}  // namespace gate_test
