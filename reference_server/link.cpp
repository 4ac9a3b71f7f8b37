#include "reference_server/link.h"

#include <libpq-fe.h>
#include <poll.h>
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <thread>

namespace server {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kTrustedFor{500};  // used this recently: its socket needs no look
constexpr const char* kConnectTimeout = "5";           // seconds, operations.md §3

struct ResultFree {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Result = std::unique_ptr<PGresult, ResultFree>;

DatabaseTrouble trouble_of(const PGresult* result) {
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  return {PQresultErrorMessage(result), state == nullptr ? "" : state};
}

}  // namespace

struct Link::Impl {
  explicit Impl(PGconn* connected) : connection(connected) {}
  ~Impl() { PQfinish(connection); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  PGconn* connection;
};

void Link::close() {
  impl_.reset();
  prepared_.clear();
  wants_to_write_ = false;
}

// A database that restarted has closed the socket; noticing that before anything is sent avoids an unknown
// outcome.
bool Link::ready() {
  if (!impl_) return false;
  if (!bundles_.empty() || Clock::now() - used_ < kTrustedFor) return true;
  pollfd watched{.fd = PQsocket(impl_->connection), .events = POLLIN, .revents = 0};
  if (watched.fd >= 0 && ::poll(&watched, 1, 0) == 0) return true;
  close();
  return false;
}

bool Link::lost() const {
  return impl_ && PQstatus(impl_->connection) != CONNECTION_OK;
}

struct Link::Attempt {
  std::thread thread;
  std::unique_ptr<Impl> made;
  std::string trouble;
  std::atomic<bool> ended = false;
  ~Attempt() {
    if (thread.joinable()) thread.join();
  }

