// Item 22: the reference server refuses every broken configuration and starts with a whole one; a server that
// is not ours is left alone.
#include "loadgen/campaign/config_check.h"

#include <gtest/gtest.h>

namespace loadgen {
namespace {

struct Checked {
  Tally tally;
  std::vector<Found> found;
  Impossible impossible;
};

Checked check(Environment& environment) {
  const GateOptions options;
  GateEvents events;
  events.interrupted = [] { return false; };
  CaseJudge judge;
  Timeline timeline;
  std::vector<Retried> retried;
  Checked result;
  check_configuration({options, environment, judge, events, timeline, retried}, result.impossible);
  result.tally = judge.tally();
  result.found = judge.take_findings();
  return result;
}

TEST(ConfigCheck, TheReferenceServerRefusesWhatIsBroken) {
  EnvironmentOptions options;
  options.harness = HUSTLE_BINARY;
  options.server = HUSTLE_SERVER_BINARY;
  Environment own = boot(options);
  Checked checked = check(own);
  for (const Found& found : checked.found)
    ADD_FAILURE() << found.finding.headline << ": " << found.finding.observed;
  EXPECT_EQ(checked.tally["configuration accepted"], 1U);
  EXPECT_EQ(checked.tally["configuration refused"], 25U);
  EXPECT_TRUE(checked.impossible.empty());

  options.target = own.target();
  options.database = own.database();
  options.providers = own.providers();
  Environment attached = boot(options);
  EXPECT_EQ(check(attached).impossible.size(), 2U);
}

}  // namespace
}  // namespace loadgen
