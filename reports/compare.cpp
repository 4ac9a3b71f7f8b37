#include "reports/compare.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "reports/quantiles.h"

namespace reports {
namespace {

using loadgen::Histogram;

constexpr std::array kPercentiles{50.0, 90.0, 95.0, 99.0, 99.9};
constexpr std::size_t kSecondsLeast = 10;  // for anything that is read from the seconds
constexpr std::size_t kBatches = 10;

// An interval of ln(after / before).
struct Interval {
  double middle = 0, low = 0, high = 0;
};

double sum(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}
double mean(const std::vector<double>& values) {
  return values.empty() ? 0 : sum(values) / static_cast<double>(values.size());
}
double variance(const std::vector<double>& values) {
  const double middle = mean(values);
  double squares = 0;
  for (const double value : values) squares += (value - middle) * (value - middle);
  return values.size() < 2 ? 0 : squares / static_cast<double>(values.size() - 1);
}

double ln_at(const Histogram& histogram, double percent) {
  return std::log(std::max(1.0, static_cast<double>(histogram.at_percentile(percent))));
}

// Binomial ranks of the order statistics; nullopt when the samples cannot bound the percentile on one side.
std::optional<Interval> percentile_interval(const Histogram& histogram, double effective, double percent,
                                            double z) {
  const double share = percent / 100;
  const double spread = z * std::sqrt(share * (1 - share) / effective);
  const double below = (share - spread) * 100, above = (share + spread) * 100;
  // The rank above must not be the maximum itself: beyond it nothing is known.
  if (below <= 0 || (1 - above / 100) * effective < 0.5) return std::nullopt;
  return Interval{ln_at(histogram, percent), ln_at(histogram, below), ln_at(histogram, above)};
}

// Zou and Donner's MOVER: of two independent estimates with intervals, that of their difference.
Interval difference(const Interval& before, const Interval& after) {
  const double middle = after.middle - before.middle;
  return {middle, middle - std::hypot(after.middle - after.low, before.high - before.middle),
          middle + std::hypot(after.high - after.middle, before.middle - before.low)};
}

// With three pairs of runs or more, at least as wide as the pairs differ among themselves.
Interval widened(Interval interval, const std::vector<double>& pairs, double alpha) {
  if (pairs.size() < 3) return interval;
  const auto count = static_cast<double>(pairs.size());
  const double half = student_quantile(1 - alpha / 2, count - 1) * std::sqrt(variance(pairs) / count);
  interval.low = std::min(interval.low, interval.middle - half);
  interval.high = std::max(interval.high, interval.middle + half);
  return interval;
}

struct Side {
  Histogram all;
  double effective = 0;
  std::vector<const Histogram*> runs;
};

Side side_of(const std::vector<LoadRun>& runs, const std::string& procedure, const std::string& percentile) {
  Side side;
  for (const LoadRun& run : runs) {
    const auto found = run.procedures.find(procedure);
    side.runs.push_back(found == run.procedures.end() ? nullptr : &found->second.histogram);
    if (found == run.procedures.end()) continue;
    const auto count = static_cast<double>(found->second.histogram.count());
    const auto effective = found->second.effective.find(percentile);
    side.all.merge(found->second.histogram);
    side.effective += effective == found->second.effective.end() ? count : std::min(count, effective->second);
  }
  return side;
}

void judge(Compared& figure, const Interval& interval, bool more_is_better, double tolerance) {
  figure.change = std::expm1(interval.middle);
  figure.low = std::expm1(interval.low);
  figure.high = std::expm1(interval.high);
  const bool rose = interval.low > 0, fell = interval.high < 0;
  if (rose || fell) figure.verdict = rose == more_is_better ? Change::better : Change::worse;
  figure.regression = figure.verdict == Change::worse && std::abs(figure.change) > tolerance;
}

Compared compare_percentile(const std::string& procedure, const std::vector<LoadRun>& runs_before,
                            const std::vector<LoadRun>& runs_after, double percent, double alpha,
                            double tolerance) {
  Compared figure{.procedure = procedure, .figure = fmt::format("p{}", percent)};
  const Side before = side_of(runs_before, procedure, figure.figure);
  const Side after = side_of(runs_after, procedure, figure.figure);
  figure.before = static_cast<double>(before.all.at_percentile(percent));
  figure.after = static_cast<double>(after.all.at_percentile(percent));
  const double z = normal_quantile(1 - alpha / 2);
  const auto first = percentile_interval(before.all, before.effective, percent, z);
  const auto second = percentile_interval(after.all, after.effective, percent, z);
  if (!first || !second) {
    figure.note = "too few samples";
    return figure;
  }
  std::vector<double> pairs;
  for (std::size_t i = 0; i < std::min(before.runs.size(), after.runs.size()); ++i) {
    if (before.runs[i] == nullptr || after.runs[i] == nullptr) continue;
    pairs.push_back(ln_at(*after.runs[i], percent) - ln_at(*before.runs[i], percent));
  }
  judge(figure, widened(difference(*first, *second), pairs, alpha), false, tolerance);
  return figure;
}

// Ten batches of neighbouring seconds: their means are nearly independent, whatever the seconds are.
std::optional<Interval> rate_interval(const std::vector<LoadRun>& runs, double alpha) {
  std::vector<double> seconds, batches;
  for (const LoadRun& run : runs)
    seconds.insert(seconds.end(), run.ok_per_second.begin(), run.ok_per_second.end());
  if (seconds.size() < kSecondsLeast || sum(seconds) <= 0) return std::nullopt;
  for (std::size_t i = 0; i < kBatches; ++i) {
    const std::size_t begin = i * seconds.size() / kBatches, end = (i + 1) * seconds.size() / kBatches;
    batches.push_back(mean({seconds.begin() + static_cast<std::ptrdiff_t>(begin),
                            seconds.begin() + static_cast<std::ptrdiff_t>(end)}));
  }
  const double middle = mean(batches);
  const double half = student_quantile(1 - alpha / 2, kBatches - 1) *
                      std::sqrt(variance(batches) / static_cast<double>(kBatches)) / middle;
  return Interval{std::log(middle), std::log(middle) - half, std::log(middle) + half};
}

Compared compare_throughput(const std::vector<LoadRun>& before, const std::vector<LoadRun>& after,
                            double alpha, double tolerance) {
  Compared figure{.procedure = "all", .figure = "throughput"};
  const auto rate = [](const std::vector<LoadRun>& runs) {
    std::vector<double> seconds;
    for (const LoadRun& run : runs)
      seconds.insert(seconds.end(), run.ok_per_second.begin(), run.ok_per_second.end());
    return mean(seconds);
  };
  figure.before = rate(before);
  figure.after = rate(after);
  const auto first = rate_interval(before, alpha), second = rate_interval(after, alpha);
  if (!first || !second) {
    figure.note = fmt::format("fewer than {} whole seconds with answers", kSecondsLeast);
    return figure;
  }
  std::vector<double> pairs;
  for (std::size_t i = 0; i < std::min(before.size(), after.size()); ++i) {
    const double one = mean(before[i].ok_per_second), other = mean(after[i].ok_per_second);
    if (one > 0 && other > 0) pairs.push_back(std::log(other / one));
  }
  judge(figure, widened(difference(*first, *second), pairs, alpha), true, tolerance);
  return figure;
}

void tell(Comparison& comparison, const std::vector<LoadRun>& runs) {
  for (const LoadRun& run : runs) {
    if (!run.complete) comparison.remarks.push_back(run.name + " is a partial run");
    if (run.valid) continue;
    comparison.valid = false;
    comparison.remarks.push_back(run.name + " was not a valid measurement by its own judgement");
  }
}

}  // namespace

std::string_view change_name(Change change) {
  switch (change) {
    case Change::better:
      return "better";
    case Change::worse:
      return "worse";
    case Change::no_evidence:
      return "no evidence";
  }
  return "";
}

bool Comparison::regression() const {
  return std::ranges::any_of(figures, &Compared::regression);
}

Comparison compare(const std::vector<LoadRun>& before, const std::vector<LoadRun>& after,
                   const CompareOptions& options) {
  Comparison comparison;
  std::set<std::string> procedures;
  for (const LoadRun& run : before) {
    for (const auto& [name, latencies] : run.procedures) procedures.insert(name);
  }
  std::erase_if(procedures, [&](const std::string& name) {
    return std::ranges::none_of(after, [&](const LoadRun& run) { return run.procedures.contains(name); });
  });
  const auto figures = static_cast<double>(procedures.size() * kPercentiles.size() + 1);
  const double alpha = (1 - options.confidence) / figures;
  for (const std::string& procedure : procedures) {
    for (const double percent : kPercentiles) {
      comparison.figures.push_back(
          compare_percentile(procedure, before, after, percent, alpha, options.tolerance));
    }
  }
  comparison.figures.push_back(compare_throughput(before, after, alpha, options.tolerance));
  if (before.size() < 3 || after.size() < 3) {
    comparison.remarks.emplace_back(
        "Fewer than three runs on a side: a drift of the machine between the runs is not accounted for.");
  }
  tell(comparison, before);
  tell(comparison, after);
  return comparison;
}

}  // namespace reports
