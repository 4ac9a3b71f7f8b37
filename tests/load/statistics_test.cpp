// Confidence intervals cover the true percentile in 93 to 97 of 100 runs, with independent latencies and with
// those of a queue, and the warm-up is cut where it ends.
#include "loadgen/load/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <random>

namespace loadgen::load {
namespace {

using Random = std::mt19937_64;
constexpr std::int64_t kMs = 1'000'000;

struct Trace {
  Histogram latencies;
  Blocks over_time{0};
};

// 20,000 requests in 20 s.
Trace trace_of(const std::function<double()>& next_us) {
  Trace out;
  for (int i = 0; i < 20'000; ++i) {
    const auto us = static_cast<std::int64_t>(std::lround(next_us()));
    out.latencies.record(us);
    out.over_time.add(i * kMs, us);
  }
  return out;
}

// `make` gives a generator of latencies; the truth is taken from a run four hundred times as long.
void expect_coverage(const std::function<std::function<double()>(Random&)>& make, double percent) {
  Random random(20'260'102);
  Histogram truth;
  auto next = make(random);
  for (int i = 0; i < 4'000'000; ++i) truth.record(std::lround(next()));
  const std::int64_t value = truth.at_percentile(percent);
  constexpr int kRuns = 1000;
  int covered = 0;
  for (int run = 0; run < kRuns; ++run) {
    const Trace trace = trace_of(make(random));
    const Interval interval = percentile_interval(trace.latencies, trace.over_time, percent);
    ASSERT_TRUE(interval.low && interval.high);
    covered += *interval.low <= value && value <= *interval.high ? 1 : 0;
  }
  EXPECT_GE(covered, kRuns * 93 / 100) << "p" << percent;
  EXPECT_LE(covered, kRuns * 97 / 100) << "p" << percent;
}

std::function<double()> independent(Random& random) {
  return [&random] { return 1000 * std::exponential_distribution<double>(1)(random); };
}

// Logarithms that remember: correlation 0.9 from one request to the next.
std::function<double()> remembering(Random& random) {
  double state = std::normal_distribution<double>(0, 1)(random);
  return [&random, state]() mutable {
    state = 0.9 * state + std::sqrt(1 - 0.81) * std::normal_distribution<double>(0, 1)(random);
    return 2000 * std::exp(0.5 * state);
  };
}

// Lindley's recursion: one server, Poisson arrivals, exponential service, 60 % busy.
std::function<double()> queue(Random& random) {
  double wait = 0;
  const auto step = [&random](double before) {
    const double service = std::exponential_distribution<double>(1)(random);
    const double gap = std::exponential_distribution<double>(0.6)(random);
    return std::pair(before + service, std::max(0.0, before + service - gap));
  };
  for (int i = 0; i < 200; ++i) wait = step(wait).second;  // into the steady state
  return [step, wait]() mutable {
    const auto [latency, next] = step(wait);
    wait = next;
    return 1000 * latency;
  };
}

TEST(PercentileInterval, CoversIndependentLatencies) {
  expect_coverage(independent, 50);
  expect_coverage(independent, 99);
}
TEST(PercentileInterval, CoversCorrelatedLatencies) {
  expect_coverage(remembering, 50);
  expect_coverage(remembering, 95);
}
TEST(PercentileInterval, CoversAQueue) {
  expect_coverage(queue, 50);
  expect_coverage(queue, 95);
}

TEST(PercentileInterval, CorrelationMakesItWider) {
  Random random(1);
  const Trace free = trace_of(independent(random)), tied = trace_of(remembering(random));
  EXPECT_GT(percentile_interval(free.latencies, free.over_time, 50).effective, 10'000);
  EXPECT_LT(percentile_interval(tied.latencies, tied.over_time, 50).effective, 5'000);
}

TEST(PercentileInterval, FewSamplesHaveNoUpperEnd) {
  Trace few;
  for (int i = 0; i < 200; ++i) few.latencies.record(i), few.over_time.add(i * kMs, i);
  EXPECT_FALSE(percentile_interval(few.latencies, few.over_time, 99).high);
}

TEST(SteadyState, IsFoundWhereTheWarmUpEnds) {
  Random random(5);
  Blocks blocks(0);
  for (int i = 0; i < 20'000; ++i) {
    const double cold = i < 3'000 ? 5 : 1;  // 3 s at five times the latency
    blocks.add(i * kMs, std::lround(cold * 1000 * (1 + std::exponential_distribution<double>(2)(random))));
  }
  const Steady steady = steady_state(blocks);
  EXPECT_TRUE(steady.steady);
  EXPECT_NEAR(steady.cut_s, 3, 0.7);
  EXPECT_LT(coarse_percentile(steady.after, 50), 2'000);
}

TEST(SteadyState, DriftIsNone) {
  Blocks blocks(0);
  for (int i = 0; i < 20'000; ++i) blocks.add(i * kMs, 1000 + i);
  EXPECT_FALSE(steady_state(blocks).steady);
}

TEST(Blocks, FoldWithoutLoss) {
  Blocks blocks(0);
  for (int i = 0; i < 100'000; ++i) blocks.add(std::int64_t{i} * 100 * kMs, 500 + i % 1000);
  std::uint64_t sum = 0;
  for (std::size_t block = 0; block < blocks.size(); ++block) {
    for (std::size_t i = 0; i < kCoarse; ++i) sum += blocks.count(block, i);
  }
  EXPECT_EQ(sum, 100'000U);
  EXPECT_LE(blocks.size(), Blocks::kMost);
}

TEST(Blocks, BucketsAreWithinFivePercent) {
  for (const std::int64_t us : {8LL, 9LL, 100LL, 1234LL, 99'999LL, 60'000'000LL}) {
    const std::size_t bucket = coarse_bucket(us);
    EXPECT_LE(coarse_lowest(bucket), static_cast<double>(us));
    EXPECT_GT(coarse_lowest(bucket + 1), static_cast<double>(us));
    EXPECT_LT(coarse_lowest(bucket + 1) / coarse_lowest(bucket), 1.07);
  }
}

}  // namespace
}  // namespace loadgen::load
