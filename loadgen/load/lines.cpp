#include "loadgen/load/lines.h"

#include <poll.h>
#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace loadgen::load {
namespace {

constexpr std::size_t kBuffer = std::size_t{64} * 1024;
constexpr std::size_t kPadding = 64;  // what a vectorised JSON reader may look at beyond the end

}  // namespace

Lines::Lines(int epoll, std::uint32_t tag, const net::Endpoint& endpoint, std::uint32_t count,
             std::int64_t timeout_ns)
    : epoll_(epoll),
      tag_(tag),
      endpoint_(endpoint),
      timeout_ns_(timeout_ns),
      lines_(count + 1),
      idle_(count),
      idle_count_(count),
      buffer_(kBuffer + kPadding) {
  for (std::uint32_t i = 0; i < count; ++i) idle_[i] = i;
  lines_.back().before = lines_.back().after = count;
}

Lines::~Lines() = default;

void Lines::hang_up(Line& line) {
  line.channel.close();
  line.state = State::closed;
}

bool Lines::open(std::uint32_t index) {
  Line& line = lines_[index];
  if (!line.channel.open(endpoint_)) return false;
  line.state = State::connecting;
  line.watched_for_writing = true;
  epoll_event event{.events = EPOLLIN | EPOLLOUT, .data = {.u64 = std::uint64_t{tag_} << 32 | index}};
  epoll_ctl(epoll_, EPOLL_CTL_ADD, line.channel.socket(), &event);
  return true;
}

void Lines::watch(std::uint32_t index, bool writing) {
  Line& line = lines_[index];
  if (line.watched_for_writing == writing) return;
  line.watched_for_writing = writing;
  epoll_event event{.events = EPOLLIN, .data = {.u64 = std::uint64_t{tag_} << 32 | index}};
  if (writing) event.events |= EPOLLOUT;
  epoll_ctl(epoll_, EPOLL_CTL_MOD, line.channel.socket(), &event);
}

void Lines::connect_all() {
  for (std::uint32_t i = 0; i + 1 < lines_.size(); ++i) {
    if (!open(i)) throw std::system_error(errno, std::generic_category());
    pollfd ready{lines_[i].channel.socket(), POLLOUT, 0};
    const int waited = poll(&ready, 1, static_cast<int>(timeout_ns_ / 1'000'000));
    const int error = waited == 0 ? ETIMEDOUT : lines_[i].channel.connect_error();
    if (error != 0) throw std::system_error(error, std::generic_category());
    lines_[i].state = State::idle;
    watch(i, false);
  }
}

void Lines::send(std::uint32_t job, std::string_view request, std::int64_t now) {
  const std::uint32_t index = idle_[idle_first_];
  idle_first_ = idle_first_ + 1 == idle_.size() ? 0 : idle_first_ + 1;
  --idle_count_;
  Line& line = lines_[index];
  line.job = job;
  line.sent = now;
  line.unsent.clear();
  line.body.clear();
  line.scan.restart();
  line.scan.keep(&line.body);
  const auto anchor = static_cast<std::uint32_t>(lines_.size() - 1);
  line.after = anchor;
  line.before = lines_[anchor].before;
  lines_[line.before].after = index;
  lines_[anchor].before = index;
  ++in_flight_;
  if (line.state == State::idle) {
    line.state = State::writing;
    return write_some(index, request, now);
  }
  line.unsent = request;
  if (!open(index)) fail(index, Failure::refused, now);
}

// `rest` may be what the line itself keeps. The common case, a request that the socket takes at once, is
// never copied.
void Lines::write_some(std::uint32_t index, std::string_view rest, std::int64_t now) {
  Line& line = lines_[index];
  const long sent = line.channel.send(rest);
  if (sent == net::Channel::kBroken) return fail(index, Failure::reset, now);
  if (sent > 0) rest.remove_prefix(static_cast<std::size_t>(sent));
  const bool whole = rest.empty();
  if (!whole || !line.unsent.empty()) line.unsent = std::string(rest);
  line.state = whole ? State::reading : State::writing;
  // A secure channel that waits for the peer's bytes would spin on being writable.
  watch(index, !whole && !(line.channel.secure() && sent == net::Channel::kAgain));
}

void Lines::read_some(std::uint32_t index, std::int64_t now) {
  Line& line = lines_[index];
  while (true) {
    const long got = line.channel.receive(buffer_.data(), kBuffer);
    if (got == net::Channel::kAgain) return;
    if (line.state == State::idle) return hang_up(line);  // closed, or words that nobody asked for
    if (got == net::Channel::kBroken) return fail(index, Failure::reset, now);
    const auto progress =
        got == 0 ? line.scan.finish() : line.scan.feed({buffer_.data(), static_cast<std::size_t>(got)});
    if (progress == AnswerScan::Progress::malformed)
      return fail(index, got == 0 ? Failure::reset : Failure::malformed, now);
    if (progress == AnswerScan::Progress::done) {
      if (got == 0 || !line.unsent.empty() || line.scan.closes()) hang_up(line);
      line.body.reserve(line.body.size() + kPadding);
      return finish(index, {.status = line.scan.status(), .body = line.scan.kept()}, now);
    }
    if (!line.channel.secure() || got == 0) return;
  }
}

void Lines::event(std::uint32_t index, std::uint32_t events, std::int64_t now) {
  Line& line = lines_[index];
  switch (line.state) {
    case State::closed:
      return;  // an event of a socket that an earlier event of the same batch closed
    case State::connecting:
      if (line.channel.connect_error() != 0) return fail(index, Failure::refused, now);
      if ((events & EPOLLOUT) == 0) return;
      line.state = State::writing;
      return write_some(index, line.unsent, now);
    case State::writing:
      if (!line.channel.secure() && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
        return read_some(index, now);
      return write_some(index, line.unsent, now);
    case State::reading:
    case State::idle:
      return read_some(index, now);
  }
}

void Lines::expire(std::int64_t now) {
  while (next_expiry() <= now) {
    const std::uint32_t oldest = lines_.back().after;
    fail(oldest, lines_[oldest].state == State::connecting ? Failure::refused : Failure::timeout, now);
  }
}

std::int64_t Lines::next_expiry() const {
  return in_flight_ == 0 ? INT64_MAX : lines_[lines_.back().after].sent + timeout_ns_;
}

void Lines::fail(std::uint32_t index, Failure failure, std::int64_t now) {
  hang_up(lines_[index]);
  finish(index, {.failure = failure}, now);
}

void Lines::finish(std::uint32_t index, const LineAnswer& answer, std::int64_t now) {
  Line& line = lines_[index];
  lines_[line.before].after = line.after;
  lines_[line.after].before = line.before;
  --in_flight_;
  if (line.channel.is_open()) line.state = State::idle;
  if (idle_count_ == 0) idle_since_ = now;
  idle_[(idle_first_ + idle_count_) % idle_.size()] = index;
  ++idle_count_;
  done(line.job, answer, line.sent, now);
}

}  // namespace loadgen::load
