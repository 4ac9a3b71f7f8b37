#include "loadgen/campaign/turns.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <vector>

namespace loadgen {
namespace {

using namespace std::chrono_literals;

const std::function<bool()> kNever = [] { return false; };

// The most that were at work at one moment, of eight who want to.
int most_at_once(Turns& turns) {
  std::atomic<int> working = 0, most = 0;
  std::vector<std::jthread> threads;
  threads.reserve(8);
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      EXPECT_TRUE(turns.during(kNever, [&] {
        const int now = ++working;
        int before = most;
        while (before < now && !most.compare_exchange_weak(before, now)) {
        }
        std::this_thread::sleep_for(10ms);
        --working;
      }));
    });
  }
  threads.clear();
  return most;
}

TEST(Turns, NoMoreThanAllowedWorkAtOnce) {
  Turns turns(3);
  EXPECT_LE(most_at_once(turns), 3);
  turns.allow(1);
  EXPECT_EQ(most_at_once(turns), 1);
}

TEST(Turns, MoreMayComeWhileOneWorks) {
  Turns turns(1);
  std::atomic<bool> second = false;
  std::jthread other;
  turns.during(kNever, [&] {
    other = std::jthread([&] { turns.during(kNever, [&] { second = true; }); });
    turns.allow(2);
    for (int i = 0; i < 500 && !second; ++i) std::this_thread::sleep_for(10ms);
    EXPECT_TRUE(second);
  });
}

TEST(Turns, WhoThrowsPassesTheTurnOnAndWhoIsInterruptedTakesNone) {
  Turns turns(1);
  EXPECT_THROW(turns.during(kNever, [] { throw std::runtime_error("gone"); }), std::runtime_error);
  bool worked = false;
  turns.during(kNever, [&] { EXPECT_FALSE(turns.during([] { return true; }, [&] { worked = true; })); });
  EXPECT_FALSE(turns.during([] { return true; }, [&] { worked = true; }));
  EXPECT_FALSE(worked);
  EXPECT_TRUE(turns.during(kNever, [&] { worked = true; }));
  EXPECT_TRUE(worked);
}

}  // namespace
}  // namespace loadgen
