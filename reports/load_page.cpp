// The page of a load run: report.json without its histograms, which become curves, and with a series short
// enough to be drawn.
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "loadgen/histogram_log.h"
#include "reports/load_report.h"
#include "reports/page_fill.h"
#include "reports/page_parts.h"
#include "reports/verdict.h"

namespace reports {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kColumns = 300;  // of the charts over time

// Latency at growing percentiles, in microseconds.
Json curve_of(const loadgen::Histogram& histogram) {
  static constexpr std::array kPercent{0.0,  10.0, 25.0, 50.0,  75.0,  90.0,   95.0, 97.5,
                                       99.0, 99.5, 99.9, 99.95, 99.99, 99.999, 100.0};
  Json out = Json::array();
  for (const double percent : kPercent) {
    const double beyond = static_cast<double>(histogram.count()) * (100 - percent) / 100;
    if (percent == 100 || beyond >= 1) out.push_back({percent, histogram.at_percentile(percent)});
  }
  return out;
}

// All measured phases of one procedure become one curve.
Json curves_of(const Json& report) {
  std::vector<std::pair<std::string, loadgen::Histogram>> sums;
  for (const Json& one : report.at("procedures")) {
    const std::string phase = one.value("phase", "");
    if (report.at("phases").value(phase, Json::object()).value("kind", "") != "measure") continue;
    const auto histogram = loadgen::decode_histogram(one.value("histogram", ""));
    if (!histogram || histogram->count() == 0) continue;
    auto found =
        std::ranges::find(sums, one.value("name", ""), &std::pair<std::string, loadgen::Histogram>::first);
    if (found == sums.end()) found = sums.emplace(sums.end(), one.value("name", ""), loadgen::Histogram());
    found->second.merge(*histogram);
  }
  Json out = Json::array();
  for (const auto& [name, histogram] : sums)
    out.push_back({{"name", name}, {"count", histogram.count()}, {"points", curve_of(histogram)}});
  return out;
}

// Counts add up, maxima stay maxima, percentiles are worked out on the page from the buckets.
Json short_series(const Json& series) {
  if (series.empty()) return series;
  const auto last = series.back().value("second", std::size_t{0});
  const std::size_t width = std::max<std::size_t>(1, (last + kColumns) / kColumns);
  Json out = Json::array();
  for (const Json& second : series) {
    const std::size_t at = second.value("second", std::size_t{0}) / width * width;
    if (out.empty() || out.back()["second"] != at) {
      out.push_back({{"second", at},
                     {"width", width},
                     {"phase", second["phase"]},
                     {"due", 0},
                     {"ok", 0},
                     {"failed", 0},
                     {"max_us", 0},
                     {"buckets", Json::array()}});
    }
    Json& into = out.back();
    for (const char* key : {"due", "ok", "failed"})
      into[key] = into[key].get<std::uint64_t>() + second.value(key, std::uint64_t{0});
    into["max_us"] = std::max(into["max_us"].get<std::uint64_t>(), second.value("max_us", std::uint64_t{0}));
    for (const Json& bucket : second["buckets"]) {
      auto found =
          std::ranges::find_if(into["buckets"], [&](const Json& one) { return one[0] == bucket[0]; });
      if (found == into["buckets"].end())
        into["buckets"].push_back(bucket);
      else
        (*found)[1] = (*found)[1].get<std::uint64_t>() + bucket[1].get<std::uint64_t>();
    }
  }
  return out;
}

}  // namespace

std::string load_page(std::string_view report_json) {
  Json report = Json::parse(report_json);
  const loadgen::Run run = run_of_load(report_json);
  const Conclusion conclusion = conclude(run);
  report["started_utc"] = run.started_utc;
  report["verdict"] = {{"word", conclusion.word},
                       {"detail", conclusion.detail},
                       {"tone", conclusion.tone == Tone::good  ? "good"
                                : conclusion.tone == Tone::bad ? "bad"
                                                               : "unsure"},
                       {"exit_meaning", exit_meaning(run.exit_code)}};
  report["curves"] = curves_of(report);
  for (Json& one : report["procedures"]) {
    one.erase("histogram");
    for (Json& fault : one["faults"]) fault.erase("histogram");
  }
  report["series"] = short_series(report.at("series"));
  const Json& asked = report["asked"];
  const std::string what =
      asked.contains("scenario") ? asked.value("scenario", "") : asked.value("request", "");
  return fill_page(fmt::format("{} · Hustle load {}", conclusion.word, what), kLoadScript,
                   script_safe(report));
}

}  // namespace reports
