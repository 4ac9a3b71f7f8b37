#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "loadgen/campaign/drill_plans.h"
#include "loadgen/campaign/gate.h"
#include "loadgen/campaign/items.h"
#include "model/rules/apply.h"
#include "sim/story.h"

namespace {

using loadgen::Tally;
using model::Verdict;

Tally everything() {
  Tally tally;
  for (const auto& item : loadgen::all_items()) {
    for (const auto& need : item.needs) tally[std::string(need.counter)] = need.at_least;
  }
  return tally;
}

const loadgen::Item& item(const std::vector<loadgen::Item>& items, int number) {
  return *std::ranges::find(items, number, &loadgen::Item::number);
}

TEST(Items, AreTheThirtyOfTheSpecification) {
  const auto items = loadgen::all_items();
  ASSERT_EQ(items.size(), 30U);
  std::set<int> judged;
  for (std::size_t i = 0; i < items.size(); ++i) {
    EXPECT_EQ(items[i].number, static_cast<int>(i) + 1);
    EXPECT_EQ(items[i].needs.empty(), !items[i].missing.empty())
        << items[i].number << ": judged, or with a reason why not";
    if (!items[i].needs.empty()) judged.insert(items[i].number);
  }
  EXPECT_EQ(judged, (std::set<int>{1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12,
                                   13, 14, 19, 20, 22, 23, 25, 26, 27, 28, 29}));
}

TEST(Items, HoldOnlyWithEnoughEvidence) {
  const auto enough = loadgen::judge_items(everything(), {}, {}, {});
  EXPECT_EQ(item(enough, 1).verdict, Verdict::holds);
  EXPECT_EQ(item(enough, 17).verdict, Verdict::unknown);
  EXPECT_FALSE(item(enough, 17).reason.empty());
  Tally tally = everything();
  tally["books compared"] -= 1;
  const auto short_of = loadgen::judge_items(tally, {}, {}, {});
  EXPECT_EQ(item(short_of, 1).verdict, Verdict::unknown);
  EXPECT_NE(item(short_of, 1).reason.find("19 of 20"), std::string::npos) << item(short_of, 1).reason;
  const auto nothing = loadgen::judge_items({}, {}, {}, {});
  EXPECT_TRUE(std::ranges::all_of(nothing, [](const auto& i) { return i.verdict == Verdict::unknown; }));
}

TEST(Items, BlameBreaksWhateverTheEvidence) {
  const auto items = loadgen::judge_items(everything(), {{3, "a cent is missing"}}, {}, {});
  EXPECT_EQ(item(items, 3).verdict, Verdict::broken);
  EXPECT_EQ(item(items, 3).reason, "a cent is missing");
  EXPECT_EQ(item(items, 2).verdict, Verdict::holds);
}

TEST(Items, ImpossibleEvidenceSaysWhy) {
  Tally tally = everything();
  tally.erase("crash kill -9");
  const auto items =
      loadgen::judge_items(tally, {}, {}, {{"crash kill -9", "the server is not ours to kill"}});
  EXPECT_EQ(item(items, 5).verdict, Verdict::unknown);
  EXPECT_NE(item(items, 5).reason.find("not ours to kill"), std::string::npos);
}

TEST(Items, OnlyTheSelectedGroupsDecideTheExitCode) {
  loadgen::Run run;
  run.items = loadgen::judge_items(everything(), {}, {"money"}, {});
  EXPECT_EQ(loadgen::exit_code_of(run, false), 0);
  run.items = loadgen::judge_items(everything(), {}, {"money", "ai"}, {});
  EXPECT_EQ(loadgen::exit_code_of(run, false), 4) << "group AI is spelled AI in the list";
  run.complete = false;
  run.items = loadgen::judge_items(everything(), {}, {"money"}, {});
  EXPECT_EQ(loadgen::exit_code_of(run, false), 4);
  EXPECT_EQ(loadgen::exit_code_of(run, true), 3);
  run.findings.push_back({.verdict = Verdict::unknown, .rule = "linearizability"});
  EXPECT_EQ(loadgen::exit_code_of(run, true), 3);
  run.findings.push_back({.rule = "INV-2"});
  EXPECT_EQ(loadgen::exit_code_of(run, true), 1);
}

TEST(Items, FindingsCountAgainstTheRightItems) {
  const auto items_of = [](std::string rule) {
    return loadgen::items_of({.rule = std::move(rule)}, nullptr);
  };
  EXPECT_EQ(items_of("INV-2"), (std::vector<int>{6, 2}));
  EXPECT_EQ(items_of("NO-DOUBLE-PAYOUT"), (std::vector<int>{2, 5}));
  EXPECT_EQ(items_of("OPS-8"), std::vector<int>{19});
  EXPECT_EQ(items_of("OPS-SHUTDOWN"), std::vector<int>{20});
  const model::Action webhook = model::Action::webhook_deliver;
  EXPECT_EQ(loadgen::items_of({.rule = "linearizability"}, &webhook), std::vector<int>{4});
  for (std::size_t a = 0; a < model::kActionCount; ++a) {
    const auto action = static_cast<model::Action>(a);
    EXPECT_FALSE(loadgen::items_of({.rule = "linearizability"}, &action).empty()) << name(action);
  }
}

TEST(Drills, ExpectWhatTheModelAnswersAndCoverTheirNeeds) {
  const model::Instant start{1'767'268'800'000};
  std::set<std::string> names;
  for (const loadgen::Drill& drill : loadgen::all_drills(start)) {
    names.insert("drill " + drill.name);
    model::World world = drill.plan.start;
    for (const sim::Step& step : drill.plan.steps) {
      for (const auto& planned : step.together)
        EXPECT_EQ(model::apply(world, planned.command, step.now), planned.expected);
    }
    const auto again = loadgen::drill_plan(drill.plan.scenario, start);
    ASSERT_TRUE(again.has_value()) << drill.plan.scenario;
    EXPECT_EQ(again->steps.size(), drill.plan.steps.size());
    EXPECT_TRUE(sim::can_be_told(drill.plan)) << drill.plan.scenario << ": its findings can be shrunk";
  }
  for (const char* name : {"drill payment 20 times in parallel and late", "drill 100 parallel releases",
                           "drill release at every wrong state", "drill refund and split matrix",
                           "drill refund races", "drill role matrix"}) {
    EXPECT_TRUE(names.contains(name)) << name;
  }
}

// What a short run sees does not hang on how long a drill's tail is.
TEST(Drills, BeginWithOneOfEachName) {
  std::set<std::string> names;
  bool again = false;
  for (const loadgen::Drill& drill : loadgen::all_drills({1'767'268'800'000})) {
    const bool first = names.insert(drill.name).second;
    EXPECT_FALSE(first && again) << drill.name << " comes after the second of another name";
    again = again || !first;
  }
}

// ELG-12: a task that needs a record is taken a millisecond before its end, and not at it.
TEST(Drills, CredentialsEndAtTheirEnd) {
  int taken = 0;
  int refused = 0;
  for (const loadgen::Drill& drill : loadgen::all_drills({1'767'268'800'000})) {
    if (!drill.plan.scenario.contains(" ends, ")) continue;
    const bool before = drill.plan.scenario.ends_with("-1 ms");
    for (const sim::Step& step : drill.plan.steps) {
      const sim::PlannedCommand& planned = step.together.front();
      if (planned.command.action != model::Action::task_accept) continue;
      EXPECT_EQ(planned.expected.kind == model::Outcome::Kind::accepted, before) << drill.plan.scenario;
      EXPECT_TRUE(before || planned.expected == model::Outcome::refused(model::Code::hx609));
      ++(before ? taken : refused);
    }
  }
  EXPECT_EQ(taken, 3);
  EXPECT_EQ(refused, 6);
}

TEST(Drills, SplitMatrixPaysOutExactly) {
  const model::Instant start{1'767'268'800'000};
  int splits = 0;
  for (const loadgen::Drill& drill : loadgen::all_drills(start)) {
    if (drill.name != "refund and split matrix") continue;
    model::World world = drill.plan.start;
    for (const sim::Step& step : drill.plan.steps) {
      for (const auto& planned : step.together) model::apply(world, planned.command, step.now);
    }
    const model::Escrow& escrow = world.escrows[0];
    EXPECT_TRUE(is_terminal(escrow.state)) << drill.variant;
    if (escrow.state != model::EscrowState::refund_partial) continue;
    ++splits;
    EXPECT_EQ(escrow.release_amount + escrow.refund_amount, escrow.amount) << drill.variant;
  }
  EXPECT_EQ(splits, 12);
}

}  // namespace
