#include "loadgen/load/journey_judge.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace loadgen::load {
namespace {

constexpr double kSoonest = 3;  // seconds of a phase before a threshold may be called crossed

bool meant(const std::string& phase, const PhaseSpan& span) {
  return phase.empty() ? span.measured : span.phase->name == phase;
}

std::size_t scope_meant(const Threshold& threshold) {
  return threshold.of.empty() ? kAllScope : scope_of(threshold.of);
}

double seconds_of(const JourneyResult& result, const std::string& phase) {
  if (phase.empty()) return std::max(result.seconds, 1e-9);
  for (const PhaseSpan& span : result.spans) {
    if (span.phase->name == phase) return static_cast<double>(span.to_ns - span.from_ns) / 1e9;
  }
  return 1e-9;
}

std::string shown(const Threshold& threshold, double measured) {
  using Metric = Threshold::Metric;
  if (about_latency(threshold)) return fmt::format("{:.2f} ms", measured / 1e3);
  if (threshold.metric == Metric::errors || threshold.of_due) return fmt::format("{:.3f} %", measured * 100);
  if (threshold.metric == Metric::findings) return fmt::format("{:.0f}", measured);
  return fmt::format("{:.1f}/s", measured);
}

double share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

// Journeys of a task that an audit names are no goodput: at most as many as one task has seen.
std::uint64_t blamed_journeys(const JourneyResult& result) {
  std::set<std::string> tasks;
  bool unnamed = false;
  for (const model::Finding& finding : result.findings) {
    for (const std::string& entity : finding.entities) tasks.insert(entity);
    unnamed |= finding.entities.empty();
  }
  if (unnamed) return UINT64_MAX;
  return tasks.size() * result.longest_story;
}

// Of the journeys that were due in the phase: those that ended clean, whenever they did.
void measure_goodput(const Threshold& threshold, const JourneyResult& result, ThresholdResult& out) {
  std::uint64_t due = 0, clean = 0;
  for (std::size_t i = 0; i < result.spans.size(); ++i) {
    if (!meant(threshold.phase, result.spans[i])) continue;
    const JourneyCounts counts = result.tally.phases[i].all();
    due += counts.due, clean += counts.clean;
  }
  clean -= std::min(clean, blamed_journeys(result));
  out.known = due > 0;
  out.measured =
      threshold.of_due ? share(clean, due) : static_cast<double>(clean) / seconds_of(result, threshold.phase);
}

ThresholdResult measure(const Threshold& threshold, const JourneyResult& result) {
  using Metric = Threshold::Metric;
  ThresholdResult out{.threshold = threshold};
  const Gathered got = gather(result, threshold.phase, scope_meant(threshold));
  out.known = got.ok.count() > 0;
  switch (threshold.metric) {
    case Metric::percentile: {
      const std::uint64_t needed = samples_needed(threshold.percent);
      out.known = got.ok.count() >= needed;
      out.measured = static_cast<double>(got.ok.at_percentile(threshold.percent));
      if (!out.known) {
        out.measured_text =
            fmt::format("not enough samples for p{}: {} of {}", threshold.percent, got.ok.count(), needed);
        return out;
      }
      break;
    }
    case Metric::mean:
      out.measured = got.ok.mean();
      break;
    case Metric::max:
      out.measured = static_cast<double>(got.ok.max());
      break;
    case Metric::errors:
      out.known = got.ok.count() + got.failed > 0;
      out.measured = share(got.failed, got.ok.count() + got.failed);
      break;
    case Metric::rate:
      out.known = true;
      out.measured = static_cast<double>(got.ok.count()) / seconds_of(result, threshold.phase);
      break;
    case Metric::goodput:
      measure_goodput(threshold, result, out);
      break;
    case Metric::findings:
      out.known = result.audited || !result.findings.empty();
      out.measured = static_cast<double>(result.findings.size());
      break;
  }
  out.measured_text = !out.known && threshold.metric == Metric::findings
                          ? "not audited: " + result.not_audited
                      : !out.known ? "no samples"
                                   : shown(threshold, out.measured);
  out.kept = out.known && keeps(threshold, out.measured);
  return out;
}

int exit_code_of(const JourneyResult& result, const JourneyJudgement& judgement) {
  const auto crossed = [](const ThresholdResult& one) { return one.known && !one.kept; };
  if (!result.findings.empty()) return 1;
  if (result.died) return 3;
  if (!judgement.invalid.empty()) return 5;
  if (!result.aborted.empty() || std::ranges::any_of(judgement.thresholds, crossed)) return 1;
  const auto unknown = [](const ThresholdResult& one) { return !one.known; };
  const bool open = !result.complete || !result.audited || std::ranges::any_of(judgement.thresholds, unknown);
  return open ? 4 : 0;
}

}  // namespace

