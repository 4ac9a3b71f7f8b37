#include "tests/sql/database_fixture.h"

#include <fmt/format.h>

#include <atomic>
#include <vector>

#include "loadgen/environment/postgres.h"
#include "reference_server/migrate.h"

namespace sql_test {
namespace {

struct Server {
  loadgen::Postgres postgres;
  std::string migrated;

  Server() : postgres(start()), migrated(postgres.url()) {}

  static loadgen::Postgres start() {
    std::vector<std::string> parts = {"sql tests"};
    for (const server::MigrationFile& file : server::load_migrations(migrations_directory())) {
      parts.push_back(file.name);
      parts.push_back(file.checksum);
    }
    loadgen::PostgresOptions options;
    options.settings = {"deadlock_timeout=50ms"};  // crossing locks on purpose: find them at once
    options.template_key = "sql-tests-" + loadgen::fingerprint(parts);
    options.prepare = [](const std::string& url) { server::migrate(url, migrations_directory()); };
    return loadgen::Postgres::start(options);
  }
};

Server& test_server() {
  static Server server;  // ends with the process
  return server;
}

}  // namespace

const std::string& migrations_directory() {
  static const std::string directory = HUSTLE_SOURCE_DIR "/reference_server/migrations";
  return directory;
}

const std::string& database_url() {
  return test_server().migrated;
}

std::string admin_url() {
  return test_server().postgres.url();
}

std::string empty_database_url() {
  static std::atomic<int> number = 0;
  const std::string name = fmt::format("empty_{}", ++number);
  pqxx::connection admin(admin_url());
  pqxx::nontransaction(admin).exec("CREATE DATABASE " + name + " TEMPLATE template0");
  const std::string url = admin_url();
  return url.substr(0, url.rfind('/') + 1) + name;
}

std::string sqlstate_of(pqxx::connection& database, const std::string& sql) {
  try {
    pqxx::work work(database);
    work.exec(sql);
    work.commit();
    return "";
  } catch (const pqxx::sql_error& error) {
    return error.sqlstate();
  }
}

std::string update_state(std::string_view table, const std::string& id, std::string_view state) {
  return fmt::format("UPDATE {} SET state = '{}' WHERE id = '{}'", table, state, id);
}

std::string insert_photo(const std::string& proof, int number) {
  return fmt::format(
      "INSERT INTO proof_photos (proof_id, storage_key, content_type, file_size_bytes, checksum_sha256, "
      "sequence_number) VALUES ('{}', 'photos/{}', 'image/jpeg', 1000, "
      "encode(sha256(random()::text::bytea), 'hex'), {})",
      proof, number, number);
}

std::string insert_xp(const Job& job, const std::string& user, const std::string& task) {
  return fmt::format(
      "INSERT INTO xp_ledger (user_id, task_id, escrow_id, base_xp, effective_xp, user_xp_before, "
      "user_xp_after, "
      "user_level_before, user_level_after, user_streak_at_award) VALUES ('{}', '{}', '{}', 50, 50, 0, 50, "
      "1, 1, 1)",
      user, task, job.escrow);
}

std::string insert_dispute(const Job& job) {
  return fmt::format(
      "INSERT INTO disputes (task_id, escrow_id, initiated_by, poster_id, worker_id, reason, description) "
      "VALUES ('{}', '{}', '{}', '{}', '{}', 'QUALITY_ISSUE', 'not as agreed')",
      job.task, job.escrow, job.poster, job.poster, job.worker);
}

void SqlTest::run(const std::string& sql) {
  const std::string failed = attempt(sql);
  ASSERT_EQ(failed, "") << sql;
}

std::string SqlTest::value(const std::string& sql) {
  pqxx::work work(database_);
  const pqxx::result rows = work.exec(sql);
  work.commit();
  return rows.empty() || rows[0][0].is_null() ? "" : rows[0][0].as<std::string>();
}

std::string SqlTest::state_of(std::string_view table, const std::string& id) {
  return value(fmt::format("SELECT state FROM {} WHERE id = '{}'", table, id));
}

std::string SqlTest::new_user() {
  return value(
      "INSERT INTO users (email, full_name) VALUES (gen_random_uuid() || '@example.invalid', 'Test') "
      "RETURNING id");
}

Job SqlTest::new_job(const JobOptions& options) {
  Job job{new_user(), new_user(), new_user(), {}, {}, {}, {}};
  job.task =
      value(fmt::format("INSERT INTO tasks (poster_id, title, description, price, mode, requires_proof) "
                        "VALUES ('{}', 'Move a sofa', 'Two floors', {}, '{}', {}) RETURNING id",
                        job.poster, options.price, options.mode, options.requires_proof));
  if (options.with_escrow) add_escrow(job);
  return job;
}

void SqlTest::add_escrow(Job& job) {
  job.escrow = value(fmt::format(
      "INSERT INTO escrows (task_id, amount) SELECT id, price FROM tasks WHERE id = '{}' RETURNING id",
      job.task));
}

void SqlTest::set_state(std::string_view table, const std::string& id, std::string_view state) {
  run(update_state(table, id, state));
}

void SqlTest::fund(const Job& job) {
  run(fmt::format(
      "UPDATE escrows SET state = 'FUNDED', stripe_payment_intent_id = 'pi_' || id WHERE id = '{}'",
      job.escrow));
}

void SqlTest::accept(const Job& job) {
  run(fmt::format("UPDATE tasks SET state = 'ACCEPTED', worker_id = '{}' WHERE id = '{}'", job.worker,
                  job.task));
}

std::string SqlTest::new_proof(const Job& job, int photos) {
  std::string proof = value(fmt::format(
      "INSERT INTO proofs (task_id, submitter_id, description) VALUES ('{}', '{}', 'done') RETURNING id",
      job.task, job.worker));
  for (int number = 1; number <= photos; ++number) run(insert_photo(proof, number));
  return proof;
}

void SqlTest::submit(Job& job) {
  job.proof = new_proof(job, 1);
  set_state("proofs", job.proof, "SUBMITTED");
  set_state("tasks", job.task, "PROOF_SUBMITTED");
}

void SqlTest::approve(const Job& job) {
  run(fmt::format("UPDATE proofs SET state = 'ACCEPTED', reviewed_by = '{}' WHERE id = '{}'", job.poster,
                  job.proof));
}

void SqlTest::reject(const Job& job) {
  run(
      fmt::format("UPDATE proofs SET state = 'REJECTED', reviewed_by = '{}', rejection_reason = 'blurred' "
                  "WHERE id = '{}'",
                  job.poster, job.proof));
  set_state("tasks", job.task, "ACCEPTED");
}

void SqlTest::complete(const Job& job) {
  set_state("tasks", job.task, "COMPLETED");
}
void SqlTest::release(const Job& job) {
  set_state("escrows", job.escrow, "RELEASED");
}

void SqlTest::dispute(Job& job) {
  job.dispute = value(insert_dispute(job) + " RETURNING id");
  set_state("tasks", job.task, "DISPUTED");
  set_state("escrows", job.escrow, "LOCKED_DISPUTE");
}

Job SqlTest::job_in(const std::string& task_state, const JobOptions& options) {
  Job job = new_job(options);
  if (task_state == "OPEN") return job;
  if (task_state == "CANCELLED" || task_state == "EXPIRED") {
    set_state("tasks", job.task, task_state);
    if (options.with_escrow) set_state("escrows", job.escrow, "REFUNDED");
    return job;
  }
  if (options.with_escrow) fund(job);
  accept(job);
  if (task_state == "ACCEPTED") return job;
  submit(job);
  if (task_state == "PROOF_SUBMITTED") return job;
  if (task_state == "DISPUTED") {
    dispute(job);
    return job;
  }
  approve(job);
  complete(job);
  return job;
}

Job SqlTest::released_job() {
  Job job = completed_job();
  release(job);
  return job;
}

}  // namespace sql_test
