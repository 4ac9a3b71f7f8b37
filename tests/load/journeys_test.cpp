// hustle load --scenario as its user meets it: a private environment, every answer checked, audits,
// thresholds, a target that dies.
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <string>
#include <thread>

#include "loadgen/environment/environment.h"
#include "loadgen/load/journey_worker.h"
#include "loadgen/load/phases.h"
#include "loadgen/load/self_watch.h"
#include "sim/scenario.h"
#include "tests/load/command.h"

namespace {

using load_test::expect_code;
using load_test::Json;
using load_test::Ran;

Ran run(const std::string& arguments) {
  return load_test::hustle("load " + arguments);
}

class LoadScenarioRun : public load_test::OutFolder {
 protected:
  std::string common() const { return "--scenario load_smoke --seed 5 --quiet --out " + out_.string(); }
};

TEST_F(LoadScenarioRun, EveryJourneyIsCleanAndEverythingIsAudited) {
  const Ran ran = run(common());
  expect_code(ran, 0);
  const Json report = this->report();
  EXPECT_EQ(report["asked"]["mode"], "journeys");
  EXPECT_EQ(report["complete"], true) << ran.text;
  EXPECT_EQ(report["audits"]["done"], true) << ran.text;
  EXPECT_GT(report["audits"]["checks"].size(), 20U);
  EXPECT_GT(report["audits"]["books_compared"], 20);
  EXPECT_EQ(report["audits"]["findings"].size(), 0U) << ran.text;
  EXPECT_GT(report["checked"]["whole_contract"], 5);
  int due = 0, clean = 0, kinds = 0;
  for (const Json& one : report["journeys"]) {
    if (one["phase"] != "measure") continue;
    due += one["due"].get<int>(), clean += one["clean"].get<int>();
    ++kinds;
  }
  EXPECT_EQ(due, clean) << ran.text;
  EXPECT_GT(due, 200);
  EXPECT_GE(kinds, 10);
  EXPECT_EQ(report["asked"]["schedule"]["sha256"], report["asked"]["schedule"]["begun_sha256"]);
  bool loop = false;
  for (const Json& one : report["procedures"]) loop |= one["name"] == "webhook.loop" && one["ok"] > 20;
  EXPECT_TRUE(loop) << "payments are timed from the event to its effect";
}

TEST_F(LoadScenarioRun, MistakesAreOneLineAndExitCode2) {
  const std::pair<const char*, const char*> mistakes[] = {
      {"--scenario races", "hustle load: --scenario races: expected a scenario with the part \"load\""},
      {"--scenario nothing", "hustle load: --scenario: scenario nothing: unknown, expected one of"},
      {"--scenario load_smoke --users 3", "hustle load: --users: not together with --scenario"},
      {"--target http://127.0.0.1:1 --abort", "hustle load: --abort: expected together with --scenario"},
      {"--scenario load_smoke --threshold 'x: p95 < 1 s'",
       "hustle load: --threshold: 'x: p95 < 1 s': expected a phase of the scenario before ':', got 'x'"},
      {"--scenario load_smoke --threshold 'task.fly p95 < 1 s'",
       "hustle load: --threshold: 'task.fly p95 < 1 s': expected a procedure"},
  };
  for (const auto& [arguments, beginning] : mistakes) {
    const Ran ran = run(arguments);
    EXPECT_EQ(ran.code, 2) << arguments;
    EXPECT_TRUE(ran.text.starts_with(beginning)) << ran.text;
    EXPECT_EQ(ran.text.find('\n'), ran.text.size() - 1) << ran.text;
  }
}

TEST_F(LoadScenarioRun, ACrossedThresholdEndsTheRunWhenAsked) {
  const auto begin = std::chrono::steady_clock::now();
  const Ran ran = run(common() + " --time 60s --abort --threshold 'task.getById p50 < 1 us'");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(40));
  expect_code(ran, 1);
  EXPECT_EQ(report()["complete"], false);
  EXPECT_EQ(report()["incomplete_reason"], "threshold crossed: task.getById p50 < 1 us");
}

