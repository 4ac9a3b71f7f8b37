// A migrated private database for the SQL tests, and the legal steps of a task as plain statements. Every
// test works on its own users and tasks, so all tests of one process share one database.
#pragma once

#include <gtest/gtest.h>

#include <pqxx/pqxx>
#include <string>
#include <string_view>

namespace sql_test {

const std::string& database_url();          // a database with all migrations applied
std::string empty_database_url();           // a new empty database on the same server
std::string admin_url();                    // the server's database that new ones are created from
const std::string& migrations_directory();  // of the repository

// The SQLSTATE with which the statements fail (in a transaction of their own), "" when they succeed.
std::string sqlstate_of(pqxx::connection& database, const std::string& sql);

// The ids of one task and those around it; a field is empty until the step that creates it.
struct Job {
  std::string poster, worker, admin;
  std::string task, escrow, proof, dispute;
};

struct JobOptions {
  std::string mode = "STANDARD";
  int price = 5000;
  bool requires_proof = true;
  bool with_escrow = true;
};

class SqlTest : public testing::Test {
 protected:
  SqlTest() : database_(database_url()) {}

  // Runs statements that must succeed.
  void run(const std::string& sql);
  // The first column of the first row.
  std::string value(const std::string& sql);
  std::string state_of(std::string_view table, const std::string& id);
  std::string attempt(const std::string& sql) { return sqlstate_of(database_, sql); }

  std::string new_user();
  Job new_job(const JobOptions& options = {});  // OPEN task, PENDING escrow
  void add_escrow(Job& job);
  void fund(const Job& job);
  void accept(const Job& job);
  std::string new_proof(const Job& job, int photos);  // PENDING
  void submit(Job& job);                              // proof SUBMITTED, task PROOF_SUBMITTED
  void approve(const Job& job);                       // proof ACCEPTED
  void reject(const Job& job);                        // proof REJECTED, task ACCEPTED
  void complete(const Job& job);
  void release(const Job& job);
  void dispute(Job& job);  // dispute OPEN, task DISPUTED, escrow LOCKED_DISPUTE
  void set_state(std::string_view table, const std::string& id, std::string_view state);

  // Walked by legal steps to the named state, the escrow along with it (state-machines.md §5).
  Job job_in(const std::string& task_state, const JobOptions& options = {});
  Job completed_job() { return job_in("COMPLETED"); }
  Job released_job();

  pqxx::connection database_;
};

std::string update_state(std::string_view table, const std::string& id, std::string_view state);
std::string insert_photo(const std::string& proof, int number);
std::string insert_xp(const Job& job, const std::string& user, const std::string& task);
std::string insert_dispute(const Job& job);

}  // namespace sql_test
