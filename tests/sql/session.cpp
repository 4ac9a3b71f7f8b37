#include "tests/sql/session.h"

#include <fmt/format.h>

#include <stdexcept>
#include <thread>

namespace sql_test {
namespace {

using Result = std::unique_ptr<PGresult, decltype(&PQclear)>;

std::string sqlstate(const PGresult* result) {
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  return state == nullptr ? "" : state;
}

}  // namespace

Session::Session(const std::string& url) : connection_(PQconnectdb(url.c_str()), PQfinish) {
  if (PQstatus(connection_.get()) != CONNECTION_OK)
    throw std::runtime_error(PQerrorMessage(connection_.get()));
}

std::string Session::run(const std::string& sql) {
  start(sql);
  return finish();
}

void Session::start(const std::string& sql) {
  if (PQsendQuery(connection_.get(), sql.c_str()) == 0) {
    throw std::runtime_error(PQerrorMessage(connection_.get()));
  }
}

std::string Session::finish() {
  std::string code;
  while (PGresult* raw = PQgetResult(connection_.get())) {
    const Result result(raw, PQclear);
    if (code.empty()) code = sqlstate(result.get());
  }
  return code;
}

bool Session::is_running() {
  PQconsumeInput(connection_.get());
  return PQisBusy(connection_.get()) != 0;
}

bool waits_for_lock(Session& session, Session& watcher) {
  const std::string question =
      fmt::format("DO $$ BEGIN IF cardinality(pg_blocking_pids({})) = 0 THEN RAISE 'free'; END IF; END $$",
                  session.process());
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (session.is_running()) {
    if (watcher.run(question).empty()) return true;
    if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("neither ended nor waiting");
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

}  // namespace sql_test
