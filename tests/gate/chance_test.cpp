// How often a case that fails by chance must be run before its silence counts.
#include "loadgen/campaign/chance.h"

#include <gtest/gtest.h>

namespace loadgen {
namespace {

TEST(Chance, DemandsNinetyNineInAHundred) {
  EXPECT_EQ(runs_needed({.failures = 20, .runs = 20}), 1U);
  EXPECT_EQ(runs_needed({.failures = 1, .runs = 2}), 7U);
  EXPECT_EQ(runs_needed({.failures = 2, .runs = 20}), 44U);
  EXPECT_EQ(runs_needed({.failures = 9, .runs = 10}), 2U);
}

TEST(Chance, IsBounded) {
  EXPECT_EQ(runs_needed({.failures = 1, .runs = 1000}), kMostRuns);
  EXPECT_EQ(runs_needed({.failures = 0, .runs = 20}), kMostRuns);
  EXPECT_EQ(runs_needed({}), kMostRuns);
}

}  // namespace
}  // namespace loadgen
