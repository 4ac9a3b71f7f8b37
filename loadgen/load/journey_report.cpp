#include "loadgen/load/journey_report.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "loadgen/histogram_log.h"
#include "loadgen/load/report_parts.h"

namespace loadgen::load {
namespace {

using Json = nlohmann::ordered_json;

double seconds_at(std::int64_t ns) {
  return static_cast<double>(ns) / 1e9;
}

std::string_view word(model::Verdict verdict) {
  switch (verdict) {
    case model::Verdict::holds:
      return "holds";
    case model::Verdict::broken:
      return "broken";
    case model::Verdict::unknown:
      return "unknown";
  }
  return "";
}

Json counts_json(const JourneyCounts& counts) {
  return {{"due", counts.due},
          {"clean", counts.clean},
          {"failed", counts.failed},
          {"skipped", counts.skipped},
          {"unfinished", counts.unfinished}};
}

Json faults_json(const CallStats& stats, bool with_histograms) {
  Json out = Json::array();
  for (const auto& [fault, histogram] : stats.faults) {
    Json one{{"fault", fault_name(fault)}, {"count", histogram.count()}};
    if (with_histograms) {
      one["latency_us"] = latency_json(histogram);
      one["histogram"] = encode_histogram(histogram);
    }
    out.push_back(one);
  }
  return out;
}

Json phase_json(const PhaseSpan& span, const JourneyPhase& phase) {
  return {{"kind", span.phase->kind},
          {"from_s", seconds_at(span.from_ns)},
          {"to_s", seconds_at(span.to_ns)},
          {"arrivals", span.phase->arrivals},
          {"rate", span.phase->rate},
          {"journeys", counts_json(phase.all())},
          {"ok", phase.requests.ok.count()},
          {"failed", phase.requests.failed()},
          {"waited_for_connection", phase.waited},
          {"faults", faults_json(phase.requests, false)},
          {"latency_us", latency_json(phase.requests.ok, &phase.requests.over_time)},
          {"steady", steady_json(phase.requests.over_time)},
          {"lateness_us", latency_json(phase.lateness)},
          {"dispersion_1ms", {{"schedule", phase.intended.index()}, {"sent", phase.sent.index()}}}};
}

Json procedures_json(const JourneyResult& result) {
  Json out = Json::array();
  for (std::size_t i = 0; i < result.spans.size(); ++i) {
    for (std::size_t scope = 0; scope < kScopes; ++scope) {
      const CallStats* stats = result.tally.phases[i].find(scope);
      if (stats == nullptr) continue;
      out.push_back({{"name", scope_name(scope)},
                     {"phase", result.spans[i].phase->name},
                     {"ok", stats->ok.count()},
                     {"failed", stats->failed()},
                     {"latency_us", latency_json(stats->ok, &stats->over_time)},
                     {"histogram", encode_histogram(stats->ok)},
                     {"faults", faults_json(*stats, true)}});
    }
  }
  return out;
}

Json journeys_json(const JourneyTold& told, bool populations) {
  Json out = Json::array();
  for (std::size_t i = 0; i < told.result.spans.size(); ++i) {
    const JourneyPhase& phase = told.result.tally.phases[i];
    const std::size_t count = populations ? phase.populations.size() : phase.journeys.size();
    for (std::size_t k = 0; k < count; ++k) {
      const JourneyCounts& counts = populations ? phase.populations[k] : phase.journeys[k];
      if (counts.due == 0) continue;
      Json one{{"name", populations ? told.options.scenario.load->populations[k].name
                                    : std::string(sim::kJourneyNames[k])},
               {"phase", told.result.spans[i].phase->name}};
      one.update(counts_json(counts));
      out.push_back(one);
    }
  }
  return out;
}

Json audits_json(const JourneyResult& result) {
  Json checks = Json::array(), findings = Json::array();
  for (const AuditSummary& one : result.audits) {
    checks.push_back({{"id", one.id},
                      {"rule", one.rule},
                      {"verdict", word(one.verdict)},
                      {"hits", one.hits},
                      {"sentence", one.sentence}});
  }
  for (const model::Finding& finding : result.findings) {
    findings.push_back({{"rule", finding.rule},
                        {"spec", finding.spec},
                        {"judge", finding.judge},
                        {"headline", finding.headline},
                        {"expected", finding.expected},
                        {"observed", finding.observed},
                        {"entities", finding.entities}});
  }
  return {{"done", result.audited},
          {"why_not", result.not_audited},
          {"books_compared", result.books_compared},
          {"checks", checks},
          {"findings", findings}};
}

Json series_json(const JourneyResult& result) {
  Json out = Json::array();
  for (std::size_t at = 0; at < result.tally.series.size(); ++at) {
    const JourneySecond& second = result.tally.series[at];
    if (second.journeys == 0 && second.ok == 0 && second.failed == 0) continue;
    std::string phase;
    for (const PhaseSpan& span : result.spans) {
      if (static_cast<std::int64_t>(at) * 1'000'000'000 >= span.from_ns) phase = span.phase->name;
    }
    const double mean =
        second.ok == 0 ? 0 : static_cast<double>(second.sum_us) / static_cast<double>(second.ok);
    out.push_back({{"second", at},
                   {"phase", phase},
                   {"due", second.journeys},
                   {"sent", second.sent},
                   {"ok", second.ok},
                   {"failed", second.failed},
                   {"mean_us", mean},
                   {"p50_us", bucket_percentile(second.buckets, 50)},
                   {"p99_us", bucket_percentile(second.buckets, 99)},
                   {"max_us", second.max_us},
                   {"buckets", buckets_json(second.buckets)}});
  }
  return out;
}

Json generator_json(const JourneyTold& told) {
  Histogram lateness;
  for (std::size_t i = 0; i < told.result.spans.size(); ++i) {
    if (told.result.spans[i].measured) lateness.merge(told.result.tally.phases[i].lateness);
  }
  Json out{{"valid", told.judgement.invalid.empty()},
           {"why_invalid", told.judgement.invalid},
           {"rate_error", told.judgement.rate_error},
           {"lateness_us", latency_json(lateness)},
           {"lateness_limit_us", told.judgement.lateness_limit_us},
           {"journey_bytes", told.result.journey_bytes}};
  out.update(watch_json(told.result.watch));
  return out;
}

double first_measured_s(const JourneyResult& result) {
  const auto first = std::ranges::find(result.spans, true, &PhaseSpan::measured);
  return first == result.spans.end() ? 0 : seconds_at(first->from_ns);
}

// Users have no schedule; of an open run it is told whether what was begun is what was planned.
Json schedule_json(const JourneyResult& result) {
  if (result.schedule.sha256.empty()) return nullptr;
  return {{"count", result.schedule.count},
          {"sha256", result.schedule.sha256},
          {"begun_sha256", result.begun_hash}};
}

std::string verdict_line(const JourneyTold& told) {
  const JourneyResult& result = told.result;
  const std::string partial = result.complete ? "" : fmt::format(" (partial: {})", result.reason);
  switch (told.judgement.exit_code) {
    case 0:
      return "passed, exit code 0\n";
    case 1:
      return fmt::format("{}{}, exit code 1\n",
                         result.findings.empty() ? "a threshold is crossed" : "the audits found broken rules",
                         partial);
    case 3:
      return fmt::format("the target died{}, exit code 3\n", partial);
    case 4:
      return fmt::format("incomplete{}{}, exit code 4\n", partial,
                         result.audited ? "" : ", not audited: " + result.not_audited);
    default:
      return fmt::format("{}{} ({}), exit code 5\n", kInvalid, partial, told.judgement.invalid);
  }
}

}  // namespace

std::string report_json(const JourneyTold& told) {
  const JourneyResult& result = told.result;
  const JourneyJudgement& judgement = told.judgement;
  Json phases = Json::object();
  for (std::size_t i = 0; i < result.spans.size(); ++i)
    phases[result.spans[i].phase->name] = phase_json(result.spans[i], result.tally.phases[i]);
  const Json report{{"format", "hustle-load"},
                    {"version", kReportVersion},
                    {"command_line", told.command_line},
                    {"started_epoch_s", result.started_epoch_s},
                    {"complete", result.complete},
                    {"incomplete_reason", result.reason},
                    {"exit_code", judgement.exit_code},
                    {"asked",
                     {{"target", told.options.target.text()},
                      {"mode", "journeys"},
                      {"scenario", told.options.scenario.name},
                      {"summary", told.options.scenario.summary},
                      {"connections", told.options.connections},
                      {"threads", told.options.threads},
                      {"warmup_s", first_measured_s(result)},
                      {"timeout_s", told.options.timeout_s},
                      {"seed", told.options.seed},
                      {"users", told.options.scenario.load->users()},
                      {"schedule", schedule_json(result)}}},
                    {"rates",
                     {{"asked", judgement.asked_rate},
                      {"ok", judgement.request_rate},
                      {"goodput", judgement.goodput},
                      {"errors", judgement.errors}}},
                    {"goodput", {{"clean", judgement.clean}, {"taken_back_by_audits", judgement.blamed}}},
                    {"measured_s", result.seconds},
                    {"phases", phases},
                    {"procedures", procedures_json(result)},
                    {"journeys", journeys_json(told, false)},
                    {"populations", journeys_json(told, true)},
                    {"thresholds", thresholds_json(judgement.thresholds)},
                    {"audits", audits_json(result)},
                    {"checked",
                     {{"whole_contract", result.sampled},
                      {"xp_not_compared", result.xp_ignored},
                      {"feeds_longer_than_a_page", result.feeds_open}}},
                    {"generator", generator_json(told)},
                    {"series_buckets_us", bucket_borders_json()},
                    {"series", series_json(result)}};
  return report.dump(1) + "\n";
}

std::string report_console(const JourneyTold& told) {
  const JourneyResult& result = told.result;
  const JourneyJudgement& judgement = told.judgement;
  std::string out = fmt::format("{} on {}\n", told.options.scenario.name, told.options.target.text());
  for (std::size_t i = 0; i < result.spans.size(); ++i) {
    const JourneyCounts counts = result.tally.phases[i].all();
    out +=
        fmt::format("{:<9} {:.1f} s: {} journeys due, {} clean, {} failed, {} skipped, {} unfinished\n",
                    result.spans[i].phase->name, seconds_at(result.spans[i].to_ns - result.spans[i].from_ns),
                    counts.due, counts.clean, counts.failed, counts.skipped, counts.unfinished);
  }
  out +=
      fmt::format("rate      {:.1f} journeys/s asked, {:.1f}/s goodput; {:.1f} requests/s, {:.3f} % errors\n",
                  judgement.asked_rate, judgement.goodput, judgement.request_rate, judgement.errors * 100);
  std::string faults;
  for (std::size_t i = 0; i < result.spans.size(); ++i) {
    for (const auto& [fault, histogram] : result.tally.phases[i].requests.faults)
      faults += fmt::format("{}{} {} in {}", faults.empty() ? "" : ", ", fault_name(fault), histogram.count(),
                            result.spans[i].phase->name);
  }
  out += fmt::format("failures  {}\n", faults.empty() ? "none" : faults);
  out += percentile_line("latency", gather(result, "", kAllScope).ok);
  for (std::size_t scope = 0; scope < kScopes; ++scope) {
    const Gathered got = gather(result, "", scope);
    if (got.ok.count() > 0) out += "  " + percentile_line(fmt::format("{:<22}", scope_name(scope)), got.ok);
  }
  out += fmt::format("audits    {}: {} checks, {} escrows against the processor's books, {} findings\n",
                     result.audited ? "done" : "not done (" + result.not_audited + ")", result.audits.size(),
                     result.books_compared, result.findings.size());
  for (const model::Finding& finding : result.findings)
    out += fmt::format("FINDING   {}: {}\n", finding.rule, finding.headline);
  out += fmt::format("generator {:.2f} s of processor; machine {:.0f} % busy, steal {:.1f} %\n",
                     result.watch.cpu_s, result.watch.machine_busy * 100, result.watch.steal * 100);
  out += memory_line(result.watch);
  const std::int64_t users = told.options.scenario.load->users();
  out += users > 0 ? fmt::format("closed    {} users, at the target's pace\n", users)
                   : fmt::format("schedule  sha256 {}\n", result.schedule.sha256);
  for (const ThresholdResult& one : judgement.thresholds) {
    out += fmt::format("{:<9} {}: {}\n",
                       !one.known ? "UNKNOWN"
                       : one.kept ? "holds"
                                  : "CROSSED",
                       one.threshold.text, one.measured_text);
  }
  return out + verdict_line(told);
}

std::string histograms_log(const JourneyTold& told) {
  const JourneyResult& result = told.result;
  std::string out = log_header(result.started_epoch_s);
  for (std::size_t i = 0; i < result.spans.size(); ++i) {
    const PhaseSpan& span = result.spans[i];
    for (std::size_t scope = 0; scope < kScopes; ++scope) {
      const CallStats* stats = result.tally.phases[i].find(scope);
      if (stats == nullptr) continue;
      out += log_line(span.phase->name + "/" + scope_name(scope), seconds_at(span.from_ns),
                      seconds_at(span.to_ns - span.from_ns), stats->ok.max(), encode_histogram(stats->ok));
    }
  }
  return out;
}

}  // namespace loadgen::load
