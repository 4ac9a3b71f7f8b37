#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "loadgen/load/report.h"

namespace loadgen::load {
namespace {

ThresholdResult measure(const Threshold& threshold, const PhaseTally& phase, const Judgement& rates) {
  ThresholdResult out{.threshold = threshold, .known = phase.due > 0};
  switch (threshold.metric) {
    case Threshold::Metric::percentile: {
      const std::uint64_t needed = samples_needed(threshold.percent);
      out.known = phase.ok() >= needed;
      out.measured = static_cast<double>(phase.latency.at_percentile(threshold.percent));
      if (!out.known) {
        out.measured_text =
            fmt::format("not enough samples for p{}: {} of {}", threshold.percent, phase.ok(), needed);
        return out;
      }
      break;
    }
    case Threshold::Metric::mean:
      out.known = phase.ok() > 0;
      out.measured = phase.latency.mean();
      break;
    case Threshold::Metric::max:
      out.known = phase.ok() > 0;
      out.measured = static_cast<double>(phase.latency.max());
      break;
    case Threshold::Metric::errors:
      out.measured = rates.errors;
      break;
    case Threshold::Metric::rate:
      out.measured = rates.ok_rate;
      break;
    case Threshold::Metric::goodput:
    case Threshold::Metric::findings:
      out.known = false;  // one request repeated is not audited
      break;
  }
  if (!out.known) {
    out.measured_text = "no samples";
  } else if (about_latency(threshold)) {
    out.measured_text = fmt::format("{:.2f} ms", out.measured / 1e3);
  } else if (threshold.metric == Threshold::Metric::errors) {
    out.measured_text = fmt::format("{:.3f} %", out.measured * 100);
  } else {
    out.measured_text = fmt::format("{:.1f}/s", out.measured);
  }
  out.kept = out.known && keeps(threshold, out.measured);
  return out;
}

double share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

bool nothing_succeeded(const RawResult& result) {
  return result.tally.measured.due > 0 && result.tally.measured.ok() == 0;
}

int exit_code_of(const RawResult& result, const Judgement& judgement) {
  if (result.died) return 3;
  if (!judgement.invalid.empty()) return 5;
  const auto crossed = [](const ThresholdResult& one) { return one.known && !one.kept; };
  if (std::ranges::any_of(judgement.thresholds, crossed)) return 1;
  if (result.complete && nothing_succeeded(result)) return 3;
  const auto unknown = [](const ThresholdResult& one) { return !one.known; };
  if (!result.complete || std::ranges::any_of(judgement.thresholds, unknown)) return 4;
  return 0;
}

}  // namespace

Judgement judge(const RawOptions& options, const RawResult& result,
                const std::vector<Threshold>& thresholds) {
  const PhaseTally& phase = result.tally.measured;
  Judgement out;
  const double seconds = std::max(result.seconds, 1e-9);
  const std::uint64_t judged = phase.due - phase.unfinished;
  out.asked_rate = static_cast<double>(phase.due) / seconds;
  out.sent_rate = static_cast<double>(phase.on_time) / seconds;
  out.ok_rate = static_cast<double>(phase.ok()) / seconds;
  out.rate_error = 1 - (phase.due == 0 ? 1 : share(std::min(phase.on_time, phase.due), phase.due));
  out.errors = share(phase.failed(), judged);
  double tightest = 0, busiest = 0;
  for (const Threshold& one : thresholds) {
    out.thresholds.push_back(measure(one, phase, out));
    if (about_latency(one)) tightest = tightest == 0 ? one.limit : std::min(tightest, one.limit);
  }
  for (const ThreadWatch& thread : result.watch.threads)
    busiest = std::max(busiest, thread.cpu + thread.waiting);
  out.lateness_limit_us = lateness_limit_us(tightest);
  out.invalid = why_invalid({.due = result.complete && !options.closed ? phase.due : 0,
                             .on_time = phase.on_time,
                             .waited = phase.waited,
                             .lateness_p99_us = phase.lateness.at_percentile(99),
                             .lateness_limit_us = out.lateness_limit_us,
                             .busiest = busiest});
  out.exit_code = exit_code_of(result, out);
  return out;
}

}  // namespace loadgen::load
