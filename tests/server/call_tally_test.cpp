#include "reference_server/call_tally.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace {

using server::CallKey;
using server::CallTally;

TEST(CallTally, SumsWhatAllThreadsCountedOnce) {
  CallTally tally;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&tally] {
      for (int i = 0; i < 1'000; ++i) {
        tally.add({"task.create", "POST", 2}, 0.002);
        if (i % 10 == 0) tally.add({"task.create", "POST", 4}, 10);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const auto sums = tally.collect();
  ASSERT_EQ(sums.size(), 2U);
  const auto& good = sums.at({"task.create", "POST", 2});
  EXPECT_EQ(good.calls, 4'000U);
  EXPECT_EQ(good.buckets[1], 4'000U) << "up to 2.5 ms";
  EXPECT_NEAR(good.seconds, 8, 1e-6);
  EXPECT_EQ(sums.at({"task.create", "POST", 4}).buckets.back(), 400U);
  for (const auto& [key, counts] : tally.collect()) EXPECT_EQ(counts.calls, 0U) << key.route;
}

// A thread that serves two tallies in turn, and one after the other at the same address, mixes nothing up.
TEST(CallTally, KeepsTalliesApart) {
  CallTally one, other;
  for (int i = 0; i < 100; ++i) {
    one.add({"a", "GET", 2}, 0);
    other.add({"b", "GET", 2}, 0);
  }
  EXPECT_EQ(one.collect().at({"a", "GET", 2}).calls, 100U);
  EXPECT_EQ(other.collect().size(), 1U);
  for (int i = 0; i < 3; ++i) {
    CallTally again;
    again.add({"c", "GET", 2}, 0);
    EXPECT_EQ(again.collect().at({"c", "GET", 2}).calls, 1U);
  }
}

}  // namespace