Gathered gather(const JourneyResult& result, const std::string& phase, std::size_t scope) {
  Gathered out;
  for (std::size_t i = 0; i < result.spans.size(); ++i) {
    if (!meant(phase, result.spans[i])) continue;
    const JourneyPhase& here = result.tally.phases[i];
    const CallStats* stats = scope == kAllScope ? &here.requests : here.find(scope);
    if (stats == nullptr) continue;
    out.ok.merge(stats->ok);
    out.failed += stats->failed();
  }
  return out;
}

std::string crossed_now(const std::vector<Threshold>& thresholds, const std::vector<PhaseSpan>& spans,
                        const LiveCounts& counts, double elapsed_s) {
  for (const Threshold& threshold : thresholds) {
    LiveScope sum;
    double since = 0;
    for (std::size_t i = 0; i < counts.phases.size(); ++i) {
      if (!meant(threshold.phase, spans[i])) continue;
      since = std::max(since, elapsed_s - static_cast<double>(spans[i].from_ns) / 1e9);
      const auto& live = counts.phases[i][scope_meant(threshold)];
      if (!live) continue;
      for (std::size_t b = 0; b < kCoarse; ++b) sum.ok[b] += live->ok[b];
      sum.failed += live->failed;
    }
    std::uint64_t ok = 0;
    for (const std::uint64_t one : sum.ok) ok += one;
    if (since < kSoonest) continue;
    using Metric = Threshold::Metric;
    if (threshold.metric == Metric::errors && ok + sum.failed >= 100 &&
        !keeps(threshold, share(sum.failed, ok + sum.failed)))
      return threshold.text;
    if (threshold.metric == Metric::percentile && ok >= samples_needed(threshold.percent) &&
        !keeps(threshold, coarse_percentile(sum.ok, threshold.percent)))
      return threshold.text;
  }
  return {};
}

JourneyJudgement judge(const JourneyOptions& options, const JourneyResult& result) {
  JourneyJudgement out;
  double tightest = 0, busiest = 0;
  for (const Threshold& one : options.thresholds) {
    out.thresholds.push_back(measure(one, result));
    if (about_latency(one)) tightest = tightest == 0 ? one.limit : std::min(tightest, one.limit);
  }
  std::uint64_t due = 0, begun = 0, on_time = 0, waited = 0;
  Histogram lateness;
  for (std::size_t i = 0; i < result.spans.size(); ++i) {
    if (!result.spans[i].measured) continue;
    const JourneyPhase& phase = result.tally.phases[i];
    due += phase.all().due, out.clean += phase.all().clean;
    begun += phase.begun, on_time += phase.on_time, waited += phase.waited;
    lateness.merge(phase.lateness);
  }
  const double seconds = std::max(result.seconds, 1e-9);
  out.asked_rate = static_cast<double>(due) / seconds;
  out.blamed = std::min(out.clean, blamed_journeys(result));
  out.goodput = static_cast<double>(out.clean - out.blamed) / seconds;
  const Gathered all = gather(result, "", kAllScope);
  out.request_rate = static_cast<double>(all.ok.count()) / seconds;
  out.errors = share(all.failed, all.ok.count() + all.failed);
  out.rate_error = begun == 0 ? 0 : 1 - share(on_time, begun);
  for (const ThreadWatch& thread : result.watch.threads)
    busiest = std::max(busiest, thread.cpu + thread.waiting);
  out.lateness_limit_us = lateness_limit_us(tightest);
  out.invalid = why_invalid({.due = result.complete ? begun : 0,
                             .on_time = on_time,
                             .waited = waited,
                             .lateness_p99_us = lateness.at_percentile(99),
                             .lateness_limit_us = out.lateness_limit_us,
                             .busiest = busiest});
  out.exit_code = exit_code_of(result, out);
  return out;
}

}  // namespace loadgen::load
