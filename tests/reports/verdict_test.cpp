#include "reports/verdict.h"

#include <gtest/gtest.h>

#include "tests/reports/hostile.h"

namespace {

using reports::conclude;
using reports::Tone;

TEST(verdict, names_the_broken_rules) {
  EXPECT_EQ(conclude(reports_test::sample_run()).line(), "NOT READY: 2 rules broken (conservation, INV-1)");
}

TEST(verdict, one_rule_many_findings) {
  auto run = reports_test::sample_run();
  run.findings.assign(9, run.findings[0]);
  EXPECT_EQ(conclude(run).line(), "NOT READY: 1 rule broken (conservation)");
}

TEST(verdict, long_lists_are_cut) {
  auto run = reports_test::sample_run();
  const auto one = run.findings[0];
  run.findings.clear();
  for (int i = 1; i <= 9; ++i) {
    run.findings.push_back(one);
    run.findings.back().rule = "Q0" + std::to_string(i);
  }
  EXPECT_EQ(conclude(run).line(), "NOT READY: 9 rules broken (Q01, Q02, Q03, Q04, Q05, Q06, 3 more)");
}

TEST(verdict, unknown_is_not_ready) {
  auto run = reports_test::clean_run();
  for (int i = 0; i < 17; ++i) run.items[static_cast<std::size_t>(i)].verdict = model::Verdict::unknown;
  run.exit_code = 4;
  EXPECT_EQ(conclude(run).line(), "NOT READY: 17 items UNKNOWN");
  EXPECT_EQ(conclude(run).tone, Tone::unsure);
}

TEST(verdict, ready_only_when_all_thirty_hold) {
  EXPECT_EQ(conclude(reports_test::clean_run()).line(), "READY: all 30 items hold");
  EXPECT_EQ(conclude(reports_test::clean_run()).tone, Tone::good);
}

TEST(verdict, a_selection_never_says_ready) {
  auto run = reports_test::clean_run();
  for (std::size_t i = 6; i < run.items.size(); ++i) {
    run.items[i].selected = false;
    run.items[i].verdict = model::Verdict::unknown;
  }
  EXPECT_EQ(conclude(run).word, "PASSED");
  EXPECT_NE(conclude(run).detail.find("6 of 6 selected items hold; 24 not judged"), std::string::npos);
}

TEST(verdict, a_partial_run_is_never_ready) {
  auto run = reports_test::clean_run();
  run.complete = false;
  run.incomplete_reason = "interrupted after 12 s";
  run.exit_code = 4;
  EXPECT_EQ(conclude(run).line(), "NOT READY: the run is partial: interrupted after 12 s");
}

TEST(verdict, a_target_that_died) {
  auto run = reports_test::clean_run();
  run.complete = false;
  run.incomplete_reason = "the target stopped answering";
  run.exit_code = 3;
  EXPECT_EQ(conclude(run).line(), "NOT READY: the target stopped answering");
  EXPECT_EQ(conclude(run).tone, Tone::bad);
}

TEST(verdict, an_undecided_finding_is_not_a_broken_rule) {
  auto run = reports_test::clean_run();
  run.findings = {reports_test::sample_run().findings[0]};
  run.findings[0].verdict = model::Verdict::unknown;
  run.exit_code = 4;
  EXPECT_EQ(conclude(run).line(), "NOT READY: 1 check undecided");
}

TEST(verdict, commands_without_items_pass_or_fail) {
  loadgen::Run run;
  run.command = "replay";
  run.exit_code = 0;
  EXPECT_EQ(conclude(run).line(), "PASSED");
  run.findings = {reports_test::sample_run().findings[0]};
  run.exit_code = 1;
  EXPECT_EQ(conclude(run).line(), "FAILED: 1 rule broken (conservation)");
}

TEST(verdict, an_empty_run_did_not_pass) {
  EXPECT_EQ(conclude(loadgen::Run()).line(), "FAILED: could not run to the end");
}

}  // namespace
