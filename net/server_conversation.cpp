// The loop's way with one connection: read, hand over, answer, and again.
#include <algorithm>
#include <cerrno>
#include <utility>

#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "net/response_head.h"
#include "net/server_loop.h"

namespace net {
namespace {

using namespace std::chrono_literals;

constexpr auto kLinger = 2'000ms;
constexpr std::size_t kShortBody = std::size_t{16} * 1024;  // copied behind the head: one write

Response plain(int status) {
  return Response{status, {}, {}};
}

// Held by every copy of a Reply: the first answer counts, and when the last copy goes without one, it is 500.
class Exchange {
 public:
  Exchange(std::shared_ptr<Mailbox> mailbox, ConnectionKey to) : mailbox_(std::move(mailbox)), to_(to) {}
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  ~Exchange() { answer(plain(500)); }
  void answer(Response response) {
    if (!answered_.exchange(true)) mailbox_->deliver(to_, std::move(response));
  }

 private:
  std::shared_ptr<Mailbox> mailbox_;
  ConnectionKey to_;
  std::atomic<bool> answered_{false};
};

}  // namespace

void ServerLoop::on_event(std::uint32_t slot) {
  switch (connections_[slot]->state) {
    case State::reading:
      return receive(slot);
    case State::working:
      return look_away(slot);
    case State::writing:
      return flush(slot);
    case State::lingering:
      return discard(slot);
  }
}

void ServerLoop::receive(std::uint32_t slot) {
  const ssize_t got = recv(connections_[slot]->socket, buffer_.data(), buffer_.size(), 0);
  if (got > 0) return converse(slot, {buffer_.data(), static_cast<std::size_t>(got)}, false);
  if (got == 0 || (errno != EAGAIN && errno != EINTR)) close(slot);
}

void ServerLoop::discard(std::uint32_t slot) {
  const ssize_t got = recv(connections_[slot]->socket, buffer_.data(), buffer_.size(), 0);
  if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) close(slot);
}

// Requests of one connection, one after another: pipelined ones wait and are answered in order.
void ServerLoop::converse(std::uint32_t slot, std::string_view bytes, bool from_ahead) {
  Connection& here = *connections_[slot];
  switch (here.parser.feed(bytes)) {
    case RequestParser::Progress::more:
      if (from_ahead) here.ahead = {}, here.ahead_at = 0;
      if (here.parser.take_expectation()) {
        constexpr std::string_view kGoOn = "HTTP/1.1 100 Continue\r\n\r\n";
        ::send(here.socket, kGoOn.data(), kGoOn.size(), MSG_NOSIGNAL);
      }
      return;
    case RequestParser::Progress::refused:
      return refuse(slot);
    case RequestParser::Progress::done:
      if (!from_ahead) here.ahead.assign(bytes);
      here.ahead_at = here.ahead.size() - bytes.size();
      return carry_out(slot);
  }
}

void ServerLoop::carry_out(std::uint32_t slot) {
  Connection& here = *connections_[slot];
  Request request = std::move(here.parser.request());
  request.peer = here.peer;
  here.wants_more = here.parser.keep_alive();
  here.old_version = here.parser.old_version();
  here.head_only = request.method == "HEAD";
  here.state = State::working;
  here.deadline = Clock::time_point::max();
  auto exchange = std::make_shared<Exchange>(mailbox_, ConnectionKey{slot, here.key_generation});
  try {
    core_.handler(std::move(request),
                  [exchange](Response response) { exchange->answer(std::move(response)); });
  } catch (...) {
    exchange->answer(plain(500));
  }
}

// Answers a request that is not going to be read to its end, then lets the client finish talking: closing
// with unread data would reset the connection and could swallow the answer.
void ServerLoop::refuse(std::uint32_t slot) {
  Connection& here = *connections_[slot];
  Response response = plain(here.parser.refusal());
  if (response.status == 413 && core_.options.body_too_large) {
    here.parser.request().peer = here.peer;
    response = core_.options.body_too_large(here.parser.request());
  }
  here.head_only = here.old_version = false;
  here.then = Then::linger;
  here.deadline = now_ + core_.options.idle_timeout;
  write(slot, response, false);
}

void ServerLoop::respond(std::uint32_t slot, const Response& response) {
  if (response.status == 0) return close(slot);
  Connection& here = *connections_[slot];
  here.deadline = now_ + core_.options.idle_timeout;
  const bool keep_alive = here.wants_more && !core_.draining.load(std::memory_order_relaxed);
  int unread = 0;
  if (!keep_alive) ioctl(here.socket, FIONREAD, &unread);
  const bool more_came = unread > 0 || here.ahead_at < here.ahead.size();
  here.then = keep_alive ? Then::read_on : more_came ? Then::linger : Then::close;
  write(slot, response, keep_alive);
}

void ServerLoop::write(std::uint32_t slot, const Response& response, bool keep_alive) {
  Connection& here = *connections_[slot];
  out_.clear();
  append_head(out_, response, keep_alive, here.old_version);
  std::string_view body = here.head_only || has_no_body(response.status) ? std::string_view{} : response.body;
  if (body.size() <= kShortBody) out_ += std::exchange(body, {});
  std::array<iovec, 2> parts{{{out_.data(), out_.size()}, {const_cast<char*>(body.data()), body.size()}}};
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = parts.size();
  const ssize_t sent = body.empty() ? ::send(here.socket, out_.data(), out_.size(), MSG_NOSIGNAL)
                                    : sendmsg(here.socket, &message, MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN && errno != EINTR) return close(slot);
  const auto taken = static_cast<std::size_t>(std::max<ssize_t>(sent, 0));
  if (taken == out_.size() + body.size()) return answered(slot);
  here.out.clear();
  here.written = 0;
  if (taken < out_.size()) here.out = out_.substr(taken);
  here.out += body.substr(taken > out_.size() ? taken - out_.size() : 0);
  here.state = State::writing;
  want(slot, true);
}

void ServerLoop::flush(std::uint32_t slot) {
  Connection& here = *connections_[slot];
  const ssize_t sent =
      ::send(here.socket, here.out.data() + here.written, here.out.size() - here.written, MSG_NOSIGNAL);
  if (sent < 0) {
    if (errno != EAGAIN && errno != EINTR) close(slot);
    return;
  }
  here.written += static_cast<std::size_t>(sent);
  if (here.written < here.out.size()) return;
  here.out = {};
  answered(slot);
}

// The answer is on its way as a whole.
void ServerLoop::answered(std::uint32_t slot) {
  Connection& here = *connections_[slot];
  switch (here.then) {
    case Then::close:
      return close(slot);
    case Then::linger:
      return linger(slot);
    case Then::read_on:
      break;
  }
  here.state = State::reading;
  want(slot, false);
  if (here.ahead_at < here.ahead.size())
    converse(slot, std::string_view(here.ahead).substr(here.ahead_at), true);
}

void ServerLoop::linger(std::uint32_t slot) {
  Connection& here = *connections_[slot];
  shutdown(here.socket, SHUT_WR);
  here.state = State::lingering;
  here.deadline = now_ + std::min<Clock::duration>(core_.options.idle_timeout, kLinger);
  want(slot, false);
}

}  // namespace net
