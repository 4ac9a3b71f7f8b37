// One connection whose statements run while the test goes on: for interleaving two transactions statement by
// statement.
#pragma once

#include <libpq-fe.h>

#include <chrono>
#include <memory>
#include <string>

namespace sql_test {

class Session {
 public:
  explicit Session(const std::string& url);

  // Runs to its end; the SQLSTATE, "" when it succeeded.
  std::string run(const std::string& sql);
  // Sends and returns at once; finish() waits for the end.
  void start(const std::string& sql);
  std::string finish();

  // Whether the started statement still runs.
  bool is_running();
  int process() const { return PQbackendPID(connection_.get()); }

 private:
  std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
};

// Waits until the started statement of `session` has ended or waits for a lock of another session; true: it
// waits. `watcher` is a third connection.
bool waits_for_lock(Session& session, Session& watcher);

}  // namespace sql_test
