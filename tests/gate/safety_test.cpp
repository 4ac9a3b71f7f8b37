// The checks of safety and abuse (roles, freeze, standing, administration, beta, limits, payloads,
// adversaries) on the reference server: nothing is found, and everything that the gate's items ask for was
// tried.
#include "loadgen/side/side_schedule.h"

#include <gtest/gtest.h>

#include "loadgen/campaign/items.h"

namespace {

TEST(Safety, TheReferenceServerHoldsAndEveryCheckIsCounted) {
  loadgen::EnvironmentOptions boot;
  boot.harness = HUSTLE_BINARY;
  boot.server = HUSTLE_SERVER_BINARY;
  loadgen::Environment environment = loadgen::boot(boot);
  loadgen::CaseJudge judge;
  loadgen::Timeline timeline;
  loadgen::Turns turns(loadgen::kSideLanes);
  const std::function<bool()> never = [] { return false; };
  loadgen::Impossible impossible;
  loadgen::check_safety({environment, judge, never, timeline, turns}, impossible);

  EXPECT_TRUE(impossible.empty());
  for (const loadgen::Found& found : judge.take_findings())
    ADD_FAILURE() << found.finding.rule << ": " << found.finding.headline << ": expected "
                  << found.finding.expected << ", got " << found.finding.observed;
  const loadgen::Tally tally = judge.tally();
  for (const loadgen::ItemFacts& item : loadgen::all_items()) {
    for (const loadgen::Need& need : item.needs) {
      if (!need.counter.starts_with("safety ")) continue;
      const auto found = tally.find(need.counter);
      EXPECT_GE(found == tally.end() ? 0 : found->second, need.at_least)
          << item.number << " " << need.counter;
    }
  }
}

// What is not ours is neither frozen nor throttled: the items say so instead of holding.
TEST(Safety, AnAttachedTargetIsLeftAlone) {
  loadgen::EnvironmentOptions boot;
  boot.harness = HUSTLE_BINARY;
  boot.server = HUSTLE_SERVER_BINARY;
  loadgen::Environment own = loadgen::boot(boot);
  boot.target = own.target();
  boot.database = own.database();
  boot.providers = own.providers();
  loadgen::Environment attached = loadgen::boot(boot);
  loadgen::CaseJudge judge;
  loadgen::Timeline timeline;
  loadgen::Turns turns(loadgen::kSideLanes);
  const std::function<bool()> never = [] { return false; };
  loadgen::Impossible impossible;
  loadgen::check_safety({attached, judge, never, timeline, turns}, impossible);
  EXPECT_TRUE(judge.tally().empty());
  EXPECT_TRUE(impossible.contains("safety freeze"));
  EXPECT_TRUE(impossible.contains("safety limits"));
}

}  // namespace