  void run(const LinkOptions& options) {
    const std::array<const char*, 3> names{"connect_timeout", "dbname", nullptr};
    const std::array<const char*, 3> values{kConnectTimeout, options.url.c_str(), nullptr};
    auto connected = std::make_unique<Impl>(PQconnectdbParams(names.data(), values.data(), 1));
    PGconn* connection = connected->connection;
    const std::string settings =
        "SET TimeZone TO 'UTC'; SET jit TO off; SET client_min_messages TO warning; SET statement_timeout "
        "TO " +
        std::to_string(options.statement_timeout.count());
    const bool set = PQstatus(connection) == CONNECTION_OK &&
                     PQresultStatus(Result(PQexec(connection, settings.c_str())).get()) == PGRES_COMMAND_OK;
    if (set && PQsetnonblocking(connection, 1) == 0 && PQenterPipelineMode(connection) == 1) {
      made = std::move(connected);
    } else {
      trouble = PQerrorMessage(connection);
    }
    ended = true;
  }
};

Link::Link(LinkOptions options, int epoll, std::function<void()> made)
    : options_(std::move(options)), epoll_(epoll), made_(std::move(made)) {}
Link::~Link() = default;

void Link::connect() {
  close();
  attempt_ = std::make_unique<Attempt>();
  attempt_->thread = std::thread([attempt = attempt_.get(), this] {
    attempt->run(options_);
    made_();
  });
}

bool Link::finish_connecting(std::string& trouble) {
  if (!attempt_ || !attempt_->ended) return false;
  const auto attempt = std::move(attempt_);
  attempt->thread.join();
  if (!attempt->made) {
    trouble = attempt->trouble;
    return true;
  }
  impl_ = std::move(attempt->made);
  epoll_event event{.events = EPOLLIN, .data = {.ptr = this}};
  epoll_ctl(epoll_, EPOLL_CTL_ADD, PQsocket(impl_->connection), &event);
  used_ = Clock::now();
  return true;
}

void Link::send(std::vector<Query> queries) {
  PGconn* connection = impl_->connection;
  Bundle& bundle = bundles_.emplace_back();
  for (Query& query : queries) {
    const Statement& statement = query.statement;
    const bool prepares = prepared_.insert(statement.name).second;
    const std::string name(statement.name);
    if (prepares) PQsendPrepare(connection, name.c_str(), std::string(statement.sql).c_str(), 0, nullptr);
    std::vector<const char*> values;
    for (const std::string& argument : query.arguments) values.push_back(argument.c_str());
    PQsendQueryPrepared(connection, name.c_str(), static_cast<int>(values.size()), values.data(), nullptr,
                        nullptr, 0);
    bundle.sent.push_back({.finished = {std::move(query), std::string(), false}, .prepares = prepares});
  }
  PQpipelineSync(connection);  // also sends; what does not fit waits for flush()
  used_ = Clock::now();
  flush();
}

// A failure shows as soon as something is received.
void Link::flush() {
  const bool rest = PQflush(impl_->connection) == 1;
  if (rest == wants_to_write_) return;
  wants_to_write_ = rest;
  const std::uint32_t wanted = rest ? EPOLLIN | EPOLLOUT : EPOLLIN;
  epoll_event event{.events = wanted, .data = {.ptr = this}};
  epoll_ctl(epoll_, EPOLL_CTL_MOD, PQsocket(impl_->connection), &event);
}

std::vector<Finished> Link::receive() {
  std::vector<Finished> out;
  if (!impl_) return out;
  PGconn* connection = impl_->connection;
  if (wants_to_write_) flush();
  bool alive = PQconsumeInput(connection) == 1;
  // Between the answers of two statements there is one null; two of them mean that nothing more is there.
  for (int nulls = 0; nulls < 2 && !bundles_.empty() && PQisBusy(connection) == 0;) {
    const Result result(PQgetResult(connection));
    nulls = result ? 0 : nulls + 1;
    if (result) take_result(result.get(), out);
  }
  alive = alive && PQstatus(connection) == CONNECTION_OK;
  if (!alive) give_up(out);
  return out;
}

void Link::take_result(void* given, std::vector<Finished>& out) {
  const auto* result = static_cast<const PGresult*>(given);
  Bundle& bundle = bundles_.front();
  const ExecStatusType status = PQresultStatus(result);
  if (status == PGRES_PIPELINE_SYNC) return finish_bundle(out);
  const bool wrong = status == PGRES_FATAL_ERROR || status == PGRES_PIPELINE_ABORTED;
  if (bundle.next ==
      bundle.sent.size()) {  // the commit failed: of several, each runs again alone and learns its own
    if (status != PGRES_FATAL_ERROR) return;
    bundle.failed = true;
    if (bundle.sent.size() == 1) {
      bundle.sent.front().finished.text = std::unexpected(trouble_of(result));
      bundle.sent.front().answered = true;
    }
    return;
  }
  Sent& sent = bundle.sent[bundle.next];
  if (sent.prepares) {
    sent.prepares = false;
    if (wrong) prepared_.erase(sent.finished.query.statement.name);
    if (status != PGRES_FATAL_ERROR) return;
    sent.finished.text = std::unexpected(trouble_of(result));  // its own answer is "aborted" and says no more
    sent.answered = bundle.failed = true;
    return;
  }
  ++bundle.next;
  if (status == PGRES_FATAL_ERROR) {
    bundle.failed = true;
    sent.finished.text = std::unexpected(trouble_of(result));
    sent.answered = true;
  } else if (status != PGRES_PIPELINE_ABORTED) {
    const bool none = PQntuples(result) == 0 || PQgetisnull(result, 0, 0) != 0;
    if (!none) {
      sent.finished.text =
          std::string(PQgetvalue(result, 0, 0), static_cast<std::size_t>(PQgetlength(result, 0, 0)));
    }
  }
}

// Answered statements of a failed bundle without an error of their own were rolled back with it.
void Link::finish_bundle(std::vector<Finished>& out) {
  Bundle bundle = std::move(bundles_.front());
  bundles_.pop_front();
  for (Sent& sent : bundle.sent) {
    sent.finished.undone = bundle.failed && !sent.answered;
    out.push_back(std::move(sent.finished));
  }
}

void Link::give_up(std::vector<Finished>& out) {
  const std::string message = PQerrorMessage(impl_->connection);
  close();
  for (Bundle& bundle : bundles_) {
    for (Sent& sent : bundle.sent) {
      if (!sent.answered) sent.finished.text = std::unexpected(DatabaseTrouble(message, ""));
      out.push_back(std::move(sent.finished));
    }
  }
  bundles_.clear();
}

void Link::close_if_idle(Clock::time_point now, std::chrono::milliseconds idle) {
  if (impl_ && bundles_.empty() && now - used_ > idle) close();
}

}  // namespace server
