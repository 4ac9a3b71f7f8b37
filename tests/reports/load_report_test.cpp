// A load run's four reports agree, and the page draws itself.
#include "reports/load_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "loadgen/histogram_log.h"
#include "tests/reports/support.h"

namespace {

using testing::HasSubstr;
using testing::Not;
using Json = nlohmann::json;

Json latency(const loadgen::Histogram& histogram) {
  Json out{{"count", histogram.count()}, {"mean", histogram.mean()}, {"min", histogram.min()}};
  for (const auto& [key, percent] : {std::pair{"p50", 50.0}, {"p90", 90.0}, {"p95", 95.0}, {"p99", 99.0}})
    out[key] = histogram.at_percentile(percent);
  out["p99.9"] = nullptr;
  out["max"] = histogram.max();
  out["ci95"] = {{"p50", {4900, 5100}}, {"p95", {9400, nullptr}}};
  return out;
}

loadgen::Histogram thousand() {
  loadgen::Histogram histogram;
  for (int i = 1; i <= 1000; ++i) histogram.record(std::int64_t{i} * 10);
  return histogram;
}

Json phase(const char* kind, int from, int to) {
  const Json steady{{"rule", "MSER-5"},
                    {"steady", true},
                    {"cut_s", 1.5},
                    {"after_cut_us", {{"p50", 1}, {"p95", 2}, {"p99", 9000}}}};
  return {{"kind", kind},     {"from_s", from},
          {"to_s", to},       {"latency_us", latency(thousand())},
          {"steady", steady}, {"dispersion_1ms", {{"schedule", 1.0}, {"sent", 1.01}}}};
}

Json procedure() {
  const Json fault{{"fault", "HX002"}, {"count", 7}, {"latency_us", latency(thousand())}, {"histogram", ""}};
  return {{"name", "task.getById"},
          {"phase", "measure"},
          {"ok", 1000},
          {"failed", 7},
          {"latency_us", latency(thousand())},
          {"histogram", loadgen::encode_histogram(thousand())},
          {"faults", Json::array({fault})}};
}

Json series() {
  Json out = Json::array();
  for (int second = 0; second < 8; ++second) {
    out.push_back({{"second", second},
                   {"phase", second < 2 ? "warm-up" : "measure"},
                   {"due", 120},
                   {"sent", 130},
                   {"ok", 125},
                   {"failed", second == 5 ? 7 : 0},
                   {"max_us", 10000},
                   {"buckets", {{30, 60}, {33, 65}}}});
  }
  return out;
}

// With text that would like to be markup.
Json audits() {
  const Json check{
      {"id", "Q02"}, {"rule", "INV-2"}, {"verdict", "broken"}, {"hits", 1}, {"sentence", "no payout twice"}};
  const Json finding{{"rule", "INV-2"},
                     {"spec", "x"},
                     {"judge", "database"},
                     {"headline", "<script>document.documentElement.dataset.pwned=1</script>"},
                     {"expected", "a"},
                     {"observed", "b"},
                     {"entities", Json::array({"escrow 1"})}};
  return {{"done", true},
          {"why_not", ""},
          {"books_compared", 55},
          {"checks", Json::array({check})},
          {"findings", Json::array({finding})}};
}

Json generator() {
  return {{"valid", true},
          {"why_invalid", ""},
          {"rate_error", 0.0},
          {"lateness_us", latency(thousand())},
          {"lateness_limit_us", 10000},
          {"cpu_s", 0.5},
          {"threads", Json::array({{{"cpu", 0.1}, {"waiting_for_processor", 0.01}}})},
          {"machine_busy", 0.4},
          {"steal", 0.0},
          {"memory_kb", {{"begin", 20000}, {"end", 20100}}}};
}

// 2 s of warm-up, 6 s of measurement, one broken audit.
Json sample() {
  Json borders = Json::array();
  for (int i = 0; i < 96; ++i) borders.push_back(8.0 * std::pow(2.0, i / 4.0));
  const Json counts{{"name", "read"}, {"phase", "measure"}, {"due", 720},     {"clean", 713},
                    {"failed", 7},    {"skipped", 0},       {"unfinished", 0}};
  const Json threshold{{"threshold", "errors < 1 %"}, {"verdict", "holds"}, {"measured", "0.695 %"}};
  return {{"format", "hustle-load"},
          {"version", 1},
          {"command_line", "hustle load --scenario load_smoke"},
          {"started_epoch_s", 1.7e9},
          {"complete", true},
          {"incomplete_reason", ""},
          {"exit_code", 1},
          {"asked",
           {{"target", "http://127.0.0.1:1"},
            {"mode", "journeys"},
            {"scenario", "load_smoke"},
            {"seed", 42},
            {"schedule", {{"count", 960}, {"sha256", std::string(64, 'a')}}}}},
          {"rates", {{"asked", 120.0}, {"ok", 125.0}, {"goodput", 118.8}, {"errors", 0.00695}}},
          {"measured_s", 6.0},
          {"phases", {{"measure", phase("measure", 2, 8)}, {"warm-up", phase("warm-up", 0, 2)}}},
          {"procedures", Json::array({procedure()})},
          {"journeys", Json::array({counts})},
          {"populations", Json::array({counts})},
          {"thresholds", Json::array({threshold})},
          {"audits", audits()},
          {"generator", generator()},
          {"checked", {{"whole_contract", 15}, {"xp_not_compared", 0}}},
          {"series_buckets_us", borders},
          {"series", series()}};
}

TEST(load_report, the_four_reports_agree) {
  const reports_test::TempDir dir;
  reports::write_load_report(dir.path, sample().dump(), "log");
  const auto read = [&](const char* name) { return reports_test::read(dir.path / name); };
  EXPECT_EQ(Json::parse(read("report.json")), sample());
  const std::string junit = read("junit.xml"), summary = read("summary.md"), page = read("report.html");
  EXPECT_THAT(junit, HasSubstr("errors &lt; 1 %"));
  EXPECT_THAT(junit, HasSubstr("0.695 %"));
  EXPECT_THAT(junit, HasSubstr("failures=\"2\""));  // the audit and its finding
  EXPECT_THAT(summary, HasSubstr("FAILED"));
  EXPECT_THAT(summary, HasSubstr("0.695 %"));
  EXPECT_THAT(page, HasSubstr("0.695 %"));
  for (const std::string& text : {junit, page}) EXPECT_THAT(text, Not(HasSubstr("<script>document")));
}

TEST(load_report, the_page_draws_itself) {
  const reports_test::TempDir dir;
  reports_test::write(dir.path / "report.html", reports::load_page(sample().dump()));
  const auto ran = reports_test::run_shell(
      "timeout 90 chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run"
      " --disable-background-networking --disable-component-update --disable-sync --user-data-dir=" +
      reports_test::shell_quoted(dir.path / "profile") + " --dump-dom file://" +
      (dir.path / "report.html").string() + " 2>/dev/null");
  ASSERT_EQ(ran.exit_code, 0);
  EXPECT_THAT(ran.output.substr(0, 300), HasSubstr("data-rendered=\"true\""));
  EXPECT_THAT(ran.output.substr(0, 300), Not(HasSubstr("data-error")));
  EXPECT_THAT(ran.output.substr(0, 300), Not(HasSubstr("data-pwned")));
  EXPECT_THAT(ran.output, HasSubstr("<h1 class=\"bad\">FAILED</h1>"));
  EXPECT_THAT(ran.output, HasSubstr("class=\"heatcell\""));
  EXPECT_THAT(ran.output, HasSubstr("class=\"series p50\""));
  EXPECT_THAT(ran.output, HasSubstr("<polyline"));
  EXPECT_THAT(ran.output, HasSubstr("95 %: 4.90 ms to 5.10 ms"));
  EXPECT_THAT(ran.output, HasSubstr("HX002"));
}

TEST(load_report, an_hour_is_a_small_page) {
  Json report = sample();
  const Json second = report["series"][3];
  report["series"] = Json::array();
  for (int i = 0; i < 3600; ++i) {
    report["series"].push_back(second);
    report["series"].back()["second"] = i;
  }
  EXPECT_LT(reports::load_page(report.dump()).size(), 1'000'000U);
}

}  // namespace
