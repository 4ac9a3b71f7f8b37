// The load part of a scenario: read, refused with the path of the mistake, explained.
#include <gtest/gtest.h>

#include "sim/scenario.h"

namespace sim {
namespace {

std::string with_load(const std::string& load) {
  return R"({"name":"x","summary":"s","explanation":"e","load":)" + load + "}";
}

const std::string kPhases = R"("phases":[{"name":"m","kind":"measure","seconds":1,"rate":5}])";
const std::string kWho = R"("populations":[{"name":"p","share":1,"journeys":{"post":1}}])";

std::string error_of(const std::string& load) {
  const auto scenario = parse_scenario(with_load(load));
  return scenario ? "" : scenario.error();
}

TEST(LoadScenario, IsReadWithItsDefaults) {
  const auto scenario = parse_scenario(with_load("{" + kPhases + "," + kWho + "}"));
  ASSERT_TRUE(scenario) << scenario.error();
  ASSERT_TRUE(scenario->load);
  EXPECT_EQ(scenario->load->phases.front().arrivals, "poisson");
  EXPECT_EQ(scenario->load->populations.front().weights[static_cast<std::size_t>(Journey::post)], 1);
  EXPECT_FALSE(scenario->load->abort);
}

TEST(LoadScenario, MistakesNameThePath) {
  EXPECT_EQ(error_of("{" + kWho + "}"), "load.phases: missing (one after another)");
  EXPECT_EQ(error_of("{\"phases\":[]," + kWho + "}"), "load.phases: expected at least one phase, got none");
  EXPECT_EQ(error_of(R"({"phases":[{"name":"m","kind":"go","seconds":1,"rate":5}],)" + kWho + "}"),
            "load.phases[0].kind: expected one of warm-up, measure, cool-down, got \"go\"");
  EXPECT_EQ(error_of(R"({"phases":[{"name":"m","kind":"measure","seconds":1,"rate":0}],)" + kWho + "}"),
            "load.phases[0].rate: expected a number > 0, got 0");
  EXPECT_EQ(error_of(R"({"phases":[{"name":"m","kind":"warm-up","seconds":1,"rate":1}],)" + kWho + "}"),
            "load.phases: expected at least one of kind \"measure\", got none");
  EXPECT_EQ(error_of("{" + kPhases + R"(,"populations":[{"name":"p","share":1,"journeys":{"fly":1}}]})"),
            "load.populations[0].journeys.fly: unknown field, expected one of read, feed, recompute, browse, "
            "post, post_and_fund, accept, prove, review, dispute, cancel, webhook_storm");
  EXPECT_EQ(error_of("{" + kPhases + R"(,"populations":[{"name":"p","share":1,"journeys":{}}]})"),
            "load.populations[0].journeys: expected at least one weight above 0, got none");
  EXPECT_EQ(error_of("{" + kPhases + "," + kWho + R"(,"thresholds":[3]})"),
            "load.thresholds[0]: expected a text, got 3");
  EXPECT_EQ(error_of("{" + kPhases + "," + kWho + R"(,"people":{"workers":3}})"),
            "load.people.workers: expected an integer from 16 to 100000, got 3");
  EXPECT_EQ(error_of("3"), "load: expected an object, got 3");
}

TEST(LoadScenario, IsExplained) {
  const auto scenario = load_scenario("load_nominal", std::string(HUSTLE_SOURCE_DIR) + "/scenarios");
  ASSERT_TRUE(scenario) << scenario.error();
  const std::string text = explain_scenario(*scenario);
  EXPECT_NE(text.find("measure (measure): 60 s, poisson arrivals, up to 170 journeys/s"), std::string::npos)
      << text;
  EXPECT_NE(text.find("readers (58.8 % of the journeys): feed 100 %"), std::string::npos) << text;
  EXPECT_NE(text.find("Must hold: feed.get p95 < 200 ms;"), std::string::npos) << text;
}

}  // namespace
}  // namespace sim
