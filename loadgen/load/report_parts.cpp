#include "loadgen/load/report_parts.h"

#include <nlohmann/json.hpp>
#include <numeric>

#include <fmt/format.h>

#include "loadgen/load/statistics.h"

namespace loadgen::load {

using Json = nlohmann::ordered_json;

namespace {

Json bound(const std::optional<std::int64_t>& value) {
  return value ? Json(*value) : Json(nullptr);
}

}  // namespace

Json latency_json(const Histogram& histogram, const Blocks* over_time) {
  Json out{{"count", histogram.count()}, {"mean", histogram.mean()}, {"min", histogram.min()}};
  Json intervals = Json::object(), effective = Json::object();
  for (const double percent : told_percentiles) {
    const std::string key = fmt::format("p{}", percent);
    const bool enough = histogram.count() >= samples_needed(percent);
    out[key] = enough ? Json(histogram.at_percentile(percent)) : Json(nullptr);
    if (over_time == nullptr || !enough) continue;
    const Interval interval = percentile_interval(histogram, *over_time, percent);
    intervals[key] = {bound(interval.low), bound(interval.high)};
    effective[key] = static_cast<std::int64_t>(interval.effective);
  }
  out["max"] = histogram.max();
  if (over_time != nullptr) {
    out["ci95"] = intervals;
    out["effective_samples"] = effective;
  }
  return out;
}

Json steady_json(const Blocks& over_time) {
  const Steady steady = steady_state(over_time);
  Json after = Json::object();
  for (const double percent : {50.0, 95.0, 99.0})
    after[fmt::format("p{}", percent)] = coarse_percentile(steady.after, percent);
  return {{"rule", "MSER-5"}, {"steady", steady.steady}, {"cut_s", steady.cut_s}, {"after_cut_us", after}};
}

Json thresholds_json(const std::vector<ThresholdResult>& thresholds) {
  Json out = Json::array();
  for (const ThresholdResult& one : thresholds) {
    const char* verdict = !one.known ? "unknown" : one.kept ? "holds" : "broken";
    out.push_back({{"threshold", one.threshold.text}, {"verdict", verdict}, {"measured", one.measured_text}});
  }
  return out;
}

Json watch_json(const SelfWatch& watch) {
  Json threads = Json::array(), by_answers = Json::array();
  for (const MemoryMark& mark : watch.memory.marks) by_answers.push_back({mark.answers, mark.kb});
  for (const ThreadWatch& thread : watch.threads) {
    threads.push_back({{"cpu", thread.cpu}, {"waiting_for_processor", thread.waiting}});
  }
  return {{"cpu_s", watch.cpu_s},
          {"threads", threads},
          {"machine_busy", watch.machine_busy},
          {"steal", watch.steal},
          {"memory_kb",
           {{"begin", watch.memory_begin_kb}, {"end", watch.memory_end_kb}, {"by_answers", by_answers}}}};
}

std::string memory_line(const SelfWatch& watch) {
  const auto mib = [](std::int64_t kb) { return fmt::format("{:.2f} MiB", static_cast<double>(kb) / 1024); };
  std::string out = fmt::format("memory    {} at the begin", mib(watch.memory_begin_kb));
  const std::vector<MemoryMark>& marks = watch.memory.marks;
  for (std::size_t i = marks.size() > 4 ? marks.size() - 4 : 0; i < marks.size(); ++i) {
    const auto answers = static_cast<double>(marks[i].answers);
    out += fmt::format(", {} after {}", mib(marks[i].kb),
                       answers >= 1e6 ? fmt::format("{:.2f} million answers", answers / 1e6)
                                      : fmt::format("{} answers", marks[i].answers));
  }
  return out + fmt::format(", {} at the end\n", mib(watch.memory_end_kb));
}

Json buckets_json(const SecondBuckets& buckets) {
  Json out = Json::array();
  for (std::size_t i = 0; i < buckets.size(); ++i) {
    if (buckets[i] > 0) out.push_back({i, buckets[i]});
  }
  return out;
}

double bucket_percentile(const SecondBuckets& buckets, double percent) {
  const auto all = std::accumulate(buckets.begin(), buckets.end(), std::uint64_t{0});
  double seen = 0;
  for (std::size_t i = 0; i < buckets.size(); ++i) {
    seen += buckets[i];
    if (buckets[i] > 0 && seen >= percent / 100 * static_cast<double>(all))
      return (coarse_lowest(4 * i) + coarse_lowest(4 * i + 4)) / 2;
  }
  return 0;
}

Json bucket_borders_json() {
  Json out = Json::array();
  for (std::size_t i = 0; i < kCoarse / 4; ++i) out.push_back(coarse_lowest(4 * i));
  return out;
}

std::string ms(std::int64_t us) {
  return fmt::format("{:.2f}", static_cast<double>(us) / 1e3);
}

std::string percentile_line(std::string_view name, const Histogram& histogram) {
  std::string out = fmt::format("{:<9}", name);
  for (const double percent : told_percentiles) {
    const bool enough = histogram.count() >= samples_needed(percent);
    out += fmt::format("  p{} {}", percent, enough ? ms(histogram.at_percentile(percent)) : "(too few)");
  }
  return out + fmt::format("  max {} ms\n", ms(histogram.max()));
}

}  // namespace loadgen::load
