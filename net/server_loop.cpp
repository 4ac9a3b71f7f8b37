#include "net/server_loop.h"

#include <algorithm>
#include <cerrno>
#include <exception>
#include <system_error>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/listener.h"

namespace net {
namespace {

using namespace std::chrono_literals;

constexpr auto kAfterRefusedAccept = 20ms;
constexpr std::size_t kBuffer = std::size_t{64} * 1024;

// Marks of what is not a connection: generation 0.
constexpr std::uint32_t kBell = 0, kListener = 1, kFirstWatch = 2;

void add(int epoll, int descriptor, std::uint32_t mark) {
  epoll_event event{.events = EPOLLIN, .data = {.u64 = mark}};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) != 0)
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
}

}  // namespace

ServerLoop::ServerLoop(ServerCore& core)
    : core_(core),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      period_(std::clamp<std::chrono::milliseconds>(core.options.idle_timeout / 4, 5ms, 1'000ms)),
      buffer_(kBuffer) {
  if (epoll_ < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  add(epoll_, mailbox_->bell(), kBell);
}

ServerLoop::~ServerLoop() {
  std::vector<Delivery> answers;
  std::vector<int> sockets;
  mailbox_->take(answers, sockets);
  mailbox_->close();
  for (const int socket : sockets) ::close(socket);
  for (const auto& connection : connections_) {
    if (connection) ::close(connection->socket);
  }
  if (listener_ >= 0) ::close(listener_);
  ::close(epoll_);
}

void ServerLoop::listen_on(int listener, std::function<void(int)> accepted) {
  listener_ = listener;
  accepted_ = std::move(accepted);
  add(epoll_, listener_, kListener);
}

void ServerLoop::watch(const ServerOptions::Watch& watch) {
  watches_.push_back(watch);
  add(epoll_, watch.descriptor, kFirstWatch + static_cast<std::uint32_t>(watches_.size()) - 1);
}

void ServerLoop::stop() {
  stopped_ = true;
  mailbox_->ring();
}

int ServerLoop::patience() const {
  const auto until = std::min(sweep_at_, listen_again_) - now_;
  const auto ms = std::chrono::ceil<std::chrono::milliseconds>(until).count();
  return static_cast<int>(std::clamp<std::int64_t>(ms, 0, 1'000));
}

bool ServerLoop::is_open(ConnectionKey key) const {
  return connections_[key.slot] && connections_[key.slot]->key_generation == key.generation;
}

// Out of memory, or a body_too_large() that threw: this connection ends, the others do not notice.
void ServerLoop::guard(ConnectionKey key, const auto& step) {
  try {
    step();
  } catch (const std::exception&) {
    if (is_open(key)) close(key.slot);
  }
}

void ServerLoop::run() {
  mailbox_->own();
  for (const auto& watch : watches_) watch.readable();
  std::array<epoll_event, 128> events{};
  while (!stopped_.load(std::memory_order_relaxed)) {
    settle();
    const int count = epoll_wait(epoll_, events.data(), events.size(), patience());
    now_ = Clock::now();
    for (int i = 0; i < count; ++i) {
      const std::uint64_t mark = events[static_cast<std::size_t>(i)].data.u64;
      const auto slot = static_cast<std::uint32_t>(mark);
      const auto generation = static_cast<std::uint32_t>(mark >> 32U);
      if (generation != 0) {
        const ConnectionKey key{slot, generation};
        if (is_open(key)) guard(key, [&] { on_event(slot); });
      } else if (slot == kBell) {
        read_mail();
      } else if (slot == kListener) {
        accept_all();
      } else {
        watches_[slot - kFirstWatch].readable();
      }
      settle();
    }
    if (now_ >= std::min(sweep_at_, listen_again_)) sweep();
  }
  mailbox_->disown();
}

// Answers that the loop's own thread gave: after the handler has returned, so that none runs inside another.
void ServerLoop::settle() {
  while (!mailbox_->own_answers.empty()) {
    settling_.swap(mailbox_->own_answers);
    for (const Delivery& each : settling_) {
      if (is_open(each.to)) guard(each.to, [&] { respond(each.to.slot, each.response); });
    }
    settling_.clear();
  }
}

void ServerLoop::read_mail() {
  std::vector<int> sockets;
  mailbox_->take(mailbox_->own_answers, sockets);
  for (const int socket : sockets) welcome(socket);
  if (!core_.draining) return;
  if (listener_ >= 0) ::close(std::exchange(listener_, -1));
  listen_again_ = Clock::time_point::max();
  close_idle_ones();
}

void ServerLoop::accept_all() {
  while (listener_ >= 0) {
    const int socket = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket >= 0) {
      core_.count(1);
      accepted_(socket);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return;
    } else if (errno != ECONNABORTED && errno != EINTR) {
      // Out of descriptors: the backlog keeps them until somebody has gone.
      epoll_ctl(epoll_, EPOLL_CTL_DEL, listener_, nullptr);
      listen_again_ = now_ + kAfterRefusedAccept;
      return;
    }
  }
}

void ServerLoop::welcome(int socket) {
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(connections_.size()));
    connections_.emplace_back();
  }
  const std::uint32_t slot = free_.back();
  free_.pop_back();
  if (++generation_ == 0) ++generation_;
  connections_[slot] = std::make_unique<Connection>(
      socket, generation_, ParserLimits{core_.options.header_max, core_.options.body_max});
  Connection& here = *connections_[slot];
  here.peer = peer_text(socket);
  here.deadline = now_ + core_.options.idle_timeout;
  want(slot, false);
}

void ServerLoop::close(std::uint32_t slot) {
  ::close(connections_[slot]->socket);
  connections_[slot].reset();
  free_.push_back(slot);
  core_.count(-1);
}

void ServerLoop::want(std::uint32_t slot, bool writing) {
  Connection& here = *connections_[slot];
  if (here.watched && here.watched_for_writing == writing) return;
  epoll_event event{.events = writing ? EPOLLOUT : EPOLLIN,
                    .data = {.u64 = (std::uint64_t{here.key_generation} << 32U) | slot}};
  epoll_ctl(epoll_, here.watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, here.socket, &event);
  here.watched = true;
  here.watched_for_writing = writing;
}

// While a handler works, what the client sends ahead (or that it has gone) would only wake the loop again and
// again.
void ServerLoop::look_away(std::uint32_t slot) {
  Connection& here = *connections_[slot];
  epoll_ctl(epoll_, EPOLL_CTL_DEL, here.socket, nullptr);
  here.watched = false;
}

// One look now and then instead of a timer for each connection: closes whoever is past its deadline.
void ServerLoop::sweep() {
  sweep_at_ = now_ + period_;
  for (std::uint32_t slot = 0; slot < connections_.size(); ++slot) {
    if (connections_[slot] && connections_[slot]->deadline < now_) close(slot);
  }
  if (listener_ < 0 || listen_again_ > now_) return;
  listen_again_ = Clock::time_point::max();
  add(epoll_, listener_, kListener);
}

// Idle is who has begun nothing, here or on the way.
void ServerLoop::close_idle_ones() {
  for (std::uint32_t slot = 0; slot < connections_.size(); ++slot) {
    if (!connections_[slot]) continue;
    const Connection& here = *connections_[slot];
    int unread = 0;
    ioctl(here.socket, FIONREAD, &unread);
    if (here.state == State::reading && !here.parser.begun() && unread == 0) close(slot);
  }
}

}  // namespace net
