// hustle load --scenario as its user meets it: a private environment, every answer checked, audits,
// thresholds, a target that dies.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "loadgen/environment/environment.h"
#include "loadgen/load/journey_worker.h"
#include "loadgen/load/phases.h"
#include "loadgen/load/self_watch.h"
#include "sim/scenario.h"

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

struct Ran {
  int exit_code = -1;
  std::string output;
};

Ran run(const std::string& arguments) {
  FILE* pipe = popen((std::string(HUSTLE_BINARY) + " load " + arguments + " 2>&1").c_str(), "r");
  Ran ran;
  for (int c = fgetc(pipe); c != EOF; c = fgetc(pipe)) ran.output += static_cast<char>(c);
  const int status = pclose(pipe);
  ran.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return ran;
}

class LoadScenarioRun : public testing::Test {
 protected:
  LoadScenarioRun() {
    std::string name = "/tmp/hustle-load-XXXXXX";
    out_ = mkdtemp(name.data());
  }
  ~LoadScenarioRun() override { fs::remove_all(out_); }
  std::string common() const { return "--scenario load_smoke --seed 5 --quiet --out " + out_.string(); }
  Json report() const {
    for (const auto& folder : fs::directory_iterator(out_)) {
      if (folder.is_symlink()) continue;
      std::ifstream stream(folder.path() / "report.json");
      return Json::parse(stream);
    }
    return {};
  }
  fs::path out_;
};

void expect_code(const Ran& ran, int expected) {
  if (ran.exit_code == 5) {
    EXPECT_NE(ran.output.find(loadgen::load::kInvalid), std::string::npos) << ran.output;
  } else {
    EXPECT_EQ(ran.exit_code, expected) << ran.output;
  }
}

TEST_F(LoadScenarioRun, EveryJourneyIsCleanAndEverythingIsAudited) {
  const Ran ran = run(common());
  expect_code(ran, 0);
  const Json report = this->report();
  EXPECT_EQ(report["asked"]["mode"], "journeys");
  EXPECT_EQ(report["complete"], true) << ran.output;
  EXPECT_EQ(report["audits"]["done"], true) << ran.output;
  EXPECT_GT(report["audits"]["checks"].size(), 20U);
  EXPECT_GT(report["audits"]["books_compared"], 20);
  EXPECT_EQ(report["audits"]["findings"].size(), 0U) << ran.output;
  EXPECT_GT(report["checked"]["whole_contract"], 5);
  int due = 0, clean = 0, kinds = 0;
  for (const Json& one : report["journeys"]) {
    if (one["phase"] != "measure") continue;
    due += one["due"].get<int>(), clean += one["clean"].get<int>();
    ++kinds;
  }
  EXPECT_EQ(due, clean) << ran.output;
  EXPECT_GT(due, 200);
  EXPECT_GE(kinds, 9);
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
    EXPECT_EQ(ran.exit_code, 2) << arguments;
    EXPECT_TRUE(ran.output.starts_with(beginning)) << ran.output;
    EXPECT_EQ(ran.output.find('\n'), ran.output.size() - 1) << ran.output;
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
  options.harness = HUSTLE_BINARY;
  options.server = HUSTLE_SERVER_BINARY;
  const loadgen::Environment environment = loadgen::boot(options);
  const auto begin = std::chrono::steady_clock::now();
  const Ran ran = run(common() + " --time 60s --target " + environment.target() + " --database '" +
                      environment.database() + "' --providers " + environment.providers() +
                      " & child=$!; sleep 6; kill -INT $child; wait $child");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(8200));
  EXPECT_EQ(ran.exit_code, 4) << ran.output;
  EXPECT_NE(ran.output.find("(partial: interrupted), not audited: interrupted"), std::string::npos)
      << ran.output;
  EXPECT_EQ(report()["complete"], false);
  EXPECT_GT(report()["phases"]["measure"]["ok"], 20);
}

TEST_F(LoadScenarioRun, ATargetThatDiesGivesAPartialReportAndExitCode3) {
  loadgen::EnvironmentOptions options;
  options.test_clock = false;
  options.harness = HUSTLE_BINARY;
  options.server = HUSTLE_SERVER_BINARY;
  loadgen::Environment environment = loadgen::boot(options);
  std::jthread killer([&] {
    std::this_thread::sleep_for(std::chrono::seconds(5));
    environment.kill_server();
  });
  const Ran ran = run(common() + " --time 30s --target " + environment.target() + " --database '" +
                      environment.database() + "' --providers " + environment.providers());
  EXPECT_EQ(ran.exit_code, 3) << ran.output;
  EXPECT_NE(ran.output.find("the target died (partial: "), std::string::npos) << ran.output;
  EXPECT_EQ(report()["complete"], false);
  EXPECT_GT(report()["phases"]["measure"]["ok"], 20);
}

// 4 KB with a webhook's body and all identifiers.
TEST(JourneyMemory, OfAnIdleJourneyIsSmall) {
  EXPECT_LT(loadgen::load::JourneyWorker::idle_bytes(), 2048U);
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
