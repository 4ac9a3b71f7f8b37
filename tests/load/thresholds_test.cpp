// Thresholds: what is read, what is refused in one line, and how a run is judged by them.
#include "loadgen/load/thresholds.h"

#include <gtest/gtest.h>

#include "loadgen/load/report.h"

namespace loadgen::load {
namespace {

using Metric = Threshold::Metric;
using Order = Threshold::Order;

TEST(Thresholds, AreRead) {
  const auto p95 = parse_threshold("p95 < 200 ms");
  ASSERT_TRUE(p95);
  EXPECT_EQ(p95->metric, Metric::percentile);
  EXPECT_EQ(p95->percent, 95);
  EXPECT_EQ(p95->limit, 200'000);
  EXPECT_TRUE(keeps(*p95, 199'999));
  EXPECT_FALSE(keeps(*p95, 200'000));
  EXPECT_EQ(parse_threshold("p99.9<=1.5s")->limit, 1'500'000);
  EXPECT_EQ(parse_threshold("p99.9<=1.5s")->order, Order::at_most);
  EXPECT_DOUBLE_EQ(parse_threshold(" errors < 1 % ")->limit, 0.01);
  EXPECT_EQ(parse_threshold("rate >= 950/s")->limit, 950);
  EXPECT_EQ(parse_threshold("max < 500 us")->metric, Metric::max);
  EXPECT_TRUE(keeps(*parse_threshold("mean > 1 ms"), 1001));
}

TEST(Thresholds, NameAPhaseAndWhatTheyAreAbout) {
  const auto one = parse_threshold("measure: task.getById p95 < 200 ms");
  ASSERT_TRUE(one);
  EXPECT_EQ(one->phase, "measure");
  EXPECT_EQ(one->of, "task.getById");
  EXPECT_EQ(one->percent, 95);
  EXPECT_EQ(parse_threshold("webhook.loop p99 < 2 s")->of, "webhook.loop");
  EXPECT_EQ(parse_threshold("after: errors < 1 %")->phase, "after");
  const auto findings = parse_threshold("findings == 0");
  ASSERT_TRUE(findings);
  EXPECT_EQ(findings->metric, Metric::findings);
  EXPECT_TRUE(keeps(*findings, 0));
  EXPECT_FALSE(keeps(*findings, 1));
}

TEST(Thresholds, GoodputIsARateOrAShareOfWhatWasDue) {
  const auto share = parse_threshold("beyond: goodput > 25 %");
  ASSERT_TRUE(share);
  EXPECT_EQ(share->metric, Metric::goodput);
  EXPECT_TRUE(share->of_due);
  EXPECT_TRUE(keeps(*share, 0.26));
  EXPECT_FALSE(keeps(*share, 0.25));
  const auto rate = parse_threshold("goodput >= 50 /s");
  ASSERT_TRUE(rate);
  EXPECT_FALSE(rate->of_due);
  EXPECT_TRUE(keeps(*rate, 50));
  EXPECT_FALSE(parse_threshold("goodput > 5 ms"));
}

// One request repeated has no phases, procedures, journeys or audits: asking for them is a mistake, not
// UNKNOWN.
TEST(Thresholds, OfARawRunAreOfItsOneRequest) {
  for (const char* text : {"p95 < 1 s", "errors < 1 %", "rate > 5", "max < 1 s"})
    EXPECT_TRUE(check_raw_threshold(*parse_threshold(text))) << text;
  for (const char* text : {"measured: p95 < 1 s", "task.getById p95 < 1 s", "findings == 0", "goodput > 5"})
    EXPECT_FALSE(check_raw_threshold(*parse_threshold(text))) << text;
}

TEST(Thresholds, AreRefusedInOneLine) {
  for (const char* text : {"", "p95", "p95 <", "p95 < x ms", "p95 < 200", "p95 < 200 %", "errors < 1",
                           "p0 < 1 ms", "p100 < 1 ms", "pp < 1 ms", "p95 = 3 ms", "rate > -1",
                           "errors < nan %", "foo < 1 ms", "p95 < 200 ms or so", "p95 < 1e999 ms"}) {
    const auto read = parse_threshold(text);
    ASSERT_FALSE(read) << text;
    EXPECT_TRUE(read.error().starts_with("expected ")) << read.error();
    EXPECT_EQ(read.error().find('\n'), std::string::npos);
    EXPECT_TRUE(read.error().ends_with("got '" + std::string(text) + "'")) << read.error();
  }
}

TEST(Thresholds, SamplesNeededAreThoseOfTheLiterature) {
  EXPECT_EQ(samples_needed(95), 59U);
  EXPECT_EQ(samples_needed(99), 299U);
  EXPECT_EQ(samples_needed(99.9), 2995U);
}

RawResult result_of(std::uint64_t ok, std::uint64_t failed, std::int64_t us) {
  RawResult result{.tally = Tally(0, 1)};
  result.seconds = 1;
  result.watch.threads = {{.cpu = 0.1, .waiting = 0.1}};
  for (std::uint64_t i = 0; i < ok + failed; ++i) {
    const auto at = static_cast<std::int64_t>(i * 1000);
    result.tally.due(at);
    result.tally.sent(at, 0, at + 1000);
    i < ok ? result.tally.success(at, at + 1000, at + us * 1000, 200)
           : result.tally.failure(Failure::timeout, at);
  }
  return result;
}

Judgement judged(const RawResult& result, const std::vector<std::string>& texts) {
  std::vector<Threshold> thresholds;
  for (const std::string& text : texts) thresholds.push_back(*parse_threshold(text));
  return judge({}, result, thresholds);
}

TEST(Judging, ExitCodesFollowTheEvidence) {
  EXPECT_EQ(judged(result_of(1000, 0, 900), {"p95 < 1 ms", "errors < 1 %"}).exit_code, 0);
  EXPECT_EQ(judged(result_of(1000, 0, 1100), {"p95 < 1 ms"}).exit_code, 1);
  EXPECT_EQ(judged(result_of(980, 20, 900), {"errors < 1 %"}).exit_code, 1);
  RawResult died = result_of(1000, 0, 900);
  died.complete = false;
  died.died = true;
  EXPECT_EQ(judged(died, {"p95 < 1 us"}).exit_code, 3);
  EXPECT_EQ(judged(result_of(0, 20, 900), {}).exit_code, 3) << "nothing succeeded";
  EXPECT_EQ(judged(result_of(0, 20, 900), {"errors < 1 %"}).exit_code, 1);
  EXPECT_EQ(judged(result_of(1, 19, 900), {}).exit_code, 0) << "errors are for thresholds";
  RawResult cut = result_of(1000, 0, 900);
  cut.complete = false;
  EXPECT_EQ(judged(cut, {"p95 < 1 ms"}).exit_code, 4);
}

TEST(Judging, TooFewSamplesAreUnknownAndNotMadeUp) {
  const Judgement judgement = judged(result_of(100, 0, 900), {"p99.9 < 1 ms"});
  EXPECT_FALSE(judgement.thresholds[0].known);
  EXPECT_EQ(judgement.thresholds[0].measured_text, "not enough samples for p99.9: 100 of 2995");
  EXPECT_EQ(judgement.exit_code, 4);
}

TEST(Judging, AGeneratorThatWasTheBottleneckSaysSo) {
  RawResult busy = result_of(1000, 0, 900);
  busy.watch.threads = {{.cpu = 0.2, .waiting = 0.1}, {.cpu = 0.6, .waiting = 0.36}};
  EXPECT_EQ(judged(busy, {"p95 < 1 us"}).exit_code, 5);
  EXPECT_NE(judged(busy, {}).invalid, "");
  RawResult late = result_of(1000, 0, 90'000);
  for (int i = 0; i < 20; ++i) late.tally.sent(0, 0, 30'000'000);  // a connection was free all the time
  EXPECT_EQ(judged(late, {}).exit_code, 5);
  RawResult held = result_of(1000, 0, 90'000);
  for (int i = 0; i < 20; ++i)
    held.tally.sent(0, 30'000'000, 30'000'000);  // none was free: the target's time
  EXPECT_EQ(judged(held, {}).exit_code, 0);
  // 1 ms threshold: a p99 of the own lateness above 100 µs is too much.
  RawResult close = result_of(1000, 0, 900);
  for (int i = 0; i < 20; ++i) close.tally.sent(0, 0, 200'000);
  EXPECT_EQ(judged(close, {"p95 < 1 ms"}).exit_code, 5);
  EXPECT_EQ(judged(close, {"p95 < 100 ms"}).exit_code, 0);
}

}  // namespace
}  // namespace loadgen::load
