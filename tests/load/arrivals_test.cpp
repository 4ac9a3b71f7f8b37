// The schedule: its shape, its sum, and that it is the same whoever reads it.
#include "loadgen/load/arrivals.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "loadgen/load/tally.h"
#include "net/sign.h"

namespace loadgen::load {
namespace {

std::vector<std::int64_t> instants(const ArrivalPlan& plan) {
  std::vector<std::int64_t> out;
  Arrivals arrivals(plan);
  for (std::int64_t at = arrivals.next(); at != Arrivals::kEnd; at = arrivals.next()) out.push_back(at);
  return out;
}

// Anderson–Darling statistic of values that ought to be uniform on 0 to 1 (fully specified: 5 % above 2.492).
double anderson_darling(std::vector<double> values) {
  std::ranges::sort(values);
  const auto n = static_cast<double>(values.size());
  double sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double low = values[i], high = values[values.size() - 1 - i];
    sum += (2 * static_cast<double>(i) + 1) * (std::log(low) + std::log1p(-high));
  }
  return -n - sum / n;
}

constexpr double kFivePercent = 2.492;
constexpr std::int64_t kSecond = 1'000'000'000;

// Given how many there are, the instants of a Poisson process are uniform; the gaps are exponential, so that
// 1 - exp(-rate * gap) is uniform too. Both tests, over 100 seeds: 95 expected to pass each.
TEST(Arrivals, PoissonPassesAndersonDarling) {
  int times_pass = 0, gaps_pass = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const auto all = instants({.spacing = Spacing::poisson, .rate = 1000, .duration_s = 5, .seed = seed});
    std::vector<double> times, gaps;
    for (std::size_t i = 0; i < all.size(); ++i) {
      times.push_back((static_cast<double>(all[i]) + 0.5) / (5.0 * kSecond));
      if (i > 0) gaps.push_back(-std::expm1(-(static_cast<double>(all[i] - all[i - 1]) + 0.5) / 1e6));
    }
    times_pass += anderson_darling(times) < kFivePercent;
    gaps_pass += anderson_darling(gaps) < kFivePercent;
  }
  EXPECT_GE(times_pass, 93);
  EXPECT_GE(gaps_pass, 93);
}

TEST(Arrivals, TheTestOfShapeRefusesEvenArrivals) {
  std::vector<double> gaps(5000, -std::expm1(-1.0));
  EXPECT_GT(anderson_darling(gaps), kFivePercent);
}

