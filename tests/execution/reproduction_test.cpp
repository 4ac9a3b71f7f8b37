// Exports of a finding that was shrunk show it again: the curl script gives the wrong answer, the story as a
// scenario makes the gate fail.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <pqxx/pqxx>
#include <sstream>

#include <fmt/format.h>

#include "loadgen/campaign/export.h"
#include "loadgen/campaign/findings.h"
#include "loadgen/campaign/trial.h"
#include "loadgen/environment/environment.h"
#include "loadgen/environment/temp_directory.h"
#include "sim/interpret.h"
#include "tests/execution/shell.h"

namespace loadgen {
namespace {

const std::string kFolder = std::string(HUSTLE_SOURCE_DIR) + "/scenarios";

class Reproduction : public testing::Test {
 protected:
  Reproduction()
      : environment_(boot({.harness = HUSTLE_BINARY, .server = HUSTLE_SERVER_BINARY})),
        executor_({.endpoints = endpoints(), .workers = 4}) {}

  Endpoints endpoints() const {
    return {environment_.target(), environment_.database(), environment_.providers(), true};
  }
  // Every first task gives half of the XP (money.md §5).
  void damage() {
    pqxx::connection connection(environment_.database());
    pqxx::nontransaction(connection)
        .exec(
            "CREATE OR REPLACE FUNCTION calculate_xp_decay(total_xp INTEGER) RETURNS NUMERIC(6,4)"
            " LANGUAGE sql IMMUTABLE AS 'SELECT 0.5000'");
  }
  // A finding of a whole case of the happy path.
  Found found() {
    const auto scenario = sim::load_scenario("happy_path", kFolder);
    scenarios_ = {*scenario};
    for (std::uint64_t case_id = 0; case_id < 20; ++case_id) {
      const auto now = std::chrono::system_clock::now().time_since_epoch();
      const CaseRecord record = executor_.run_one(sim::plan_case(
          *scenario, 3, case_id, {std::chrono::duration_cast<std::chrono::milliseconds>(now).count()}));
      for (model::Finding& finding : history_findings(record)) {
        Found each;
        each.finding = std::move(finding);
        return each;
      }
    }
    throw std::runtime_error("nothing was found");
  }
  model::Finding shrunk() {
    std::vector<Found> all{found()};
    const std::function<bool()> never = [] { return false; };
    shrink_findings(all, {.again = {executor_, endpoints(), never}, .scenarios = scenarios_, .seconds = 20});
    return all.front().finding;
  }
  sim::Plan plan(const model::Finding& finding) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return (*plan_of(finding, {}))({std::chrono::duration_cast<std::chrono::milliseconds>(now).count()});
  }

  Environment environment_;
  Executor executor_;
  std::vector<sim::Scenario> scenarios_;
  TempDirectory folder_{"/tmp"};
};

TEST_F(Reproduction, AShrunkStoryIsShortAndItsExportsFailToo) {
  damage();
  const model::Finding finding = shrunk();
  EXPECT_EQ(finding.scenario, "story");
  EXPECT_LE(finding.story.size(), 9U);
  EXPECT_GE(finding.story.size(), 8U) << "XP is given after eight calls at the earliest";
  for (const ExportFile& file : export_finding(finding, plan(finding), "")) {
    std::ofstream(folder_.path() + "/" + file.name) << file.text;
  }

  const Ran curl = shell(fmt::format("TARGET={} PROVIDERS={} DATABASE={} timeout 60 bash {}/story.sh",
                                     environment_.target(), environment_.providers(), environment_.database(),
                                     folder_.path()));
  ASSERT_EQ(curl.code, 0) << curl.text;
  const auto wrong = std::ranges::find(finding.story, true, &model::StoryLine::wrong);
  ASSERT_NE(wrong, finding.story.end());
  const std::string call = wrong->call.substr(0, wrong->call.find('('));
  std::istringstream lines(curl.text);
  std::string last;
  for (std::string line; std::getline(lines, line);) last = line.empty() ? last : line;
  EXPECT_NE(last.find(call), std::string::npos) << "the wrong call ends the story\n" << curl.text;
  EXPECT_NE(last.find("\"effective_xp\": 5"), std::string::npos) << "half of 10 XP: " << last;

  const Ran gate = shell(fmt::format(
      "timeout 120 {} gate --quiet --no-corpus --no-attack --time 1s --seed 1 --target {} --database {} "
      "--providers {} --out {}/out --scenario {}/story.json",
      HUSTLE_BINARY, environment_.target(), environment_.database(), environment_.providers(), folder_.path(),
      folder_.path()));
  EXPECT_EQ(gate.code, 1) << gate.text;
}

TEST_F(Reproduction, AFindingThatIsGoneKeepsItsCaseAndSaysSo) {
  damage();
  std::vector<Found> all{found()};
  const model::Finding before = all.front().finding;
  pqxx::connection connection(environment_.database());
  pqxx::nontransaction(connection)
      .exec(
          "CREATE OR REPLACE FUNCTION calculate_xp_decay(total_xp INTEGER) RETURNS NUMERIC(6,4)"
          " LANGUAGE sql IMMUTABLE AS 'SELECT 1.0000'");
  const std::function<bool()> never = [] { return false; };
  shrink_findings(all, {.again = {executor_, endpoints(), never}, .scenarios = scenarios_, .seconds = 10});
  EXPECT_EQ(all.front().finding.choices, before.choices);
  EXPECT_EQ(all.front().finding.evidence.back().second,
            "did not fail again on its own: the case as it was found");
}

}  // namespace
}  // namespace loadgen
