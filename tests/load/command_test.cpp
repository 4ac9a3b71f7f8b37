// hustle load as its user meets it: exit codes, one line per mistake, files of a run.
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

#include "loadgen/histogram_log.h"
#include "loadgen/load/self_watch.h"
#include "tests/load/target.h"

namespace {

namespace fs = std::filesystem;
using load_test::Target;
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

class LoadCommand : public testing::Test {
 protected:
  LoadCommand() {
    std::string name = "/tmp/hustle-load-XXXXXX";
    out_ = mkdtemp(name.data());
  }
  ~LoadCommand() override { fs::remove_all(out_); }

  std::string common(const Target& target, const std::string& time = "1s") const {
    return "--target " + target.url().text() + " --rate 300 --time " + time +
           " --warmup 500ms --seed 7 --quiet --out " + out_.string();
  }
  std::string file(const std::string& name) const {
    for (const auto& folder : fs::directory_iterator(out_)) {
      std::ifstream stream(folder.path() / name);
      return {std::istreambuf_iterator<char>(stream), {}};
    }
    return {};
  }
  fs::path out_;
};

// A machine under other load may make the measurement invalid (5): that is the instrument's business, and the
// test's only to see that it says so.
void expect_code(const Ran& ran, int expected) {
  if (ran.exit_code == 5) {
    EXPECT_NE(ran.output.find(loadgen::load::kInvalid), std::string::npos) << ran.output;
  } else {
    EXPECT_EQ(ran.exit_code, expected) << ran.output;
  }
}

TEST_F(LoadCommand, WritesAReportAndAHistogramLog) {
  Target target;
  const Ran ran =
      run(common(target) + " --arrivals poisson --threshold 'p95 < 10 s' --threshold 'errors < 1 %'");
  expect_code(ran, 0);
  EXPECT_NE(ran.output.find("holds     p95 < 10 s: "), std::string::npos) << ran.output;
  const Json report = Json::parse(file("report.json"));
  EXPECT_EQ(report["format"], "hustle-load");
  EXPECT_EQ(report["version"], 1);
  EXPECT_EQ(report["exit_code"], ran.exit_code);
  EXPECT_EQ(report["asked"]["schedule"]["sha256"].get<std::string>().size(), 64U);
  const Json& measured = report["phases"]["measured"];
  EXPECT_EQ(measured["due"], measured["ok"].get<int>() + measured["failed"].get<int>());
  EXPECT_EQ(measured["latency_us"]["p99.9"], nullptr);  // 300 samples cannot tell it
  const std::string log = file("histograms.hlog");
  const auto line = log.find("Tag=measured,");
  ASSERT_NE(line, std::string::npos) << log;
  const auto payload = log.find("HISTFAAA", line);
  const auto histogram = loadgen::decode_histogram(log.substr(payload, log.find('\n', payload) - payload));
  ASSERT_TRUE(histogram) << histogram.error();
  EXPECT_EQ(histogram->count(), measured["ok"].get<std::uint64_t>());
}

TEST_F(LoadCommand, TheSameSeedHasTheSameSchedule) {
  Target target;
  std::string hash;
  for (const char* threads : {"1", "2"}) {
    const Ran ran = run(common(target) + " --json --arrivals spike-poisson --threads " + threads);
    const auto found = Json::parse(ran.output)["asked"]["schedule"]["sha256"].get<std::string>();
    if (!hash.empty()) EXPECT_EQ(found, hash);
    hash = found;
  }
}

TEST_F(LoadCommand, ACrossedThresholdIsExitCode1) {
  Target target({.answer = load_test::answer("500 Internal Server Error")});
  const Ran ran = run(common(target) + " --threshold 'errors < 1 %'");
  expect_code(ran, 1);
  EXPECT_NE(ran.output.find("CROSSED   errors < 1 %: 100.000 %"), std::string::npos) << ran.output;
}

TEST_F(LoadCommand, MistakesAreOneLineAndExitCode2) {
  const std::pair<const char*, const char*> mistakes[] = {
      {"--target ftp://x", "hustle load: --target: "},
      {"--target http://127.0.0.1:1 --rate 0", "hustle load: --rate: expected a number from above 0"},
      {"--target http://127.0.0.1:1 --arrivals even", "hustle load: --arrivals: expected one of constant"},
      {"--target http://127.0.0.1:1 --request /health",
       "hustle load: --request: expected a method and a path"},
      {"--target http://127.0.0.1:1 --header x", "hustle load: --header: expected 'Name: value', got 'x'"},
      {"--target http://127.0.0.1:1 --threshold 'p95 < 3'",
       "hustle load: --threshold: expected a time with its unit"},
      {"--target http://127.0.0.1:1 --time 5x",
       "hustle load: --time: expected a time with its unit such as 60s"},
      {"--target http://127.0.0.1:1 --think 1s", "hustle load: --think: expected together with --users"},
      {"--target http://127.0.0.1:1 --seed x", "hustle load: --seed: expected a whole number"},
      {"--target http://127.0.0.1:1 --body @/none", "hustle load: --body: cannot read the file '/none'"},
      {"", "hustle load: --target"},
  };
  for (const auto& [arguments, beginning] : mistakes) {
    const Ran ran = run(arguments);
    EXPECT_EQ(ran.exit_code, 2) << arguments;
    EXPECT_TRUE(ran.output.starts_with(beginning)) << ran.output;
    EXPECT_EQ(ran.output.find('\n'), ran.output.size() - 1) << ran.output;
  }
}

TEST_F(LoadCommand, AnAbsentTargetIsExitCode3) {
  Target target;
  const std::string flags = common(target);
  target.stop();
  const Ran ran = run(flags);
  EXPECT_EQ(ran.exit_code, 3);
  EXPECT_NE(ran.output.find("cannot be reached: Connection refused\n"), std::string::npos) << ran.output;
}

TEST_F(LoadCommand, CtrlCEndsWithinTwoSecondsWithAPartialReport) {
  Target target;
  const auto begin = std::chrono::steady_clock::now();
  const Ran ran = run(common(target, "60s") + " & child=$!; sleep 1.5; kill -INT $child; wait $child");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(3500));
  expect_code(ran, 4);
  EXPECT_NE(ran.output.find("(partial: interrupted)"), std::string::npos) << ran.output;
  const Json report = Json::parse(file("report.json"));
  EXPECT_EQ(report["complete"], false);
  EXPECT_GT(report["phases"]["measured"]["ok"].get<int>(), 0);
}

}  // namespace
