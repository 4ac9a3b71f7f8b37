// What a run must keep: "p95 < 200 ms", "errors < 1 %", "rate > 950". Percentiles are of the latencies of
// successes from the intended start, in the measured phase; errors are the share of everything that was due
// in it. Runs of a scenario know more: "[PHASE:] [WHAT] METRIC", where WHAT is a procedure ("task.getById p95
// < 200 ms"), a journey ("journey.accept errors < 1 %") or "webhook.loop"; "goodput > 50 /s" (clean journeys)
// or "goodput > 90 %" (of those that were due), and "findings == 0" of the audits.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace loadgen::load {

struct Threshold {
  enum class Metric : unsigned char { percentile, mean, max, errors, rate, goodput, findings };
  enum class Order : unsigned char { less, at_most, more, at_least, equal };
  std::string text;   // as written
  std::string phase;  // empty: all measured ones
  std::string of;     // a procedure, "journey.NAME" or "webhook.loop"; empty: everything
  Metric metric = Metric::percentile;
  double percent = 0;  // of Metric::percentile: 95 in "p95", 99.9 in "p99.9"
  Order order = Order::less;
  double limit = 0;     // microseconds; a share from 0 to 1 for errors; per second for rate
  bool of_due = false;  // goodput: the limit is a share of what was due, not a rate
};

// One line that names what was expected, without a line break.
std::expected<Threshold, std::string> parse_threshold(std::string_view text);

// Why a run of one request repeated cannot know it: it has one phase, one thing to send and no audits.
std::expected<void, std::string> check_raw_threshold(const Threshold& threshold);

bool keeps(const Threshold& threshold, double measured);  // in the limit's own unit
bool about_latency(const Threshold& threshold);

// Fewest samples from which a percentile can be told at all: a 95 % upper bound exists (p95: 59, p99: 299,
// p99.9: 2,995).
std::uint64_t samples_needed(double percent);

}  // namespace loadgen::load
