// A finding as scripts: they parse, and the story that they play gives the answers that the plan expects.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "loadgen/campaign/export.h"
#include "loadgen/environment/environment.h"
#include "loadgen/environment/temp_directory.h"
#include "sim/interpret.h"
#include "tests/execution/shell.h"

namespace loadgen {
namespace {

const std::string kFolder = std::string(HUSTLE_SOURCE_DIR) + "/scenarios";

sim::Plan plan_of(const std::string& name, std::uint64_t number, std::size_t most) {
  const auto scenario = sim::load_scenario(name, kFolder);
  if (!scenario) throw std::runtime_error(scenario.error());
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  sim::Plan plan = sim::plan_case(*scenario, 4, number,
                                  {std::chrono::duration_cast<std::chrono::milliseconds>(now).count()});
  if (plan.steps.size() > most) plan.steps.resize(most);
  return plan;
}

void write(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path) << text;
}

std::string status_of(const model::Outcome& outcome) {
  return outcome.kind == model::Outcome::Kind::accepted ? "200"
                                                        : std::to_string(model::facts(outcome.code).http);
}

class Export : public testing::Test {
 protected:
  std::filesystem::path script() const { return std::filesystem::path(folder_.path()) / "story.sh"; }
  TempDirectory folder_{"/tmp"};
};

TEST_F(Export, EveryScenarioGivesAScriptThatParses) {
  for (const std::string& name : sim::scenario_names(kFolder)) {
    for (std::uint64_t number = 0; number < 4; ++number) {
      write(script(), curl_script(plan_of(name, number, 1000)));
      const Ran ran = shell("bash -n " + script().string());
      ASSERT_EQ(ran.code, 0) << name << " " << number << "\n" << ran.text;
    }
  }
}

TEST_F(Export, TheScriptPlaysTheStory) {
  const Environment environment = boot({.harness = HUSTLE_BINARY, .server = HUSTLE_SERVER_BINARY});
  for (const std::string name : {"happy_path", "disputes", "bad_inputs"}) {
    const sim::Plan plan = plan_of(name, 1, 16);
    write(script(), curl_script(plan));
    const Ran ran = shell("TARGET=" + environment.target() + " PROVIDERS=" + environment.providers() +
                          " DATABASE=" + environment.database() + " timeout 60 bash " + script().string());
    ASSERT_EQ(ran.code, 0) << ran.text;
    std::istringstream lines(ran.text);
    std::size_t number = 0;
    for (const sim::Step& step : plan.steps) {
      std::string line;
      ASSERT_TRUE(std::getline(lines, line)) << ran.text;
      ASSERT_TRUE(line.starts_with(std::to_string(++number) + " "))
          << name << " " << number << ": " << line << "\n"
          << ran.text;
      if (step.together.size() > 1) break;  // the order of a group is not known
      const model::Outcome& expected = step.together.front().expected;
      EXPECT_NE(line.find("-> " + status_of(expected)), std::string::npos) << name << ": " << line;
    }
  }
}

TEST_F(Export, AnAttackIsAScriptForPsql) {
  model::Finding finding;
  finding.rule = "INV-2";
  finding.headline = "the database lets a released escrow be refunded";
  finding.evidence = {{"rows", "1"}, {"SQL", "BEGIN;\nUPDATE escrows SET state = 'REFUNDED';\nCOMMIT;"}};
  const auto files = export_finding(finding, std::nullopt, "");
  ASSERT_EQ(files.size(), 1u);
  EXPECT_EQ(files[0].name, "story.sql");
  EXPECT_NE(files[0].text.find("-- INV-2: the database lets"), std::string::npos);
  EXPECT_NE(files[0].text.find("\nUPDATE escrows SET state = 'REFUNDED';\n"), std::string::npos);
}

TEST_F(Export, ACaseIsAScenarioThatPlaysItsCalls) {
  model::Finding finding;
  finding.scenario = "happy_path";
  finding.choices = {3, 1, 4};
  finding.rule = "INV-2";
  const sim::Plan plan = plan_of("happy_path", 0, 5);
  const auto files = export_finding(finding, plan, "{}");
  ASSERT_EQ(files.size(), 2u);
  EXPECT_TRUE(files[0].executable);
  EXPECT_EQ(files[1].name, "story.json");
  write(std::filesystem::path(folder_.path()) / "story.json", files[1].text);
  const auto scenario = sim::load_scenario(folder_.path() + "/story.json", kFolder);
  ASSERT_TRUE(scenario.has_value()) << scenario.error();
  EXPECT_EQ(sim::describe(sim::plan_case(*scenario, 1, 2, plan.steps.front().now)), sim::describe(plan));
}

}  // namespace
}  // namespace loadgen
