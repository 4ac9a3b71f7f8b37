#include "loadgen/load/report.h"

#include <array>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "loadgen/histogram_log.h"
#include "loadgen/load/report_parts.h"

namespace loadgen::load {
namespace {

using Json = nlohmann::ordered_json;

Json phase_json(const PhaseTally& phase, const char* kind, double from_s, double to_s) {
  Json failures = Json::object(), statuses = Json::object();
  for (std::size_t i = 0; i < kFailures; ++i) {
    failures[std::string(failure_name(static_cast<Failure>(i)))] = phase.failures[i];
  }
  for (std::size_t i = 0; i < phase.statuses.size(); ++i) {
    if (phase.statuses[i] > 0) statuses[std::to_string(i)] = phase.statuses[i];
  }
  return {{"kind", kind},
          {"from_s", from_s},
          {"to_s", to_s},
          {"due", phase.due},
          {"ok", phase.ok()},
          {"failed", phase.failed()},
          {"unfinished", phase.unfinished},
          {"waited_for_connection", phase.waited},
          {"failures", failures},
          {"statuses", statuses},
          {"latency_us", latency_json(phase.latency, &phase.over_time)},
          {"steady", steady_json(phase.over_time)},
          {"service_us", latency_json(phase.service)}};
}

Json generator_json(const Told& told) {
  const PhaseTally& phase = told.result.tally.measured;
  const SelfWatch& watch = told.result.watch;
  Json out{{"valid", told.judgement.invalid.empty()},
           {"why_invalid", told.judgement.invalid},
           {"rate_error", told.judgement.rate_error},
           {"lateness_us", latency_json(phase.lateness)},
           {"lateness_limit_us", told.judgement.lateness_limit_us},
           {"dispersion_1ms", {{"schedule", phase.intended.index()}, {"sent", phase.sent.index()}}}};
  out.update(watch_json(watch));
  return out;
}

// The one request as a procedure, in the shape that a scenario's many have.
Json procedure_json(const Told& told, const PhaseTally& phase, const char* name) {
  Json faults = Json::array();
  for (std::size_t i = 0; i < kFailures; ++i) {
    if (phase.failures[i] == 0) continue;
    faults.push_back({{"fault", failure_name(static_cast<Failure>(i))}, {"count", phase.failures[i]}});
  }
  return {{"name", told.options.request.method + " " + told.options.request.target},
          {"phase", name},
          {"ok", phase.ok()},
          {"failed", phase.failed()},
          {"latency_us", latency_json(phase.latency, &phase.over_time)},
          {"histogram", encode_histogram(phase.latency)},
          {"faults", faults}};
}

std::string target_text(const RawOptions& options) {
  return net::TargetAddress{options.target, options.tls, options.socket_path}.text();
}

Json asked_json(const Told& told) {
  const RawOptions& options = told.options;
  Json out{{"target", target_text(options)},
           {"request", options.request.method + " " + options.request.target},
           {"mode", options.closed ? "closed" : "open"},
           {"connections", options.connections},
           {"threads", options.threads},
           {"warmup_s", options.arrivals.warmup_s},
           {"time_s", options.arrivals.duration_s},
           {"timeout_s", options.timeout_s},
           {"seed", options.arrivals.seed}};
  if (options.closed) {
    out["think_s"] = options.think_s;
  } else {
    out["rate"] = options.arrivals.rate;
    out["arrivals"] = arrivals_name(options.arrivals.curve, options.arrivals.spacing);
    out["schedule"] = {{"count", told.result.schedule.count}, {"sha256", told.result.schedule.sha256}};
  }
  return out;
}

std::string failures_line(const PhaseTally& phase) {
  std::string out;
  for (std::size_t i = 0; i < kFailures; ++i) {
    if (phase.failures[i] == 0) continue;
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", failure_name(static_cast<Failure>(i)),
                       phase.failures[i]);
  }
  return out.empty() ? "none" : out;
}

std::string verdict_line(const Told& told) {
  const Judgement& judgement = told.judgement;
  const std::string partial = told.result.complete ? "" : fmt::format(" (partial: {})", told.result.reason);
  switch (judgement.exit_code) {
    case 0:
      return fmt::format("passed{}, exit code 0\n", partial);
    case 1:
      return fmt::format("a threshold is crossed{}, exit code 1\n", partial);
    case 3:
      return fmt::format("{}{}, exit code 3\n",
                         told.result.died ? "the target died" : "not one request succeeded", partial);
    case 4:
      return fmt::format("incomplete{}, exit code 4\n", partial);
    default:
      return fmt::format("{}{} ({}), exit code 5\n", kInvalid, partial, judgement.invalid);
  }
}

}  // namespace