TEST_F(LoadScenarioRun, CtrlCEndsWithinTwoSecondsWithAPartialReport) {
  loadgen::EnvironmentOptions options;
  options.test_clock = false;
  options.object_store = false;
  options.harness = HUSTLE_BINARY;
  options.server = HUSTLE_SERVER_BINARY;
  const loadgen::Environment environment = loadgen::boot(options);
  const auto begin = std::chrono::steady_clock::now();
  const Ran ran = run(common() + " --time 60s --target " + environment.target() + " --database '" +
                      environment.database() + "' --providers " + environment.providers() +
                      " & child=$!; sleep 6; kill -INT $child; wait $child");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(8200));
  expect_code(ran, 4);
  EXPECT_NE(ran.text.find("(partial: interrupted)"), std::string::npos) << ran.text;
  EXPECT_EQ(report()["audits"]["why_not"], "interrupted");
  EXPECT_EQ(report()["complete"], false);
  EXPECT_GT(report()["phases"]["measure"]["ok"], 20);
}

TEST_F(LoadScenarioRun, ATargetThatDiesGivesAPartialReportAndExitCode3) {
  loadgen::EnvironmentOptions options;
  options.test_clock = false;
  options.object_store = false;
  options.harness = HUSTLE_BINARY;
  options.server = HUSTLE_SERVER_BINARY;
  loadgen::Environment environment = loadgen::boot(options);
  std::jthread killer([&] {
    std::this_thread::sleep_for(std::chrono::seconds(5));
    environment.kill_server();
  });
  const Ran ran = run(common() + " --time 30s --target " + environment.target() + " --database '" +
                      environment.database() + "' --providers " + environment.providers());
  EXPECT_EQ(ran.code, 3) << ran.text;
  EXPECT_NE(ran.text.find("the target died (partial: "), std::string::npos) << ran.text;
  EXPECT_EQ(report()["complete"], false);
  EXPECT_GT(report()["phases"]["measure"]["ok"], 20);
}

// Every journey's first requests follow from the seed, whoever sends them: what the threads began is hashed
// by themselves and must be what one planner alone had planned.
TEST_F(LoadScenarioRun, TheSameSeedIsTheSameScheduleAtAnyThreadCount) {
  std::string hash;
  for (const char* threads : {"1", "2", "4"}) {
    const Ran ran = run(common() + " --time 3s --warmup 1s --threads " + threads);
    const Json schedule = report()["asked"]["schedule"];
    ASSERT_TRUE(schedule.is_object()) << ran.text;
    EXPECT_EQ(schedule["begun_sha256"], schedule["sha256"]) << threads << " threads\n" << ran.text;
    if (!hash.empty()) EXPECT_EQ(schedule["sha256"], hash) << threads << " threads";
    hash = schedule["sha256"];
    clear();
  }
}

// A fixed number of people who wait for their answers: none has two journeys at once, and nothing is planned
// ahead; beside them, a population that arrives.
TEST_F(LoadScenarioRun, UsersInAClosedLoopMakeOneJourneyAfterAnother) {
  const Ran ran = run("--scenario load_users --seed 5 --quiet --time 6s --warmup 2s --out " + out_.string());
  expect_code(ran, 0);
  const Json report = this->report();
  EXPECT_EQ(report["asked"]["users"], 60);
  EXPECT_EQ(report["asked"]["schedule"], nullptr);
  EXPECT_EQ(report["audits"]["findings"].size(), 0U) << ran.text;
  std::map<std::string, int> due;
  for (const Json& one : report["populations"]) {
    if (one["phase"] != "measure") continue;
    due[one["name"]] = one["due"];
    EXPECT_EQ(one["due"], one["clean"]) << ran.text;
  }
  // One journey a second and user at most, since they think for a second; 15 visitors think for two.
  EXPECT_GT(due["posters"], 20);
  EXPECT_LT(due["posters"], 200);
  EXPECT_GT(due["workers"], 40);
  EXPECT_LT(due["workers"], 250);
  EXPECT_GT(due["visitors"], 10);
  EXPECT_LT(due["visitors"], 80);
  EXPECT_GT(due["processor"], 2);
}

// The same seed: byte for byte the same journeys, whoever walks them.
TEST(JourneySchedule, IsThatOfTheSeed) {
  const auto load = *sim::load_scenario("load_smoke", std::string(HUSTLE_SOURCE_DIR) + "/scenarios")->load;
  const auto one = loadgen::load::journey_schedule(load, 9);
  EXPECT_EQ(one.sha256, loadgen::load::journey_schedule(load, 9).sha256);
  EXPECT_NE(one.sha256, loadgen::load::journey_schedule(load, 10).sha256);
  EXPECT_NEAR(static_cast<double>(one.count), 2 * 30 + 9 * 40 + 10, 80);
}

}  // namespace