TEST(Arrivals, ConstantIsEven) {
  for (const double rate : {1000.0, 5000.0, 20'000.0, 1234.5}) {
    const auto all = instants({.rate = rate, .duration_s = 3});
    EXPECT_NEAR(static_cast<double>(all.size()), rate * 3, 1) << rate;
    Dispersion dispersion;
    for (const std::int64_t at : all) dispersion.add(at);
    if (rate >= 5000 || rate == 1000) EXPECT_LE(dispersion.index(), 0.1) << rate;
    for (std::size_t i = 1; i < all.size(); ++i) {
      EXPECT_NEAR(static_cast<double>(all[i] - all[i - 1]), 1e9 / rate, 1.01);
    }
  }
  Dispersion poisson;
  for (const std::int64_t at :
       instants({.spacing = Spacing::poisson, .rate = 5000, .duration_s = 3, .seed = 7})) {
    poisson.add(at);
  }
  EXPECT_NEAR(poisson.index(), 1, 0.15);
}

struct Part {
  Curve curve;
  double from, to, expected;  // shares of the duration, of all that the full rate would have sent in it
};

class Curves : public testing::TestWithParam<Part> {};

TEST_P(Curves, HaveTheRateTheySay) {
  const auto& [curve, from, to, expected] = GetParam();
  for (const Spacing spacing : {Spacing::even, Spacing::poisson}) {
    const auto all = instants(
        {.curve = curve, .spacing = spacing, .rate = 10'000, .duration_s = 10, .warmup_s = 1, .seed = 3});
    EXPECT_TRUE(std::ranges::is_sorted(all));
    const auto inside = std::ranges::count_if(all, [&](std::int64_t at) {
      const double share = (static_cast<double>(at) / 1e9 - 1) / 10;
      return share >= from && share < to;
    });
    const double wanted = expected * (to - from) * 100'000;
    EXPECT_NEAR(static_cast<double>(inside), wanted, spacing == Spacing::even ? 2 : 5 * std::sqrt(wanted));
  }
}

INSTANTIATE_TEST_SUITE_P(All, Curves,
                         testing::Values(Part{Curve::constant, 0, 1, 1}, Part{Curve::ramp, 0, 1, 0.55},
                                         Part{Curve::ramp, 0.5, 1, 0.775}, Part{Curve::step, 0, 0.25, 0.25},
                                         Part{Curve::step, 0.75, 1, 1}, Part{Curve::spike, 0, 0.45, 0.2},
                                         Part{Curve::spike, 0.45, 0.55, 1}, Part{Curve::spike, 0.55, 1, 0.2},
                                         Part{Curve::day, 17.0 / 24, 18.0 / 24, 0.99},
                                         Part{Curve::day, 3.0 / 24, 4.0 / 24, 0.055}));

TEST(Arrivals, WarmUpRunsAtTheRateTheCurveBeginsWith) {
  const auto all = instants({.curve = Curve::ramp, .rate = 1000, .duration_s = 4, .warmup_s = 2});
  EXPECT_NEAR(static_cast<double>(std::ranges::count_if(all, [](auto at) { return at < 2 * kSecond; })), 200,
              1);
}

TEST(Arrivals, AnyNumberOfThreadsReadsTheSameSchedule) {
  const ArrivalPlan plan{
      .curve = Curve::day, .spacing = Spacing::poisson, .rate = 2000, .duration_s = 3, .seed = 11};
  const auto all = instants(plan);
  for (const unsigned threads : {1U, 2U, 3U, 8U}) {
    std::vector<std::int64_t> joined;
    for (unsigned i = 0; i < threads; ++i) {
      for (ArrivalShare share(plan, i, threads); share.head() != Arrivals::kEnd; share.pop()) {
        joined.push_back(share.head());
      }
    }
    std::ranges::sort(joined);
    EXPECT_EQ(joined, all) << threads;
  }
}

TEST(Arrivals, TheFingerprintIsOfTheBytes) {
  const ArrivalPlan plan{.spacing = Spacing::poisson, .rate = 500, .duration_s = 2, .seed = 5};
  std::string bytes;
  for (const std::int64_t at : instants(plan)) {
    for (int i = 0; i < 8; ++i) bytes += static_cast<char>(at >> (8 * i));
  }
  const ScheduleFacts facts = schedule_facts(plan);
  EXPECT_EQ(facts.sha256, net::hex(net::sha256(bytes)));
  EXPECT_EQ(facts.count, bytes.size() / 8);
  EXPECT_EQ(facts.sha256, schedule_facts(plan).sha256);
  ArrivalPlan other = plan;
  other.seed = 6;
  EXPECT_NE(facts.sha256, schedule_facts(other).sha256);
}

TEST(Arrivals, NamesAreReadAndWritten) {
  for (const char* name : {"constant", "poisson", "ramp", "spike-poisson", "day"}) {
    const auto read = parse_arrivals(name);
    ASSERT_TRUE(read);
    EXPECT_EQ(arrivals_name(read->first, read->second), name);
  }
  EXPECT_EQ(
      parse_arrivals("posson").error(),
      "expected one of constant, poisson, ramp, ramp-poisson, step, step-poisson, spike, spike-poisson, "
      "day, day-poisson, got 'posson'");
}

}  // namespace
}  // namespace loadgen::load
