#include "reports/json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/reports/hostile.h"

namespace {

using nlohmann::json;

void expect_same(const model::Finding& a, const model::Finding& b) {
  EXPECT_EQ(reports::finding_json(a), reports::finding_json(b));
  EXPECT_EQ(a.verdict, b.verdict);
  EXPECT_EQ(a.rule, b.rule);
  EXPECT_EQ(a.choices, b.choices);
  EXPECT_EQ(a.seed, b.seed);
  EXPECT_EQ(a.scenario, b.scenario);
  ASSERT_EQ(a.story.size(), b.story.size());
  for (std::size_t i = 0; i < a.story.size(); ++i) {
    EXPECT_EQ(a.story[i].to_us, b.story[i].to_us);
    EXPECT_EQ(a.story[i].call, b.story[i].call);
    EXPECT_EQ(a.story[i].wrong, b.story[i].wrong);
  }
  EXPECT_EQ(a.evidence, b.evidence);
  EXPECT_EQ(a.entities, b.entities);
}

TEST(json, a_finding_survives_the_file) {
  const reports_test::TempDir dir;
  for (const auto& finding : reports_test::sample_run().findings) {
    reports_test::write(dir.path / "1.json", reports::finding_json(finding));
    const auto read = reports::read_finding(dir.path / "1.json");
    ASSERT_TRUE(read) << read.error();
    expect_same(finding, *read);
  }
}

TEST(json, seeds_of_64_bits_survive) {
  const auto report = json::parse(reports::report_json(reports_test::sample_run()));
  EXPECT_EQ(report["findings"][1]["seed"], "18446744073709551557");
  model::Finding finding;
  finding.seed = UINT64_MAX;
  EXPECT_EQ(reports::parse_finding(reports::finding_json(finding))->seed, UINT64_MAX);
}

TEST(json, the_report_is_complete_and_versioned) {
  const auto run = reports_test::sample_run();
  const auto report = json::parse(reports::report_json(run));
  EXPECT_EQ(report["schema"], "hustle/report/1");
  EXPECT_EQ(report["verdict"]["word"], "NOT READY");
  EXPECT_EQ(report["verdict"]["exit_code"], 1);
  EXPECT_EQ(report["items"].size(), 30u);
  EXPECT_EQ(report["items"][1]["verdict"], "broken");
  EXPECT_EQ(report["findings"].size(), 2u);
  EXPECT_EQ(report["coverage"].size(), run.coverage.size());
  EXPECT_EQ(report["latencies"].size(), run.latencies.size());
  EXPECT_EQ(report["histograms"].size(), run.histograms.size());
  EXPECT_EQ(report["assumptions"].size(), 8u);
}

TEST(json, key_order_is_stable) {
  const auto text = reports::report_json(reports_test::sample_run());
  std::size_t last = 0;
  for (const char* key : {"\n \"schema\"", "\n \"verdict\"", "\n \"command\"", "\n \"seed\"", "\n \"items\"",
                          "\n \"findings\"", "\n \"latencies\"", "\n \"coverage\"", "\n \"histograms\""}) {
    const std::size_t at = text.find(key);
    ASSERT_NE(at, std::string::npos) << key;
    EXPECT_GT(at, last) << key;
    last = at;
  }
}

TEST(json, passwords_stay_home) {
  const auto text = reports::report_json(reports_test::sample_run());
  EXPECT_EQ(text.find(":secret@"), std::string::npos);
  EXPECT_NE(text.find("postgresql://hustle:…@127.0.0.1:45001/hustle"), std::string::npos);
}

TEST(json, hostile_text_is_still_json) {
  const auto run = reports_test::hostile_run();
  EXPECT_FALSE(json::parse(reports::report_json(run), nullptr, false).is_discarded());
  EXPECT_TRUE(reports::parse_finding(reports::finding_json(run.findings[0])));
}

TEST(json, mistakes_in_a_finding_are_one_line_that_names_the_member) {
  const auto good = json::parse(reports::finding_json(reports_test::sample_run().findings[0]));
  const auto spoiled = [&](const char* pointer, json value) {
    json bad = good;
    bad[json::json_pointer(pointer)] = std::move(value);
    const auto read = reports::parse_finding(bad.dump());
    return read ? std::string("accepted") : read.error();
  };
  EXPECT_EQ(spoiled("/schema", "hustle/finding/9"), "member \"schema\" must be \"hustle/finding/1\"");
  EXPECT_EQ(spoiled("/verdict", "fine"), "member \"verdict\" must be holds, broken or unknown");
  EXPECT_EQ(spoiled("/choices/0", -1), "member \"choices\" must be a whole number in range");
  EXPECT_EQ(spoiled("/choices/0", 4294967296), "member \"choices\" must be a whole number in range");
  EXPECT_EQ(spoiled("/choices", "3"), "member \"choices\" must be a list");
  EXPECT_EQ(spoiled("/seed", "12x"), "member \"seed\" must be a whole number of 64 bits");
  EXPECT_EQ(spoiled("/seed", ""), "member \"seed\" must be a whole number of 64 bits");
  EXPECT_EQ(spoiled("/rule", 7), "member \"rule\" must be a string");
  EXPECT_EQ(spoiled("/story/0", "x"), "expected an object that holds \"wrong\"");
  EXPECT_EQ(spoiled("/story/0/wrong", 1), "member \"wrong\" must be true or false");
  json missing = good;
  missing.erase("scenario");
  EXPECT_EQ(reports::parse_finding(missing.dump()).error(), "member \"scenario\" is missing");
  EXPECT_EQ(reports::parse_finding("<html>").error(), "not JSON");
  EXPECT_EQ(reports::parse_finding("[]").error(), "expected an object that holds \"schema\"");
}

TEST(json, unreadable_files_are_one_line) {
  const reports_test::TempDir dir;
  EXPECT_EQ(reports::read_finding(dir.path / "none.json").error(),
            (dir.path / "none.json").string() + ": No such file or directory");
  EXPECT_EQ(reports::read_finding(dir.path).error(), dir.path.string() + ": is a directory, not a finding");
}

}  // namespace