std::string report_json(const Told& told) {
  Json series = Json::array();
  const Tally& tally = told.result.tally;
  for (const Second& second : tally.series) {
    if (second.due == 0) continue;
    const double mean =
        second.ok == 0 ? 0 : static_cast<double>(second.sum_us) / static_cast<double>(second.ok);
    const auto at = &second - tally.series.data();
    series.push_back({{"second", at},
                      {"phase", at * 1'000'000'000 < tally.warmup_ns ? "warmup" : "measured"},
                      {"due", second.due},
                      {"ok", second.ok},
                      {"failed", second.failed},
                      {"mean_us", mean},
                      {"p50_us", bucket_percentile(second.buckets, 50)},
                      {"p99_us", bucket_percentile(second.buckets, 99)},
                      {"max_us", second.max_us},
                      {"buckets", buckets_json(second.buckets)}});
  }
  const double warmup_s = static_cast<double>(tally.warmup_ns) / 1e9;
  const double end_s = static_cast<double>(tally.end_ns) / 1e9;
  const Json report{
      {"format", "hustle-load"},
      {"version", kReportVersion},
      {"command_line", told.command_line},
      {"started_epoch_s", told.result.started_epoch_s},
      {"complete", told.result.complete},
      {"incomplete_reason", told.result.reason},
      {"exit_code", told.judgement.exit_code},
      {"asked", asked_json(told)},
      {"rates",
       {{"asked", told.judgement.asked_rate},
        {"sent", told.judgement.sent_rate},
        {"ok", told.judgement.ok_rate},
        {"errors", told.judgement.errors}}},
      {"measured_s", told.result.seconds},
      {"phases",
       {{"warmup", phase_json(tally.warmup, "warm-up", 0, warmup_s)},
        {"measured", phase_json(tally.measured, "measure", warmup_s, end_s)}}},
      {"procedures",
       {procedure_json(told, tally.warmup, "warmup"), procedure_json(told, tally.measured, "measured")}},
      {"thresholds", thresholds_json(told.judgement.thresholds)},
      {"generator", generator_json(told)},
      {"series_buckets_us", bucket_borders_json()},
      {"series", series}};
  return report.dump(2) + "\n";
}

std::string report_console(const Told& told) {
  const PhaseTally& phase = told.result.tally.measured;
  const Judgement& judgement = told.judgement;
  const SelfWatch& watch = told.result.watch;
  std::string out =
      fmt::format("{} {} on {}\nmeasured  {:.1f} s: {} due, {} ok, {} failed, {} unfinished\n",
                  told.options.request.method, told.options.request.target, target_text(told.options),
                  told.result.seconds, phase.due, phase.ok(), phase.failed(), phase.unfinished);
  out += fmt::format("rate      {:.1f}/s asked, {:.1f}/s sent in time, {:.1f}/s ok\n", judgement.asked_rate,
                     judgement.sent_rate, judgement.ok_rate);
  out += fmt::format("failures  {}\n", failures_line(phase));
  out += percentile_line("latency", phase.latency);
  out += percentile_line("service", phase.service);
  out += fmt::format("{} of {} requests waited for a free connection\n", phase.waited, phase.due);
  out += percentile_line("lateness", phase.lateness);
  double waiting = 0;
  for (const ThreadWatch& thread : watch.threads) waiting = std::max(waiting, thread.waiting);
  out += fmt::format(
      "generator {:.2f} s of processor, waited for one {:.1f} %; machine {:.0f} % busy, steal {:.1f} %; "
      "sends per "
      "ms vary {:.2f} times their mean (schedule {:.2f})\n",
      watch.cpu_s, waiting * 100, watch.machine_busy * 100, watch.steal * 100, phase.sent.index(),
      phase.intended.index());
  out += memory_line(watch);
  if (!told.options.closed) out += fmt::format("schedule  sha256 {}\n", told.result.schedule.sha256);
  for (const ThresholdResult& one : judgement.thresholds) {
    out += fmt::format("{:<9} {}: {}\n",
                       !one.known ? "UNKNOWN"
                       : one.kept ? "holds"
                                  : "CROSSED",
                       one.threshold.text, one.measured_text);
  }
  return out + verdict_line(told);
}

std::string histograms_log(const RawResult& result) {
  const double warmup = static_cast<double>(result.tally.warmup_ns) / 1e9;
  std::string out = log_header(result.started_epoch_s);
  const auto add = [&](std::string_view tag, double begin, double length, const Histogram& histogram) {
    if (length > 0) out += log_line(tag, begin, length, histogram.max(), encode_histogram(histogram));
  };
  add("warmup", 0, warmup, result.tally.warmup.latency);
  add("measured", warmup, result.seconds, result.tally.measured.latency);
  add("measured_service", warmup, result.seconds, result.tally.measured.service);
  return out;
}

}  // namespace loadgen::load
