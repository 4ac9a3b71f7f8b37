#include "loadgen/bench/drive.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>

#include <fmt/format.h>

#include "loadgen/environment/error.h"
#include "loadgen/load/answer_scan.h"
#include "loadgen/load/self_watch.h"

namespace loadgen::bench {
namespace {

using Clock = std::chrono::steady_clock;
using load::AnswerScan;

constexpr double kPatience = 10;  // seconds without any answer: the target hangs

int connect_to(const net::Url& url) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const std::string port = std::to_string(url.port);
  if (getaddrinfo(url.host.c_str(), port.c_str(), &hints, &found) != 0) return -1;
  const int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool connected = fd >= 0 && connect(fd, found->ai_addr, found->ai_addrlen) == 0;
  freeaddrinfo(found);
  if (connected) {
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
  }
  if (fd >= 0) close(fd);
  return -1;
}

struct User {
  User(Work work, const People& people, const std::string& host, std::uint64_t seed)
      : journey(work, people, host, seed) {}
  ~User() {
    if (fd >= 0) close(fd);
  }
  User(const User&) = delete;
  User& operator=(const User&) = delete;
  int fd = -1;
  Journey journey;
  AnswerScan scan;
  std::string answer;
  Clock::time_point sent;
};

class Loop {
 public:
  Loop(const DriveOptions& options, const People& people)
      : options_(options), steps_(steps_of(options.work)), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    const std::string host = fmt::format("{}:{}", options.target.host, options.target.port);
    for (unsigned i = 0; i < options.connections; ++i) {
      users_.push_back(std::make_unique<User>(options.work, people, host, options.seed * 100'003 + i));
    }
  }
  ~Loop() { close(epoll_); }
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  Driven run() {
    for (auto& user : users_) open(*user);
    const auto begin = Clock::now();
    const auto cpu = load::thread_time().cpu_ns;
    end_ =
        begin + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(options_.seconds));
    for (auto& user : users_) send(*user);
    auto heard = begin;
    std::array<epoll_event, 128> events{};
    while (active_ > 0) {
      const int count = epoll_wait(epoll_, events.data(), events.size(), 100);
      now_ = Clock::now();
      if (count > 0) heard = now_;
      if (std::chrono::duration<double>(now_ - heard).count() > kPatience) {
        throw EnvironmentError(3, fmt::format("{} does not answer any more", options_.target.text()));
      }
      if (options_.interrupted != nullptr && *options_.interrupted) break;
      for (int i = 0; i < count; ++i)
        receive(*static_cast<User*>(events[static_cast<std::size_t>(i)].data.ptr));
    }
    result_.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    result_.cpu_s = static_cast<double>(load::thread_time().cpu_ns - cpu) / 1e9;
    return std::move(result_);
  }

 private:
  void open(User& user) {
    if (user.fd >= 0) close(user.fd);
    user.fd = connect_to(options_.target);
    if (user.fd < 0) throw EnvironmentError(3, options_.target.text() + " refuses connections");
    epoll_event event{.events = EPOLLIN, .data = {.ptr = &user}};
    epoll_ctl(epoll_, EPOLL_CTL_ADD, user.fd, &event);
  }

  // The requests are small and the socket is empty, so a blocking write does not block.
  void send(User& user) {
    const std::string& bytes = user.journey.request();
    user.scan.restart();
    user.answer.clear();
    user.sent = Clock::now();
    if (user.journey.step() == 0) ++active_;
    if (::send(user.fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(bytes.size())) {
      fail(user, "the connection broke while sending");
    }
  }

  void fail(User& user, const std::string& why) {
    ++result_.failures;
    if (result_.first_failure.empty()) {
      result_.first_failure = fmt::format("{}: {}", steps_[user.journey.step()].name, why.substr(0, 300));
    }
    user.journey.restart();
    --active_;
    open(user);
    if (Clock::now() < end_ && result_.failures < 10'000) send(user);
  }

  void receive(User& user) {
    std::array<char, 16384> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled by recv
    const ssize_t size = recv(user.fd, buffer.data(), buffer.size(), 0);
    if (size <= 0) return fail(user, "the connection ended before the answer");
    const std::string_view piece(buffer.data(), static_cast<std::size_t>(size));
    user.answer += piece;
    const auto progress = user.scan.feed(piece);
    if (progress == AnswerScan::Progress::more) return;
    if (progress == AnswerScan::Progress::malformed) return fail(user, "not HTTP/1.1: " + user.answer);
    if (user.scan.status() < 200 || user.scan.status() > 299) return fail(user, user.answer);
    result_.latency.record(std::chrono::duration_cast<std::chrono::microseconds>(now_ - user.sent).count());
    ++result_.requests;
    const bool whole = user.journey.take(user.answer);
    if (user.scan.closes()) {
      open(user);
    }
    if (whole) {
      ++result_.journeys;
      --active_;
      if (now_ >= end_) return;
    }
    send(user);
  }

  const DriveOptions& options_;
  std::span<const Step> steps_;
  int epoll_;
  std::vector<std::unique_ptr<User>> users_;
  Clock::time_point end_, now_;
  std::size_t active_ = 0;  // journeys on their way
  Driven result_;
};

}  // namespace

Driven drive(const DriveOptions& options, const People& people) {
  return Loop(options, people).run();
}

}  // namespace loadgen::bench
