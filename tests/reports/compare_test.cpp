// `hustle compare` proven on itself: how often it cries wolf on equal runs, and how often it finds a tenth
// more at p99. Latencies are drawn from distributions recorded of the reference server
// (tests/reports/latencies).
#include "reports/compare.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

#include "loadgen/histogram_log.h"
#include "reports/quantiles.h"

namespace reports {
namespace {

namespace fs = std::filesystem;
using loadgen::Histogram;

const std::vector<std::string> kRecorded{"health", "read", "create"};

// Draws from a recorded distribution, smooth between its values.
class Source {
 public:
  Source(const std::string& name, std::uint64_t seed) : random_(seed) {
    const auto run = recorded(name);
    for (int i = 0; i <= 4000; ++i) values_.push_back(static_cast<double>(run.at_percentile(i / 40.0)));
  }
  double draw() {
    const double at = std::uniform_real_distribution<double>(0, 4000)(random_);
    const auto below = static_cast<std::size_t>(at);
    const double part = at - static_cast<double>(below);
    return values_[below] + part * (values_[std::min<std::size_t>(below + 1, 4000)] - values_[below]);
  }
  double at(double percent) const { return values_[static_cast<std::size_t>(percent * 40)]; }
  std::mt19937_64& random() { return random_; }

 private:
  static Histogram recorded(const std::string& name) {
    std::ifstream file(std::string(HUSTLE_SOURCE_DIR) + "/tests/reports/latencies/" + name + ".hlog");
    Histogram histogram;
    for (std::string line; std::getline(file, line);) {
      if (!line.starts_with("Tag=measured,")) continue;
      const auto read = loadgen::decode_histogram(std::string_view(line).substr(line.rfind(',') + 1));
      EXPECT_TRUE(read.has_value());
      if (read) histogram.merge(*read);
    }
    EXPECT_GT(histogram.count(), 1000U) << name;
    return histogram;
  }
  std::mt19937_64 random_;
  std::vector<double> values_;
};

// 60 s. Whoever would be slower than p95 is held up for another tenth of p99 when
// `delayed`, so that p99 itself moves by a tenth. `level`: of this run against others, as machines drift.
LoadRun run_of(Source& source, bool delayed, double level = 1, int per_second = 1000) {
  LoadRun run{.name = "synthetic", .procedures = {}, .ok_per_second = {}};
  Histogram& histogram = run.procedures["GET /health"].histogram;
  const double delay = source.at(99) * 0.1, slow = source.at(95);
  for (int second = 0; second < 60; ++second) {
    const int count = std::poisson_distribution<int>(per_second)(source.random());
    for (int i = 0; i < count; ++i) {
      double us = source.draw() * level;
      if (delayed && us > slow) us += delay;
      histogram.record(static_cast<std::int64_t>(us));
    }
    run.ok_per_second.push_back(count);
  }
  return run;
}

bool any(const Comparison& comparison, Change change) {
  for (const Compared& figure : comparison.figures) {
    if (figure.verdict == change) return true;
  }
  return false;
}

const Compared& figure(const Comparison& comparison, const std::string& name) {
  for (const Compared& each : comparison.figures) {
    if (each.figure == name) return each;
  }
  static const Compared none;
  ADD_FAILURE() << "no figure " << name;
  return none;
}

// Any "better" or "worse" on any figure of equal runs is a false alarm.
TEST(CompareSelf, EqualRunsRaiseAtMostFivePercentFalseAlarms) {
  int alarms = 0, comparisons = 0;
  for (const std::string& name : kRecorded) {
    Source source(name, 11);
    for (int i = 0; i < 60; ++i, ++comparisons) {
      const Comparison result = compare({run_of(source, false)}, {run_of(source, false)}, {});
      alarms += any(result, Change::worse) || any(result, Change::better);
    }
  }
  EXPECT_LE(alarms, comparisons / 20) << alarms << " of " << comparisons;
}

TEST(CompareSelf, DriftBetweenInterleavedRunsRaisesAtMostFivePercentFalseAlarms) {
  int alarms = 0, comparisons = 0;
  for (const std::string& name : kRecorded) {
    Source source(name, 12);
    std::normal_distribution<double> drift(0, 0.05);
    for (int i = 0; i < 20; ++i, ++comparisons) {
      std::vector<LoadRun> a, b;
      for (int round = 0; round < 4; ++round) {
        a.push_back(run_of(source, false, std::exp(drift(source.random()))));
        b.push_back(run_of(source, false, std::exp(drift(source.random()))));
      }
      const Comparison result = compare(a, b, {});
      alarms += any(result, Change::worse) || any(result, Change::better);
    }
  }
  EXPECT_LE(alarms, comparisons / 20) << alarms << " of " << comparisons;
}

// Two minutes on each side. The recorded reads have a long tail (p99.9 is five times p99), so their p99 needs
// five times as many requests.
TEST(CompareSelf, DelayThatShiftsP99ByATenthIsFound) {
  for (const auto& [name, per_second] :
       {std::pair("health", 1000), std::pair("create", 1000), std::pair("read", 5000)}) {
    Source source(name, 13);
    int found = 0;
    constexpr int kRuns = 20;
    for (int i = 0; i < kRuns; ++i) {
      std::vector<LoadRun> a, b;
      for (int run = 0; run < 2; ++run) {
        a.push_back(run_of(source, false, 1, per_second));
        b.push_back(run_of(source, true, 1, per_second));
      }
      const Comparison result = compare(a, b, {});
      found += figure(result, "p99").verdict == Change::worse && result.regression();
    }
    EXPECT_GE(found, kRuns * 9 / 10) << name;
  }
}

TEST(CompareSelf, SameDelayTheOtherWayRoundIsBetterAndNoRegression) {
  Source source("health", 14);
  const Comparison result = compare({run_of(source, true), run_of(source, true)},
                                    {run_of(source, false), run_of(source, false)}, {});
  EXPECT_EQ(figure(result, "p99").verdict, Change::better);
  EXPECT_FALSE(result.regression());
}

TEST(CompareSelf, WorseWithinTheToleranceIsToldButNoRegression) {
  Source source("health", 15);
  const Comparison result = compare({run_of(source, false), run_of(source, false)},
                                    {run_of(source, true), run_of(source, true)}, {.tolerance = 0.5});
  EXPECT_EQ(figure(result, "p99").verdict, Change::worse);
  EXPECT_FALSE(result.regression());
}

TEST(CompareSelf, TooFewSamplesAreNoEvidence) {
  LoadRun small{.name = "small", .procedures = {}, .ok_per_second = {}};
  for (int i = 1; i <= 100; ++i) small.procedures["GET /"].histogram.record(i * 10);
  const Comparison result = compare({small}, {small}, {});
  EXPECT_EQ(figure(result, "p99.9").note, "too few samples");
  EXPECT_EQ(figure(result, "throughput").note, "fewer than 10 whole seconds with answers");
  EXPECT_FALSE(any(result, Change::worse));
}

TEST(CompareSelf, HalvedThroughputIsARegression) {
  Source source("health", 16);
  LoadRun slower = run_of(source, false);
  for (double& ok : slower.ok_per_second) ok /= 2;
  const Comparison result = compare({run_of(source, false)}, {slower}, {});
  EXPECT_EQ(figure(result, "throughput").verdict, Change::worse);
  EXPECT_NEAR(figure(result, "throughput").change, -0.5, 0.02);
  EXPECT_TRUE(result.regression());
}

// Abramowitz and Stegun, tables 26.1 and 26.10.
TEST(Quantiles, AreThoseOfTheTables) {
  EXPECT_NEAR(normal_quantile(0.975), 1.959964, 1e-6);
  EXPECT_NEAR(normal_quantile(0.0001), -3.719016, 1e-6);
  EXPECT_NEAR(student_quantile(0.975, 1), 12.7062, 1e-3);
  EXPECT_NEAR(student_quantile(0.975, 3), 3.1824, 1e-3);
  EXPECT_NEAR(student_quantile(0.995, 9), 3.2498, 1e-3);
  EXPECT_NEAR(student_quantile(0.025, 29), -2.0452, 1e-3);
}

class CompareRead : public testing::Test {
 protected:
  CompareRead() {
    std::string name = "/tmp/hustle-compare-XXXXXX";
    folder_ = mkdtemp(name.data());
  }
  ~CompareRead() override { fs::remove_all(folder_); }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
  }
  std::string trouble() const {
    const auto run = read_load_run(folder_);
    return run ? "" : run.error();
  }
  fs::path folder_;
};

nlohmann::json procedure(const std::string& phase, const Histogram& histogram) {
  return {{"name", "task.create"},
          {"phase", phase},
          {"histogram", loadgen::encode_histogram(histogram)},
          {"latency_us", {{"effective_samples", {{"p50", 40}, {"p99", nullptr}}}}}};
}

nlohmann::json report_with(const nlohmann::json& procedures) {
  nlohmann::json series = nlohmann::json::array();
  for (int i = 0; i < 6; ++i) {
    series.push_back({{"second", i}, {"phase", i < 2 ? "begin" : "main"}, {"ok", 100 + i}});
  }
  return {{"format", "hustle-load"},
          {"complete", true},
          {"generator", {{"valid", false}}},
          {"phases",
           {{"begin", {{"kind", "warm-up"}, {"from_s", 0}, {"to_s", 2.5}}},
            {"main", {{"kind", "measure"}, {"from_s", 2.5}, {"to_s", 5.5}}}}},
          {"procedures", procedures},
          {"series", series}};
}

TEST_F(CompareRead, ReadsTheMeasuredPhasesOfARun) {
  Histogram histogram;
  for (int i = 1; i <= 500; ++i) histogram.record(i);
  write("report.json",
        report_with(nlohmann::json::array({procedure("begin", histogram), procedure("main", histogram)}))
            .dump());
  const auto run = read_load_run(folder_);
  ASSERT_TRUE(run.has_value()) << run.error();
  ASSERT_EQ(run->procedures.size(), 1U);
  const Latencies& latencies = run->procedures.at("task.create");
  EXPECT_EQ(latencies.histogram.count(), 500U) << "the warm-up is left out";
  EXPECT_EQ(latencies.effective, (std::map<std::string, double>{{"p50", 40}}));
  EXPECT_EQ(run->ok_per_second, (std::vector<double>{103, 104})) << "whole seconds of the measured phase";
  EXPECT_FALSE(run->valid);
  EXPECT_FALSE(compare({*run}, {*run}, {}).valid);
}

// Fewer independent samples, wider intervals.
TEST(CompareSelf, EffectiveSamplesWidenTheInterval) {
  Source source("health", 17);
  LoadRun run = run_of(source, false);
  const Comparison plain = compare({run}, {run}, {});
  run.procedures.begin()->second.effective["p50"] = 600;
  const Comparison alike = compare({run}, {run}, {});
  EXPECT_GT(figure(alike, "p50").high, 3 * figure(plain, "p50").high);
  EXPECT_EQ(figure(alike, "p90").high, figure(plain, "p90").high);
}

TEST_F(CompareRead, SaysInOneLineWhatIsWrongWithAFile) {
  EXPECT_NE(trouble().find("report.json: No such file or directory"), std::string::npos) << trouble();
  write("report.json", "[1, 2");
  EXPECT_NE(trouble().find("expected a report of `hustle load`"), std::string::npos) << trouble();
  write("report.json", R"({"format": 7})");
  EXPECT_NE(trouble().find("expected a report of `hustle load`"), std::string::npos) << trouble();
  write("report.json", R"({"format": "hustle-load", "phases": 3, "series": {}, "procedures": [1]})");
  EXPECT_NE(trouble().find("no measured procedure"), std::string::npos) << trouble();
  nlohmann::json broken = procedure("main", Histogram());
  broken["histogram"] = "rubbish";
  write("report.json", report_with(nlohmann::json::array({broken})).dump());
  EXPECT_NE(trouble().find("procedures, task.create: "), std::string::npos) << trouble();
}

}  // namespace
}  // namespace reports
