#include "tests/load/target.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <ctime>
#include <stdexcept>

namespace load_test {

std::int64_t monotonic_ns() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

std::string answer(std::string_view status, std::string_view body) {
  return "HTTP/1.1 " + std::string(status) +
         "\r\nContent-Type: text/plain\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

Target::Target(TargetOptions options)
    : options_(std::move(options)),
      listener_(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      wake_(eventfd(0, EFD_CLOEXEC)),
      peers_(65'536) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* plain = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener_, plain, size) != 0 || listen(listener_, 2048) != 0) throw std::runtime_error("no port");
  getsockname(listener_, plain, &size);
  port_ = ntohs(address.sin_port);
  for (const int socket : {listener_, wake_}) {
    epoll_event event{.events = EPOLLIN, .data = {.fd = socket}};
    epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event);
  }
  answered_.reserve(100'000);
  thread_ = std::thread([this] { serve(); });
}

Target::~Target() {
  stop();
}

void Target::stop() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  eventfd_write(wake_, 1);
  thread_.join();
  for (const int socket : open_) close(socket);
  for (const int socket : {listener_, epoll_, wake_}) close(socket);
}

void Target::accept_all() {
  for (;;) {
    const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (socket < 0) return;
    const int on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    peers_[static_cast<std::size_t>(socket)] = {};
    open_.push_back(socket);
    epoll_event event{.events = EPOLLIN, .data = {.fd = socket}};
    epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event);
  }
}

void Target::maybe_freeze() {
  if (first_request_ < 0) first_request_ = monotonic_ns();
  if (options_.freeze_after_ns < 0 || frozen_from_ > 0) return;
  if (monotonic_ns() < first_request_ + options_.freeze_after_ns) return;
  frozen_from_ = monotonic_ns();
  std::this_thread::sleep_for(std::chrono::nanoseconds(options_.freeze_ns));
  frozen_until_ = monotonic_ns();
}

// False when the connection is to be closed.
bool Target::requests_in(int socket, std::string_view bytes) {
  Peer& peer = peers_[static_cast<std::size_t>(socket)];
  peer.tail += bytes;
  for (std::size_t end = peer.tail.find("\r\n\r\n"); end != std::string::npos;
       end = peer.tail.find("\r\n\r\n")) {
    peer.tail.erase(0, end + 4);
    maybe_freeze();
    if (options_.silent) continue;
    if (options_.delay_ns > 0) std::this_thread::sleep_for(std::chrono::nanoseconds(options_.delay_ns));
    if (options_.close_after > 0 && ++peer.requests >= options_.close_after) return false;
    if (send(socket, options_.answer.data(), options_.answer.size(), MSG_NOSIGNAL) < 0) return false;
    answered_.push_back(monotonic_ns());
  }
  return true;
}

void Target::read_from(int socket) {
  std::array<char, 16'384> buffer{};
  const ssize_t got = recv(socket, buffer.data(), buffer.size(), 0);
  if (got > 0 && requests_in(socket, {buffer.data(), static_cast<std::size_t>(got)})) return;
  std::erase(open_, socket);
  close(socket);
}

void Target::serve() {
  std::array<epoll_event, 64> events{};
  while (!stopping_) {
    const int got = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < got && !stopping_; ++i) {
      const int socket = events[static_cast<std::size_t>(i)].data.fd;
      if (socket == listener_) {
        accept_all();
      } else if (socket != wake_) {
        read_from(socket);
      }
    }
  }
}

}  // namespace load_test
