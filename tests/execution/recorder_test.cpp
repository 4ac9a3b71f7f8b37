#include <gtest/gtest.h>

#include <limits>
#include <sstream>

#include "loadgen/recorder.h"
#include "sim/interpret.h"

namespace loadgen {
namespace {

const std::string kFolder = std::string(HUSTLE_SOURCE_DIR) + "/scenarios";

// What an ideal target would have answered, with one lost answer.
RecordedCase played(const std::string& name, std::uint64_t number) {
  const auto scenario = sim::load_scenario(name, kFolder);
  if (!scenario) throw std::runtime_error(scenario.error());
  CaseRecord record;
  record.plan = sim::plan_case(*scenario, 9, number, {1'760'000'000'000});
  record.history.case_id = number;
  std::int64_t at = 0;
  for (std::uint32_t step = 0; step < record.plan.steps.size(); ++step) {
    for (const sim::PlannedCommand& each : record.plan.steps[step].together) {
      record.history.operations.push_back({.step = step,
                                           .now = record.plan.steps[step].now,
                                           .invoked_us = at,
                                           .returned_us = at + 10,
                                           .command = each.command,
                                           .outcome = each.expected,
                                           .http_status = 200,
                                           .note = "\"quoted\"\n"});
      at += 20;
    }
  }
  record.history.operations.back().outcome = model::Outcome::unknown();
  record.history.operations.back().returned_us = std::numeric_limits<std::int64_t>::max();
  return recorded(record);
}

TEST(Recorder, ReadsBackWhatItWrote) {
  for (const std::string& name : sim::scenario_names(kFolder)) {
    for (std::uint64_t number = 0; number < 5; ++number) {
      const RecordedCase of = played(name, number);
      std::stringstream file;
      write_history(file, of);
      const auto again = read_history(file);
      ASSERT_TRUE(again.has_value()) << again.error();
      EXPECT_EQ(again->start, of.start);
      EXPECT_EQ(again->choices, of.choices);
      EXPECT_EQ(again->scenario, of.scenario);
      EXPECT_EQ(again->started, of.started);
      ASSERT_EQ(again->history.operations.size(), of.history.operations.size());
      for (std::size_t i = 0; i < of.history.operations.size(); ++i) {
        const model::Operation& one = again->history.operations[i];
        const model::Operation& other = of.history.operations[i];
        ASSERT_EQ(one.command, other.command) << name << " " << i;
        ASSERT_EQ(one.outcome, other.outcome) << name << " " << i;
        ASSERT_EQ(one.invoked_us, other.invoked_us);
        ASSERT_EQ(one.returned_us, other.returned_us);
        ASSERT_EQ(one.now, other.now);
        ASSERT_EQ(one.note, other.note);
      }
    }
  }
}

TEST(Recorder, MistakesNameTheLineAndTheField) {
  const auto error_of = [](const std::string& text) {
    std::stringstream file(text);
    const auto of = read_history(file);
    return of ? std::string("accepted") : of.error();
  };
  std::stringstream good;
  write_history(good, played("happy_path", 0));
  const std::string header = good.str().substr(0, good.str().find('\n') + 1);
  EXPECT_EQ(error_of(""), "line 1: expected the header of a history, found an empty file");
  EXPECT_TRUE(error_of("{}\n").starts_with("line 1: hustle_history: expected the header of a history"));
  EXPECT_EQ(error_of(header + "nonsense\n"), "line 2: expected a JSON object");
  EXPECT_EQ(error_of(header + "{\"lane\":0}\n"), "line 2: now: missing");
  EXPECT_TRUE(
      error_of(header +
               R"({"lane":0,"step":0,"now":1,"invoked_us":1,"returned_us":2,"command":{"action":"task.fly"}})"
               "\n")
          .starts_with("line 2: action: expected one of task.create"));
}

}  // namespace
}  // namespace loadgen
