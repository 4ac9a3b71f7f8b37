#include "loadgen/load/tally.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace loadgen::load {

std::string_view failure_name(Failure failure) {
  switch (failure) {
    case Failure::refused:
      return "refused";
    case Failure::reset:
      return "reset";
    case Failure::timeout:
      return "timeout";
    case Failure::status:
      return "status";
    case Failure::body:
      return "body";
    case Failure::malformed:
      return "malformed";
    case Failure::unsent:
      return "unsent";
  }
  return "";
}

void Dispersion::add(std::int64_t at_ns) {
  const std::int64_t window = at_ns / 1'000'000;
  if (first_ < 0) first_ = window_ = window;
  if (window > window_) {
    squares_ += here_ * here_;
    here_ = 0;
    window_ = window;
  }
  ++here_;
  ++events_;
  windows_ = static_cast<std::uint64_t>(window_ - first_) + 1;
}

double Dispersion::index() const {
  if (windows_ < 2) return 0;
  const auto n = static_cast<double>(windows_);
  const double mean = static_cast<double>(events_) / n;
  return (static_cast<double>(squares_ + here_ * here_) / n - mean * mean) / mean;
}

void Dispersion::merge(const Dispersion& other) {
  // Threads send disjoint shares: the sums stand for windows side by side.
  if (first_ < 0) first_ = other.first_;
  squares_ += other.squares_ + other.here_ * other.here_;
  events_ += other.events_;
  windows_ += other.windows_;
}

std::uint64_t PhaseTally::failed() const {
  return std::accumulate(failures.begin(), failures.end(), std::uint64_t{0});
}

void PhaseTally::merge(const PhaseTally& other) {
  latency.merge(other.latency);
  over_time.merge(other.over_time);
  service.merge(other.service);
  lateness.merge(other.lateness);
  intended.merge(other.intended);
  sent.merge(other.sent);
  due += other.due;
  on_time += other.on_time;
  waited += other.waited;
  unfinished += other.unfinished;
  for (std::size_t i = 0; i < kFailures; ++i) failures[i] += other.failures[i];
  for (std::size_t i = 0; i < statuses.size(); ++i) statuses[i] += other.statuses[i];
}

Tally::Tally(double warmup_s, double seconds)
    : measured(std::llround(warmup_s * 1e9)),
      series(static_cast<std::size_t>(std::ceil(warmup_s + seconds)) + 1),
      warmup_ns(std::llround(warmup_s * 1e9)),
      end_ns(std::llround((warmup_s + seconds) * 1e9)) {}

Second& Tally::second(std::int64_t intended) {
  const auto index = static_cast<std::size_t>(std::max<std::int64_t>(intended, 0) / 1'000'000'000);
  return series[std::min(index, series.size() - 1)];
}

void Tally::due(std::int64_t intended) {
  PhaseTally& here = phase(intended);
  ++here.due;
  here.intended.add(intended);
  ++second(intended).due;
}

void Tally::sent(std::int64_t intended, std::int64_t free_since, std::int64_t now) {
  PhaseTally& here = phase(intended);
  here.sent.add(now);
  here.lateness.record((now - std::max(intended, free_since)) / 1000);
  if (free_since > intended) ++here.waited;
  if (now < (intended < warmup_ns ? warmup_ns : end_ns)) ++here.on_time;
}

void Tally::success(std::int64_t intended, std::int64_t sent, std::int64_t now, int status) {
  PhaseTally& here = phase(intended);
  const std::int64_t us = (now - intended) / 1000;
  here.latency.record(us);
  here.over_time.add(intended, us);
  here.service.record((now - sent) / 1000);
  ++here.statuses[static_cast<std::size_t>(std::clamp(status, 0, 599))];
  Second& when = second(intended);
  ++when.ok;
  when.sum_us += static_cast<std::uint64_t>(us);
  when.max_us = std::max(when.max_us, static_cast<std::uint64_t>(us));
  ++when.buckets[coarse_bucket(us) / 4];
}

void Tally::failure(Failure failure, std::int64_t intended, int status) {
  PhaseTally& here = phase(intended);
  ++here.failures[static_cast<std::size_t>(failure)];
  if (status > 0) ++here.statuses[static_cast<std::size_t>(std::clamp(status, 0, 599))];
  ++second(intended).failed;
}

void Tally::unfinished(std::int64_t intended) {
  ++phase(intended).unfinished;
}

void Tally::merge(const Tally& other) {
  warmup.merge(other.warmup);
  measured.merge(other.measured);
  for (std::size_t i = 0; i < series.size(); ++i) {
    Second& mine = series[i];
    const Second& its = other.series[i];
    mine.due += its.due, mine.ok += its.ok, mine.failed += its.failed, mine.sum_us += its.sum_us;
    mine.max_us = std::max(mine.max_us, its.max_us);
    for (std::size_t b = 0; b < mine.buckets.size(); ++b) mine.buckets[b] += its.buckets[b];
  }
}

}  // namespace loadgen::load
