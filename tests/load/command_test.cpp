// hustle load as its user meets it: exit codes, one line per mistake, files of a run.
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "loadgen/histogram_log.h"
#include "tests/load/command.h"
#include "tests/load/target.h"

namespace {

using load_test::expect_code;
using load_test::Json;
using load_test::Ran;
using load_test::Target;

Ran run(const std::string& arguments) {
  return load_test::hustle("load " + arguments);
}

class LoadCommand : public load_test::OutFolder {
 protected:
  std::string common(const Target& target, const std::string& time = "1s") const {
    return "--target " + target.url().text() + " --rate 300 --time " + time +
           " --warmup 500ms --seed 7 --quiet --out " + out_.string();
  }
};

TEST_F(LoadCommand, WritesAReportAndAHistogramLog) {
  Target target;
  const Ran ran =
      run(common(target) + " --arrivals poisson --threshold 'p95 < 10 s' --threshold 'errors < 1 %'");
  expect_code(ran, 0);
  EXPECT_NE(ran.text.find("holds     p95 < 10 s: "), std::string::npos) << ran.text;
  const Json report = this->report();
  EXPECT_EQ(report["format"], "hustle-load");
  EXPECT_EQ(report["version"], 1);
  EXPECT_EQ(report["exit_code"], ran.code);
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
    const auto found = Json::parse(ran.text)["asked"]["schedule"]["sha256"].get<std::string>();
    if (!hash.empty()) EXPECT_EQ(found, hash);
    hash = found;
  }
}

TEST_F(LoadCommand, ACrossedThresholdIsExitCode1) {
  Target target({.answer = load_test::answer("500 Internal Server Error")});
  const Ran ran = run(common(target) + " --threshold 'errors < 1 %'");
  expect_code(ran, 1);
  EXPECT_NE(ran.text.find("CROSSED   errors < 1 %: 100.000 %"), std::string::npos) << ran.text;
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
    EXPECT_EQ(ran.code, 2) << arguments;
    EXPECT_TRUE(ran.text.starts_with(beginning)) << ran.text;
    EXPECT_EQ(ran.text.find('\n'), ran.text.size() - 1) << ran.text;
  }
}

// A report is shared, and so is the log of a build.
TEST_F(LoadCommand, PasswordsOfUrlsAreNotTold) {
  Target target;
  const Ran ran = run(common(target) + " --header 'x-database: postgresql://me:secret@127.0.0.1:1/x'");
  expect_code(ran, 0);
  EXPECT_EQ(report()["command_line"].get<std::string>().find("secret"), std::string::npos);
  const Ran audit = load_test::hustle("audit --database postgresql://me:secret@127.0.0.1:1/x");
  EXPECT_EQ(audit.code, 3);
  EXPECT_EQ(audit.text.find("secret"), std::string::npos) << audit.text;
}

TEST_F(LoadCommand, AnAbsentTargetIsExitCode3) {
  Target target;
  const std::string flags = common(target);
  target.stop();
  const Ran ran = run(flags);
  EXPECT_EQ(ran.code, 3);
  EXPECT_NE(ran.text.find("cannot be reached: Connection refused\n"), std::string::npos) << ran.text;
}

TEST_F(LoadCommand, CtrlCEndsWithinTwoSecondsWithAPartialReport) {
  Target target;
  const auto begin = std::chrono::steady_clock::now();
  const Ran ran = run(common(target, "60s") + " & child=$!; sleep 1.5; kill -INT $child; wait $child");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(3500));
  expect_code(ran, 4);
  EXPECT_NE(ran.text.find("(partial: interrupted)"), std::string::npos) << ran.text;
  const Json report = this->report();
  EXPECT_EQ(report["complete"], false);
  EXPECT_GT(report["phases"]["measured"]["ok"].get<int>(), 0);
}

}  // namespace
