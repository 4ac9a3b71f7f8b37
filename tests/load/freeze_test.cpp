// The freeze test: a target that stands still for 1 s of 8 s at 1,000/s. One
// eighth of all requests is due in the freeze, evenly, so p90 = 200 ms, p95 = 600 ms, p99 = 920 ms at any
// number of connections. A generator that stops its clock with its connections reports less than a
// millisecond.
//
// Twice: with a controlled clock, where the target answers at once and the closed form is exact; and over
// sockets, where the backlog takes time to drain and this machine takes time to wake up. There the truth is
// what the target itself noted: requests are answered in the order in which they are due, so the i-th answer
// belongs to the i-th instant of the schedule.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <tuple>
#include <vector>

#include "loadgen/load/raw.h"
#include "tests/load/target.h"

namespace loadgen::load {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

void expect_within(double share, double truth, double told, double percentile) {
  EXPECT_NEAR(told, truth, share * truth) << "p" << percentile;
}

// --- the accounting under a controlled clock
// -----------------------------------------------------------------------

struct Freeze {
  std::int64_t from, until;
  std::int64_t answered(std::int64_t sent) const { return sent >= from && sent < until ? until : sent; }
};

// What a worker does with its schedule, its connections and its tally, in a world where only the freeze takes
// time.
Tally under_controlled_clock(const ArrivalPlan& plan, std::size_t connections, const Freeze& freeze) {
  Tally tally(plan.warmup_s, plan.duration_s);
  ArrivalShare schedule(plan, 0, 1);
  std::deque<std::int64_t> free_at(connections, 0);  // in the order in which they become free
  for (; schedule.head() != Arrivals::kEnd; schedule.pop()) {
    const std::int64_t intended = schedule.head(), free = free_at.front();
    free_at.pop_front();
    const std::int64_t sent = std::max(intended, free), done = freeze.answered(sent);
    tally.due(intended);
    tally.sent(intended, free, sent);
    tally.success(intended, sent, done, 200);
    free_at.push_back(done);
  }
  return tally;
}

class ControlledFreeze : public testing::TestWithParam<std::tuple<std::size_t, double>> {};

TEST_P(ControlledFreeze, IsToldAsTheClosedForm) {
  const auto& [connections, length] = GetParam();
  const auto freeze_ns = static_cast<std::int64_t>(length * 1e9);
  for (const Spacing spacing : {Spacing::even, Spacing::poisson}) {
    const ArrivalPlan plan{.spacing = spacing, .rate = 1000, .duration_s = 8 * length, .seed = 4};
    const Tally tally = under_controlled_clock(plan, connections, {3 * freeze_ns, 4 * freeze_ns});
    // Chance moves how many arrivals fall into the freeze: the closed form holds for even spacing, and for
    // Poisson within what chance allows.
    const double allowed = spacing == Spacing::even ? 0.02 : 0.25;
    for (const double percentile : {90.0, 95.0, 99.0}) {
      const double truth = length * (1 - (100 - percentile) / 12.5) * 1e6;
      const auto told = static_cast<double>(tally.measured.latency.at_percentile(percentile));
      expect_within(percentile == 90 || spacing == Spacing::even ? allowed : 0.1, truth, told, percentile);
    }
    EXPECT_EQ(tally.measured.ok(), tally.measured.due);
    EXPECT_NEAR(static_cast<double>(tally.measured.latency.max()), length * 1e6, length * 1e6 * 0.02);
  }
}

INSTANTIATE_TEST_SUITE_P(All, ControlledFreeze,
                         testing::Combine(testing::Values(1U, 8U, 64U, 1000U), testing::Values(1.0, 3.0)));

// --- the generator over sockets
// ------------------------------------------------------------------------------------

std::vector<std::int64_t> true_latencies(const ArrivalPlan& plan, std::int64_t start,
                                         load_test::Target& target) {
  target.stop();
  std::vector<std::int64_t> out;
  Arrivals arrivals(plan);
  for (const std::int64_t answered : target.answered_ns()) out.push_back(answered - start - arrivals.next());
  std::ranges::sort(out);
  return out;
}

class SocketFreeze : public testing::TestWithParam<unsigned> {};

TEST_P(SocketFreeze, IsToldAsTheTargetKnowsIt) {
  load_test::Target target({.freeze_after_ns = 3 * kSecond, .freeze_ns = kSecond});
  const ArrivalPlan plan{.rate = 1000, .duration_s = 8};
  const RawResult result = run_raw({.target = target.url(),
                                    .request = {"GET", "/", {}, ""},
                                    .arrivals = plan,
                                    .connections = GetParam(),
                                    .threads = 1});
  const PhaseTally& phase = result.tally.measured;
  EXPECT_EQ(phase.due, 8000U);
  EXPECT_EQ(phase.ok(), 8000U);
  EXPECT_EQ(phase.failed() + phase.unfinished, 0U);
  const std::vector<std::int64_t> truth = true_latencies(plan, result.started_monotonic_ns, target);
  ASSERT_EQ(truth.size(), 8000U);
  for (const double percentile : {90.0, 95.0, 99.0}) {
    const auto rank = static_cast<std::size_t>(std::ceil(percentile / 100 * 8000)) - 1;
    const auto told = static_cast<double>(phase.latency.at_percentile(percentile));
    expect_within(0.02, static_cast<double>(truth[rank]) / 1e3, told, percentile);
    // The closed form itself: the drain of the backlog and a busy machine only ever add.
    EXPECT_GE(told, 0.98 * (1 - (100 - percentile) / 12.5) * 1e6) << "p" << percentile;
  }
  // What coordinated omission would have shown: only the requests in flight met the freeze.
  if (GetParam() <= 8) EXPECT_LT(phase.service.at_percentile(99), 100'000);
  EXPECT_GE(phase.waited, GetParam() <= 64 ? 900U : 0U);
}

INSTANTIATE_TEST_SUITE_P(All, SocketFreeze, testing::Values(1U, 8U, 64U, 1000U));

}  // namespace
}  // namespace loadgen::load
