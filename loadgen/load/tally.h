// What became of every scheduled request: latencies of successes, counts of everything else, never mixed. One
// tally per thread, merged at the end without loss. Instants are nanoseconds from the run's start.
// In every phase: due = ok + all failures (each failure class) + unfinished.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "loadgen/histogram.h"
#include "loadgen/load/blocks.h"

namespace loadgen::load {

enum class Failure : std::uint8_t {
  refused,    // no connection
  reset,      // the connection ended before the whole answer
  timeout,    // no whole answer in time
  status,     // another HTTP status than asked for
  body,       // the status is right, the body lacks the wanted text
  malformed,  // not HTTP/1.1
  unsent,     // no connection became free before the run's end: the target is that far behind
};
constexpr std::size_t kFailures = 7;
std::string_view failure_name(Failure failure);

// Variance to mean of the number of events per millisecond: 0 as even as it can be, 1 Poisson, more: bursts.
class Dispersion {
 public:
  void add(std::int64_t at_ns);  // never smaller than the one before by more than the window
  double index() const;          // 0 for fewer than two windows
  void merge(const Dispersion& other);

 private:
  std::int64_t first_ = -1, window_ = -1;
  std::uint64_t here_ = 0, windows_ = 0, events_ = 0, squares_ = 0;
};

struct PhaseTally {
  explicit PhaseTally(std::int64_t from_ns = 0) : over_time(from_ns) {}

  Histogram latency;  // of successes, from the intended start
  Histogram service;  // of the same, from the actual send: what a tool with coordinated omission would show
  Histogram
      lateness;  // the generator's own: from the moment a request was due and a connection free, to the send
  Blocks over_time;  // latency again
  Dispersion intended, sent;
  std::uint64_t due = 0, on_time = 0;  // on_time: sent before the phase's end
  std::uint64_t waited = 0;            // no connection was free when they were due: the target's doing
  std::uint64_t unfinished = 0;        // in flight or not sent when the run was interrupted
  std::array<std::uint64_t, kFailures> failures{};
  std::array<std::uint64_t, 600> statuses{};  // of answers that came whole

  std::uint64_t ok() const { return latency.count(); }
  std::uint64_t failed() const;
  void merge(const PhaseTally& other);
};

struct Second {
  std::uint64_t due = 0, ok = 0, failed = 0;         // by intended start
  std::uint64_t sum_us = 0, max_us = 0;              // latencies of the successes
  std::array<std::uint32_t, kCoarse / 4> buckets{};  // of the same, a quarter of an octave each
};

struct Tally {
  // Allocates everything that the run needs.
  Tally(double warmup_s, double seconds);

  void due(std::int64_t intended);
  // `free_since`: since when a connection was free without a break.
  void sent(std::int64_t intended, std::int64_t free_since, std::int64_t now);
  void success(std::int64_t intended, std::int64_t sent, std::int64_t now, int status);
  void failure(Failure failure, std::int64_t intended, int status = 0);
  void unfinished(std::int64_t intended);
  void merge(const Tally& other);

  PhaseTally warmup, measured;
  std::vector<Second> series;
  std::int64_t warmup_ns, end_ns;

 private:
  PhaseTally& phase(std::int64_t intended) { return intended < warmup_ns ? warmup : measured; }
  Second& second(std::int64_t intended);
};

}  // namespace loadgen::load
