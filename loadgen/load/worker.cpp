#include "loadgen/load/worker.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <ctime>
#include <system_error>

namespace loadgen::load {
namespace {

constexpr std::int64_t kLook = 50'000'000;         // how often a quiet thread looks for the stop flag
constexpr std::int64_t kPatience = 1'000'000'000;  // refused for so long without one success: dead
constexpr std::int64_t kAgain = 10'000'000;        // closed loop: a refused user does not spin
constexpr std::size_t kBuffer = std::size_t{64} * 1024;

bool later(const auto& a, const auto& b) {
  return a.at > b.at;
}

}  // namespace

Worker::Worker(const WorkerPlan& plan, Shared& shared)
    : plan_(plan),
      shared_(shared),
      tally_(plan.arrivals.warmup_s, plan.arrivals.duration_s),
      schedule_(plan.arrivals, plan.first, plan.stride),
      lines_(plan.connections + 1),
      idle_(plan.connections),
      buffer_(kBuffer),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      end_(tally_.end_ns) {
  if (epoll_ < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  ready_.reserve(plan.connections);
  for (std::uint32_t i = 0; i < plan.connections; ++i) {
    lines_[i].scan = AnswerScan(plan.head_request, plan.body_has);
    idle_[i] = i;
    if (plan.closed) {
      // Users do not begin in step: their first requests spread over one time of thinking.
      ready_.push_back({plan.think_ns * i / plan.connections, i});
    }
  }
  if (plan.closed) std::ranges::make_heap(ready_, later<Ready, Ready>);
  idle_count_ = plan.connections;
  lines_.back().before = lines_.back().after = plan.connections;
}

Worker::~Worker() {
  for (Line& line : lines_) hang_up(line);
  close(epoll_);
}

std::int64_t Worker::now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return latest_ = time.tv_sec * 1'000'000'000 + time.tv_nsec - start_;
}

bool Worker::open(Line& line) {
  if (!line.channel.open(plan_.endpoint)) return false;
  line.state = State::connecting;
  line.watched_for_writing = true;
  epoll_event event{.events = EPOLLIN | EPOLLOUT,
                    .data = {.u32 = static_cast<std::uint32_t>(&line - lines_.data())}};
  epoll_ctl(epoll_, EPOLL_CTL_ADD, line.channel.socket(), &event);
  return true;
}

void Worker::watch(std::uint32_t index, bool writing) {
  Line& line = lines_[index];
  if (line.watched_for_writing == writing) return;
  line.watched_for_writing = writing;
  epoll_event event{.events = EPOLLIN, .data = {.u32 = index}};
  if (writing) event.events |= EPOLLOUT;
  epoll_ctl(epoll_, EPOLL_CTL_MOD, line.channel.socket(), &event);
}

void Worker::hang_up(Line& line) {
  line.channel.close();
  line.state = State::closed;
}

void Worker::connect_all() {
  for (std::uint32_t i = 0; i < plan_.connections; ++i) {
    Line& line = lines_[i];
    if (!open(line)) throw std::system_error(errno, std::generic_category());
    pollfd ready{line.channel.socket(), POLLOUT, 0};
    const int waited = poll(&ready, 1, static_cast<int>(plan_.timeout_ns / 1'000'000));
    if (waited == 0) throw std::system_error(ETIMEDOUT, std::generic_category());
    const int error = line.channel.connect_error();
    if (error != 0) throw std::system_error(error, std::generic_category());
    line.state = State::idle;
    watch(i, false);
  }
}

void Worker::link(std::uint32_t index) {
  const auto anchor = static_cast<std::uint32_t>(plan_.connections);
  Line& line = lines_[index];
  line.after = anchor;
  line.before = lines_[anchor].before;
  lines_[line.before].after = index;
  lines_[anchor].before = index;
  ++in_flight_;
}

void Worker::unlink(std::uint32_t index) {
  const Line& line = lines_[index];
  lines_[line.before].after = line.after;
  lines_[line.after].before = line.before;
  --in_flight_;
}

std::int64_t Worker::head() const {
  if (!plan_.closed) return schedule_.head();
  return ready_.empty() || ready_.front().at >= end_ ? Arrivals::kEnd : ready_.front().at;
}

void Worker::dispatch(std::int64_t time) {
  while (head() <= time && (plan_.closed || idle_count_ > 0) && time < end_ + plan_.timeout_ns) {
    const std::int64_t intended = head();
    tally_.due(intended);
    std::uint32_t line = 0;
    std::int64_t free_since = intended;
    if (plan_.closed) {
      std::ranges::pop_heap(ready_, later<Ready, Ready>);
      line = ready_.back().line;
      ready_.pop_back();
    } else {
      schedule_.pop();
      line = idle_[idle_first_];
      idle_first_ = idle_first_ + 1 == idle_.size() ? 0 : idle_first_ + 1;
      --idle_count_;
      free_since = idle_since_;
    }
    tally_.sent(intended, free_since, time);
    start(line, intended, time);
    if (head() > time) break;  // the common case: one request, one reading of the clock
    time = now();
  }
}

void Worker::start(std::uint32_t index, std::int64_t intended, std::int64_t time) {
  Line& line = lines_[index];
  line.intended = intended;
  line.sent = time;
  line.written = 0;
  line.scan.restart();
  link(index);
  if (line.state == State::idle) {
    line.state = State::writing;
    write_some(index);
  } else if (!open(line)) {
    failed(index, Failure::refused, time);
  }
}

void Worker::write_some(std::uint32_t index) {
  Line& line = lines_[index];
  const long sent = line.channel.send(plan_.request.substr(line.written));
  if (sent == net::Channel::kBroken) return failed(index, Failure::reset, now());
  if (sent > 0) line.written += static_cast<std::uint32_t>(sent);
  const bool whole = line.written == plan_.request.size();
  line.state = whole ? State::reading : State::writing;
  // A secure channel that waits for the peer's bytes would spin on being writable.
  watch(index, !whole && !(line.channel.secure() && sent == net::Channel::kAgain));
}

void Worker::read_some(std::uint32_t index) {
  Line& line = lines_[index];
  while (true) {
    const long got = line.channel.receive(buffer_.data(), buffer_.size());
    if (got == net::Channel::kAgain) return;
    const std::int64_t time = now();
    if (line.state == State::idle) return hang_up(line);  // closed, or words that nobody asked for
    if (got == net::Channel::kBroken) return failed(index, Failure::reset, time);
    const auto progress =
        got == 0 ? line.scan.finish() : line.scan.feed({buffer_.data(), static_cast<std::size_t>(got)});
    switch (progress) {
      case AnswerScan::Progress::more:
        break;
      case AnswerScan::Progress::malformed:
        return failed(index, got == 0 ? Failure::reset : Failure::malformed, time);
      case AnswerScan::Progress::done:
        if (got == 0 || line.written < plan_.request.size() || line.scan.closes()) hang_up(line);
        return answered(index, time);
    }
    if (!line.channel.secure()) return;
  }
}

void Worker::answered(std::uint32_t index, std::int64_t time) {
  Line& line = lines_[index];
  const int status = line.scan.status();
  const bool right = plan_.status == 0 ? status >= 200 && status < 300 : status == plan_.status;
  refused_since_ = -1;
  if (right && line.scan.found()) {
    tally_.success(line.intended, line.sent, time, status);
    ok_.store(ok_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  } else {
    tally_.failure(right ? Failure::body : Failure::status, line.intended, status);
    failed_.store(failed_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
  if (line.channel.is_open()) line.state = State::idle;
  release(index, time);
}

void Worker::failed(std::uint32_t index, Failure failure, std::int64_t time) {
  Line& line = lines_[index];
  hang_up(line);
  tally_.failure(failure, line.intended);
  failed_.store(failed_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  if (failure == Failure::refused) {
    if (refused_since_ < 0) refused_since_ = time;
    if (time - refused_since_ >= kPatience) shared_.died = shared_.stop = true;
  }
  release(index, time);
}

void Worker::release(std::uint32_t index, std::int64_t time) {
  unlink(index);
  if (plan_.closed) {
    const bool dead_line = lines_[index].state == State::closed && refused_since_ >= 0;
    ready_.push_back({time + std::max(plan_.think_ns, dead_line ? kAgain : 0), index});
    std::ranges::push_heap(ready_, later<Ready, Ready>);
    return;
  }
  if (idle_count_ == 0) idle_since_ = time;
  idle_[(idle_first_ + idle_count_) % idle_.size()] = index;
  ++idle_count_;
}

void Worker::on_event(std::uint32_t index, std::uint32_t events) {
  Line& line = lines_[index];
  switch (line.state) {
    case State::closed:
      return;  // an event of a socket that an earlier event of the same batch closed
    case State::connecting:
      if (line.channel.connect_error() != 0) return failed(index, Failure::refused, now());
      if ((events & EPOLLOUT) == 0) return;
      line.state = State::writing;
      return write_some(index);
    case State::writing:
      if (!line.channel.secure() && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) return read_some(index);
      return write_some(index);
    case State::reading:
    case State::idle:
      return read_some(index);
  }
}

void Worker::expire(std::int64_t time) {
  const auto anchor = static_cast<std::uint32_t>(plan_.connections);
  while (in_flight_ > 0) {
    const std::uint32_t oldest = lines_[anchor].after;
    if (time - lines_[oldest].sent < plan_.timeout_ns) return;
    const bool connecting = lines_[oldest].state == State::connecting;
    failed(oldest, connecting ? Failure::refused : Failure::timeout, time);
  }
}

bool Worker::finished(std::int64_t time) const {
  if (shared_.stop.load(std::memory_order_relaxed)) return true;
  if (in_flight_ > 0 || time < end_) return false;
  return head() == Arrivals::kEnd || time >= end_ + plan_.timeout_ns;
}

std::int64_t Worker::next_wake(std::int64_t time) const {
  std::int64_t wake = time + kLook;
  if (plan_.closed || idle_count_ > 0) wake = std::min(wake, head());
  if (in_flight_ > 0) wake = std::min(wake, lines_[lines_[plan_.connections].after].sent + plan_.timeout_ns);
  if (time < end_) wake = std::min(wake, end_);
  return wake;
}

void Worker::mark_phases(std::int64_t time) {
  if (!warm_ && time >= tally_.warmup_ns) {
    warm_ = true;
    measured_from_ = time;
    measured_ = thread_time();
  }
  const bool over = time >= end_ || shared_.stop.load(std::memory_order_relaxed);
  if (warm_ && !measured_over_ && over) {
    measured_over_ = true;
    const ThreadTime there = thread_time();
    measured_ = {there.cpu_ns - measured_.cpu_ns, there.waiting_ns - measured_.waiting_ns};
    measured_ns_ = time - measured_from_;
  }
}

// What is still open: interrupted requests are unfinished, what never got a connection is the target's
// failure.
void Worker::close_books() {
  const bool cut = shared_.stop;
  const auto anchor = static_cast<std::uint32_t>(plan_.connections);
  for (std::uint32_t i = lines_[anchor].after; i != anchor; i = lines_[i].after) {
    tally_.unfinished(lines_[i].intended);
  }
  const std::int64_t until = cut ? now() : end_;
  while (!plan_.closed && schedule_.head() < until) {
    tally_.due(schedule_.head());
    cut ? tally_.unfinished(schedule_.head()) : tally_.failure(Failure::unsent, schedule_.head());
    schedule_.pop();
  }
}

void Worker::loop() {
  std::array<epoll_event, 256> events{};
  std::int64_t time = now();
  while (!finished(time)) {
    dispatch(time);
    expire(time);
    time = now();
    const std::int64_t wait = std::max<std::int64_t>(0, next_wake(time) - time);
    const timespec timeout{wait / 1'000'000'000, wait % 1'000'000'000};
    const int got = epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &timeout, nullptr);
    for (int i = 0; i < got; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      on_event(event.data.u32, event.events);
      dispatch(latest_);
    }
    time = got > 0 ? latest_ : now();  // an event's own reading is fresh enough
    mark_phases(time);
  }
}

void Worker::run(std::int64_t start_monotonic_ns) {
  start_ = start_monotonic_ns;
  // Timers fire up to 50 µs late by default: the kernel's kindness to batteries.
  prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
  loop();
  mark_phases(now());
  close_books();
}

}  // namespace loadgen::load
