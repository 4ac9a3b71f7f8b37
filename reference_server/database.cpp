#include "reference_server/database.h"

#include <poll.h>

#include <algorithm>
#include <pqxx/pqxx>
#include <random>
#include <set>

#include "model/vocabulary/limits.h"

namespace server {
namespace {

constexpr std::chrono::seconds kConnectTimeout{model::limits::kPoolConnectTimeout / model::kSecond};
constexpr std::chrono::milliseconds kTrustedFor{
    500};  // a connection used this recently needs no look at its socket

std::string with_connect_timeout(const std::string& url) {
  if (url.find("connect_timeout=") != std::string::npos) return url;
  return url + (url.find('?') == std::string::npos ? "?" : "&") +
         "connect_timeout=" + std::to_string(kConnectTimeout.count());
}

}  // namespace

bool is_retried(const std::string& sqlstate) {
  return sqlstate == "40001" || sqlstate == "40P01";
}

bool may_try_again(int attempts, std::chrono::steady_clock::time_point first_failure) {
  constexpr int kAttemptsMin = 10;
  constexpr std::chrono::seconds kRetriedFor{5};
  return attempts < kAttemptsMin || std::chrono::steady_clock::now() - first_failure < kRetriedFor;
}

std::chrono::microseconds retry_pause(int attempt) {
  thread_local std::minstd_rand generator(std::random_device{}());
  const int ceiling = 1 << std::min(attempt, 7);  // 2, 4, … 128 ms
  return std::chrono::microseconds(std::uniform_int_distribution<int>(200, ceiling * 1000)(generator));
}

model::Code code_of_trouble(const DatabaseTrouble& trouble) {
  using model::Code;
  const std::string& state = trouble.sqlstate;
  const std::string_view what = trouble.what();
  if (state.starts_with("HX")) return model::code_of(state).value_or(Code::internal_error);
  if (state == "23505") return Code::conflict;
  if (state == "23503") return Code::not_found;
  if (state == "23514") {  // a CHECK names itself, a transition trigger does not
    return what.find("violates check constraint") != what.npos ? Code::validation_error : Code::conflict;
  }
  if (state == "P0001" && what.find("PROOF-PHOTO") != what.npos) return Code::validation_error;
  if (state == "22001" || state == "22003") return Code::validation_error;
  return Code::internal_error;
}

struct Session::Impl {
  explicit Impl(const std::string& url) : connection(url) {}
  pqxx::connection connection;
  std::set<std::string, std::less<>> prepared;
  std::chrono::steady_clock::time_point used;
};

Session::Session(std::string url, std::chrono::milliseconds statement_timeout)
    : url_(with_connect_timeout(url)), statement_timeout_(statement_timeout) {}
Session::~Session() = default;

void Session::close() {
  impl_.reset();
}

void Session::connect() {
  impl_ = std::make_unique<Impl>(url_);
  impl_->connection.inhibit_reactivation(true);
  pqxx::nontransaction setup(impl_->connection);
  setup.exec(
      "SET TimeZone TO 'UTC'; SET jit TO off; SET client_min_messages TO warning; SET statement_timeout TO " +
      std::to_string(statement_timeout_.count()));
}

// A server that restarted has closed the socket; noticing that before anything is sent avoids an unknown
// outcome.
bool Session::is_stale() const {
  if (std::chrono::steady_clock::now() - impl_->used < kTrustedFor) return false;
  pollfd watched{.fd = impl_->connection.sock(), .events = POLLIN, .revents = 0};
  return watched.fd < 0 || ::poll(&watched, 1, 0) != 0;
}

std::string Session::call(const Statement& statement, const std::vector<std::string>& arguments) {
  auto first_failure = std::chrono::steady_clock::now();
  for (int attempt = 1;; ++attempt) {
    try {
      return call_once(statement, arguments);
    } catch (const DatabaseTrouble& trouble) {
      if (attempt == 1) first_failure = std::chrono::steady_clock::now();
      if (!is_retried(trouble.sqlstate) || !may_try_again(attempt, first_failure)) throw;
      ++retries_;
      std::this_thread::sleep_for(retry_pause(attempt));
    }
  }
}

std::string Session::call_once(const Statement& statement, const std::vector<std::string>& arguments) {
  try {
    if (impl_ && is_stale()) close();
    if (!impl_) connect();
    if (!impl_->prepared.contains(statement.name)) {
      impl_->connection.prepare(std::string(statement.name), std::string(statement.sql));
      impl_->prepared.emplace(statement.name);
    }
    pqxx::nontransaction transaction(impl_->connection);
    const auto rows =
        transaction.exec_prepared(std::string(statement.name), pqxx::prepare::make_dynamic_params(arguments));
    impl_->used = std::chrono::steady_clock::now();
    return rows.empty() || rows[0][0].is_null() ? std::string()
                                                : std::string(rows[0][0].c_str(), rows[0][0].size());
  } catch (const pqxx::serialization_failure& trouble) {  // these two are no sql_error in libpqxx 6.4
    throw DatabaseTrouble(trouble.what(), "40001");
  } catch (const pqxx::deadlock_detected& trouble) {
    throw DatabaseTrouble(trouble.what(), "40P01");
  } catch (const pqxx::sql_error& trouble) {
    const std::string state = trouble.sqlstate();
    if (impl_ && !impl_->connection.is_open()) close();
    throw DatabaseTrouble(trouble.what(), state);
  } catch (const pqxx::failure& trouble) {  // no connection, or the outcome of the statement is unknown
    close();
    throw DatabaseTrouble(trouble.what(), "");
  }
}

void Session::run_script(const std::string& sql) {
  try {
    if (impl_ && is_stale()) close();
    if (!impl_) connect();
    pqxx::work transaction(impl_->connection);
    transaction.exec(sql);
    transaction.commit();
  } catch (const pqxx::sql_error& trouble) {
    throw DatabaseTrouble(trouble.what(), trouble.sqlstate());
  } catch (const pqxx::failure& trouble) {
    close();
    throw DatabaseTrouble(trouble.what(), "");
  }
}

Database::Database(const DatabaseOptions& options) : options_(options) {
  for (int i = 0; i < options.connections; ++i) threads_.emplace_back([this] { serve(); });
}

Database::~Database() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool Database::submit(std::function<void(Session&)> work) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || queue_.size() >= options_.waiting_max) return false;
    queue_.push_back(std::move(work));
  }
  wake_.notify_one();
  return true;
}

std::size_t Database::waiting() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

void Database::serve() {
  Session session(options_.url, options_.statement_timeout);
  std::unique_lock lock(mutex_);
  for (;;) {
    const bool woken = wake_.wait_for(lock, options_.idle, [this] { return stopping_ || !queue_.empty(); });
    if (!woken) {
      lock.unlock();
      session.close();
      lock.lock();
      continue;
    }
    if (queue_.empty()) return;
    auto work = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    ++busy_;
    work(session);
    --busy_;
    work = nullptr;
    lock.lock();
  }
}

}  // namespace server
