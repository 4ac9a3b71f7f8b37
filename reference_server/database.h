// The bounded pool: N worker threads with one PostgreSQL connection each (operations.md §3). Work is
// submitted as closures; every statement is prepared once per connection and is a transaction of its own.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "model/vocabulary/codes.h"

namespace server {

// Thrown after the retries of decision 25 are used up, or when the database is gone. The text is for the log
// only: nothing of it may reach a client.
struct DatabaseTrouble : std::runtime_error {
  DatabaseTrouble(const std::string& what, std::string state)
      : std::runtime_error(what), sqlstate(std::move(state)) {}
  std::string sqlstate;  // empty when the connection failed
};

// error-codes.md §1: what a client sees of a failed statement.
model::Code code_of_trouble(const DatabaseTrouble& trouble);

// Decision 25: which failures are tried again, how long, and the jittered pause before the next attempt.
bool is_retried(const std::string& sqlstate);
// After this many attempts, the first of which failed then; false: a client sees INTERNAL_ERROR. Of a crowd
// at one row one call gets through in each round, so that a number of attempts alone would turn the last ones
// away however healthy the database is.
bool may_try_again(int attempts, std::chrono::steady_clock::time_point first_failure);
std::chrono::microseconds retry_pause(int attempt);

struct Statement {
  std::string_view name;  // names the prepared statement; one name, one text
  std::string_view sql;   // answers one row with one column
};

class Session {  // one connection, one thread at a time
 public:
  Session(std::string url, std::chrono::milliseconds statement_timeout);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Runs the statement, connecting when needed, retrying 40001 and 40P01 with a jittered backoff. Answers the
  // first column of the first row, "" for NULL or no row. Throws DatabaseTrouble.
  std::string call(const Statement& statement, const std::vector<std::string>& arguments);
  void run_script(const std::string& sql);  // several statements, unprepared, one transaction
  void close();

  std::uint64_t retries() const { return retries_; }

 private:
  struct Impl;
  void connect();
  std::string call_once(const Statement& statement, const std::vector<std::string>& arguments);
  bool is_stale() const;
  std::string url_;
  std::chrono::milliseconds statement_timeout_;
  std::unique_ptr<Impl> impl_;
  std::uint64_t retries_ = 0;
};

struct DatabaseOptions {
  std::string url;
  int connections = 20;
  std::chrono::milliseconds statement_timeout{5000};
  std::chrono::milliseconds idle{10'000};  // an idle connection is closed after this
  std::size_t waiting_max = 10'000;        // beyond: submit() refuses
};

class Database {
 public:
  explicit Database(const DatabaseOptions& options);
  ~Database();  // finishes what was submitted
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // `work` must not throw. False when too much is waiting.
  bool submit(std::function<void(Session&)> work);
  std::size_t busy() const { return busy_; }
  std::size_t waiting() const;

 private:
  void serve();
  DatabaseOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void(Session&)>> queue_;
  bool stopping_ = false;
  std::atomic<std::size_t> busy_{0};
  std::vector<std::thread> threads_;
};

}  // namespace server
