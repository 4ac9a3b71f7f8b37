#include "loadgen/bench/bare_target.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <string>

#include "loadgen/environment/error.h"

namespace loadgen::bench {

struct BareTarget::Shared {
  std::atomic<std::uint64_t> count;
  std::array<std::int64_t, kStamps> at;
};

namespace {

// 219 bytes, the size of a short JSON answer.
constexpr std::string_view kAnswer =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 148\r\n\r\n"
    "{\"result\":{\"data\":{\"status\":\"ok\",\"padding\":\"................................................."
    "......."
    "............................................\"}}}";
static_assert(kAnswer.size() - (kAnswer.find("\r\n\r\n") + 4) == 148);

int listener_of(std::uint16_t& port) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* name = reinterpret_cast<sockaddr*>(&address);
  if (listener < 0 || bind(listener, name, size) != 0 || listen(listener, SOMAXCONN) != 0 ||
      getsockname(listener, name, &size) != 0)
    throw EnvironmentError(3, std::string("the bare target cannot listen: ") + std::strerror(errno));
  port = ntohs(address.sin_port);
  return listener;
}

void watch(int epoll, int descriptor) {
  epoll_event event{.events = EPOLLIN, .data = {.fd = descriptor}};
  epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
}

// One request is in flight on each connection, so that a head's end means one answer.
template <class Stamps>
[[noreturn]] void serve(int listener, Stamps& stamps) {
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  watch(epoll, listener);
  std::array<epoll_event, 128> events{};
  std::array<char, 16'384> buffer{};
  while (true) {
    const int count = epoll_wait(epoll, events.data(), events.size(), -1);
    for (int i = 0; i < count; ++i) {
      const int socket = events[static_cast<std::size_t>(i)].data.fd;
      if (socket == listener) {
        const int accepted = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        const int on = 1;
        setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        watch(epoll, accepted);
        continue;
      }
      const ssize_t got = recv(socket, buffer.data(), buffer.size(), 0);
      if (got == 0 || (got < 0 && errno != EAGAIN)) close(socket);
      if (got < 4 || std::memcmp(buffer.data() + got - 4, "\r\n\r\n", 4) != 0) continue;
      timespec now{};
      clock_gettime(CLOCK_MONOTONIC, &now);
      const std::uint64_t at = stamps.count.load(std::memory_order_relaxed);
      if (at < stamps.at.size()) stamps.at[at] = now.tv_sec * 1'000'000'000 + now.tv_nsec;
      stamps.count.store(at + 1, std::memory_order_release);
      send(socket, kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL);
    }
  }
}

}  // namespace

BareTarget::BareTarget() {
  void* memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw EnvironmentError(3, "the bare target gets no memory");
  shared_ = new (memory) Shared;
  shared_->count = 0;
  url_ = {"127.0.0.1", 0, ""};
  const int listener = listener_of(url_.port);
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ == 0) {
    setpgid(0, 0);  // Ctrl-C is for the parent, which ends this process
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(0);
    signal(SIGTERM, SIG_DFL);
    serve(listener, *shared_);
  }
  close(listener);
  if (pid_ > 0) setpgid(pid_, pid_);  // whoever of the two is first
  if (pid_ < 0)
    throw EnvironmentError(3, std::string("the bare target cannot start: ") + std::strerror(errno));
}

BareTarget::~BareTarget() {
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  munmap(shared_, sizeof(Shared));
}

void BareTarget::forget() {
  shared_->count = 0;
}

std::span<const std::int64_t> BareTarget::stamps() const {
  return std::span(shared_->at)
      .first(std::min<std::uint64_t>(shared_->count.load(std::memory_order_acquire), kStamps));
}

}  // namespace loadgen::bench
