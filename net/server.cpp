#include "net/server.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <unordered_set>
#include <vector>

#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include "net/pending.h"
#include "net/response_head.h"

namespace net {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;
using Executor = asio::io_context::executor_type;
using Protocol = asio::ip::tcp;
using Socket = asio::basic_stream_socket<Protocol, Executor>;
using Acceptor = asio::basic_socket_acceptor<Protocol, Executor>;
using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;
template <class T>
using Task = asio::awaitable<T, Executor>;
using Parser = http::request_parser<http::string_body>;

constexpr asio::use_awaitable_t<Executor> kAwait{};
constexpr asio::as_tuple_t<asio::use_awaitable_t<Executor>> kTuple{kAwait};
constexpr std::chrono::milliseconds kLinger{2'000};

// One connection. Lives in its coroutine's frame; only its worker's thread touches it.
struct Session {
  explicit Session(Socket connected) : socket(std::move(connected)) {
    error_code gone;
    const auto endpoint = socket.remote_endpoint(gone);
    if (!gone) peer = endpoint.address().to_string();
  }
  Socket socket;
  std::string peer;
  boost::beast::flat_buffer buffer;
  Clock::time_point deadline = Clock::time_point::max();  // max while a handler works
  const Parser* awaiting = nullptr;                       // the request whose header is being read

  bool idle() const {
    error_code ignored;
    return awaiting != nullptr && !awaiting->got_some() && buffer.size() == 0 &&
           socket.available(ignored) == 0;
  }
};

// One io_context per thread: a connection stays on one thread and needs no lock.
struct Worker {
  std::unordered_set<Session*> sessions;  // outlives the context, whose end destroys the frames
  asio::io_context context{1};
  std::thread thread;
};

struct Core : std::enable_shared_from_this<Core> {
  ServerOptions options;
  Handler handler;
  std::atomic<bool> draining{false};
  std::mutex mutex;
  std::condition_variable finished;
  int live = 0;  // accepted connections, guarded by mutex
  std::vector<std::unique_ptr<Worker>> workers;
  std::optional<Acceptor> acceptor;

  void count(int change) {
    const std::lock_guard lock(mutex);
    live += change;
    if (live == 0) finished.notify_all();
  }
};

Response plain(int status) {
  return Response{status, {}, {}};
}

// Held by every copy of a Reply: when the last one goes without an answer, the request gets its 500. It keeps
// the core, so that an answer that comes after the server has gone still finds a (stopped) context to post
// to.
struct Ticket {
  std::shared_ptr<Core> core;
  std::shared_ptr<Pending> pending;
  Ticket(std::shared_ptr<Core> kept, std::shared_ptr<Pending> waiting)
      : core(std::move(kept)), pending(std::move(waiting)) {}
  Ticket(const Ticket&) = delete;
  Ticket& operator=(const Ticket&) = delete;
  ~Ticket() { pending->answer(plain(500)); }
};

Task<Response> call_handler(Core& core, Executor executor, Request request) {
  auto pending = std::make_shared<Pending>();
  try {
    auto ticket = std::make_shared<Ticket>(core.shared_from_this(), pending);
    core.handler(std::move(request), [ticket = std::move(ticket)](Response response) {
      ticket->pending->answer(std::move(response));
    });
  } catch (...) {
    pending->answer(plain(500));
  }
  if (auto ready = pending->take()) co_return std::move(*ready);
  co_await asio::async_initiate<const asio::use_awaitable_t<Executor>, void()>(
      [&pending, executor](auto completion) {
        pending->when_answered([executor, resume = std::move(completion)]() mutable {
          asio::post(executor, std::move(resume));
        });
      },
      kAwait);
  co_return std::move(*pending->take());
}

Task<bool> write_response(Session& session, const Response& response, bool head_only, bool keep_alive,
                          bool old_version) {
  const std::string head = response_head(response, keep_alive, old_version);
  const bool bodyless = head_only || has_no_body(response.status);
  const std::array<asio::const_buffer, 2> parts{
      asio::buffer(head), bodyless ? asio::const_buffer{} : asio::const_buffer(asio::buffer(response.body))};
  const auto [error, written] = co_await asio::async_write(session.socket, parts, kTuple);
  co_return !error;
}

Request to_request(Parser& parser) {
  auto& message = parser.get();
  Request request;
  request.method = std::string(std::string_view(message.method_string()));
  request.target = std::string(std::string_view(message.target()));
  for (const auto& field : message)
    request.headers.add(std::string(std::string_view(field.name_string())),
                        std::string(std::string_view(field.value())));
  request.body = std::move(message.body());
  return request;
}

// Answers a request that is not going to be read to its end, then lets the client finish talking: closing
// with unread data would reset the connection and could swallow the answer.
Task<void> refuse(const Core& core, Session& session, Response response) {
  session.deadline = Clock::now() + std::min(core.options.idle_timeout, kLinger);
  if (!co_await write_response(session, response, false, false, false)) co_return;
  error_code ignored;
  session.socket.shutdown(asio::socket_base::shutdown_send, ignored);
  std::array<char, 16 * 1024> sink;
  while (true) {
    const auto [error, size] = co_await session.socket.async_read_some(asio::buffer(sink), kTuple);
    if (error) co_return;
  }
}

// What to answer to a request that could not be read; nullopt when there is nobody to answer to.
std::optional<Response> refusal_of(const Core& core, error_code error, Parser& parser) {
  if (error == http::error::body_limit) {
    return core.options.body_too_large ? core.options.body_too_large(to_request(parser)) : plain(413);
  }
  if (error == http::error::header_limit) return plain(431);
  if (error == http::error::end_of_stream || error == http::error::partial_message) return std::nullopt;
  if (error.category() == make_error_code(http::error::bad_method).category()) return plain(400);
  return std::nullopt;
}

Task<error_code> read_request(Core& core, Session& session, Parser& parser) {
  parser.header_limit(static_cast<std::uint32_t>(core.options.header_max));
  parser.body_limit(core.options.body_max);
  session.awaiting = &parser;
  const auto [error, size] = co_await http::async_read_header(session.socket, session.buffer, parser, kTuple);
  session.awaiting = nullptr;
  if (error || parser.is_done()) co_return error;
  const std::string_view expect = parser.get()[http::field::expect];
  if (boost::beast::iequals(expect, "100-continue")) {
    constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    const auto [failed, sent] = co_await asio::async_write(session.socket, asio::buffer(go_on), kTuple);
    if (failed) co_return failed;
  }
  const auto [broken, rest] = co_await http::async_read(session.socket, session.buffer, parser, kTuple);
  co_return broken;
}

// Requests of one connection, one after another: pipelined ones wait in the buffer and are answered in order.
Task<void> converse(Core& core, Session& session) {
  while (!core.draining.load(std::memory_order_relaxed)) {
    session.deadline = Clock::now() + core.options.idle_timeout;
    Parser parser;
    if (const error_code error = co_await read_request(core, session, parser)) {
      if (auto refusal = refusal_of(core, error, parser)) co_await refuse(core, session, std::move(*refusal));
      co_return;
    }
    const bool head_only = parser.get().method() == http::verb::head;
    const bool old_version = parser.get().version() < 11;
    const bool wanted = parser.keep_alive();
    session.deadline = Clock::time_point::max();
    Request request = to_request(parser);
    request.peer = session.peer;
    const Response response = co_await call_handler(core, session.socket.get_executor(), std::move(request));
    session.deadline = Clock::now() + core.options.idle_timeout;
    if (response.status == 0) co_return;
    const bool keep_alive = wanted && !core.draining.load(std::memory_order_relaxed);
    if (!co_await write_response(session, response, head_only, keep_alive, old_version)) co_return;
    if (!keep_alive) {
      error_code ignored;
      session.socket.shutdown(asio::socket_base::shutdown_send, ignored);
      co_return;
    }
  }
}

Task<void> serve_connection(Core& core, Worker& worker, Socket socket) {
  struct Listed {
    Core& core;
    Worker& worker;
    Session* session;
    ~Listed() {
      worker.sessions.erase(session);
      core.count(-1);
    }
  };
  Session session(std::move(socket));
  const Listed listed{core, worker, &session};
  worker.sessions.insert(&session);
  try {
    error_code ignored;
    session.socket.set_option(Protocol::no_delay(true), ignored);
    co_await converse(core, session);
  } catch (const std::exception&) {
    // Out of memory, or a body_too_large() that threw: this connection ends, the others do not notice.
  }
}

Task<void> accept_connections(Core& core) {
  for (std::size_t next = 0;; next = (next + 1) % core.workers.size()) {
    Worker& worker = *core.workers[next];
    auto [error, socket] = co_await core.acceptor->async_accept(worker.context.get_executor(), kTuple);
    if (!core.acceptor->is_open()) co_return;
    if (error) {  // out of descriptors, or a client that gave up: keep listening
      Timer pause(core.workers[0]->context.get_executor(), std::chrono::milliseconds(20));
      co_await pause.async_wait(kTuple);
      if (!core.acceptor->is_open()) co_return;
      continue;
    }
    core.count(1);
    asio::co_spawn(worker.context.get_executor(), serve_connection(core, worker, std::move(socket)),
                   asio::detached);
  }
}

// One timer per thread instead of one per connection: closes whoever is past its deadline.
Task<void> close_late_ones(const Core& core, Worker& worker) {
  const auto period = std::clamp<std::chrono::milliseconds>(
      core.options.idle_timeout / 4, std::chrono::milliseconds(5), std::chrono::milliseconds(1'000));
  Timer timer(worker.context.get_executor());
  while (true) {
    timer.expires_after(period);
    const auto [error] = co_await timer.async_wait(kTuple);
    if (error) co_return;
    const auto now = Clock::now();
    error_code ignored;
    for (Session* session : worker.sessions)
      if (session->deadline < now) session->socket.close(ignored);
  }
}

// Each wait asks anew whether there is something, so nothing is lost between two of them.
Task<void> keep_watch(Worker& worker, const ServerOptions::Watch& watch) {
  asio::posix::basic_stream_descriptor<Executor> descriptor(worker.context.get_executor(),
                                                            ::dup(watch.descriptor));
  while (true) {
    watch.readable();
    const auto [error] = co_await descriptor.async_wait(asio::posix::descriptor_base::wait_read, kTuple);
    if (error) co_return;
  }
}

void close_idle_ones(Worker& worker) {
  error_code ignored;
  for (Session* session : worker.sessions)
    if (session->idle()) session->socket.close(ignored);
}

void listen(Core& core) {
  try {
    const Protocol::endpoint endpoint(asio::ip::make_address(core.options.address), core.options.port);
    core.acceptor.emplace(core.workers[0]->context.get_executor());
    core.acceptor->open(endpoint.protocol());
    core.acceptor->set_option(asio::socket_base::reuse_address(true));
    core.acceptor->bind(endpoint);
    core.acceptor->listen(asio::socket_base::max_listen_connections);
  } catch (const boost::system::system_error& error) {
    throw std::system_error(std::error_code(error.code()), "cannot listen on " + core.options.address + ":" +
                                                               std::to_string(core.options.port));
  }
}

}  // namespace

struct Server::Impl {
  std::shared_ptr<Core> core = std::make_shared<Core>();
  std::uint16_t port = 0;
};

Server::Server(const ServerOptions& options, Handler handler) : impl_(std::make_unique<Impl>()) {
  Core& core = *impl_->core;
  core.options = options;
  core.handler = std::move(handler);
  for (int i = 0; i < std::max(1, options.threads); ++i) core.workers.push_back(std::make_unique<Worker>());
  listen(core);
  impl_->port = core.acceptor->local_endpoint().port();
  asio::co_spawn(core.workers[0]->context, accept_connections(core), asio::detached);
  for (std::size_t i = 0; i < core.options.watches.size(); ++i) {
    Worker& worker = *core.workers[i % core.workers.size()];
    asio::co_spawn(worker.context, keep_watch(worker, core.options.watches[i]), asio::detached);
  }
  for (auto& worker : core.workers) {
    asio::co_spawn(worker->context, close_late_ones(core, *worker), asio::detached);
    worker->thread = std::thread([&context = worker->context] { context.run(); });
  }
}

Server::~Server() {
  for (auto& worker : impl_->core->workers) worker->context.stop();
  for (auto& worker : impl_->core->workers)
    if (worker->thread.joinable()) worker->thread.join();
  impl_->core->acceptor.reset();
  impl_->core->handler = nullptr;
  // Connections end now, even if somebody still holds a Reply and with it the core.
  for (auto& worker : impl_->core->workers) {
    error_code ignored;
    for (Session* session : worker->sessions) session->socket.close(ignored);
  }
}

std::uint16_t Server::port() const {
  return impl_->port;
}

bool Server::drain(std::chrono::milliseconds limit) {
  Core& core = *impl_->core;
  core.draining = true;
  asio::post(core.workers[0]->context, [&core] {
    error_code ignored;
    core.acceptor->close(ignored);
  });
  for (auto& worker : core.workers) asio::post(worker->context, [&worker] { close_idle_ones(*worker); });
  std::unique_lock lock(core.mutex);
  return core.finished.wait_for(lock, limit, [&core] { return core.live == 0; });
}

}  // namespace net
