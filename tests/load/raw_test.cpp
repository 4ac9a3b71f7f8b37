// The raw generator against targets of known behaviour: every scheduled request is accounted for, once, in
// the right place.
#include "loadgen/load/raw.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "loadgen/environment/error.h"
#include "loadgen/load/report.h"
#include "tests/load/target.h"

namespace loadgen::load {
namespace {

using load_test::answer;
using load_test::Target;

RawOptions options_for(const Target& target) {
  return {.target = target.url(),
          .request = {"GET", "/", {}, ""},
          .arrivals = {.rate = 500, .duration_s = 1, .warmup_s = 0.5, .seed = 1},
          .connections = 8,
          .timeout_s = 1};
}

std::uint64_t count(const PhaseTally& phase, Failure failure) {
  return phase.failures[static_cast<std::size_t>(failure)];
}

void expect_books_balance(const RawResult& result) {
  for (const PhaseTally* phase : {&result.tally.warmup, &result.tally.measured}) {
    EXPECT_EQ(phase->due, phase->ok() + phase->failed() + phase->unfinished);
    EXPECT_EQ(phase->latency.count(), phase->service.count());
  }
}

TEST(RawLoad, SendsTheScheduleAtAnyThreadCount) {
  std::string hash;
  for (const unsigned threads : {1U, 3U}) {
    Target target;
    RawOptions options = options_for(target);
    options.threads = threads;
    options.arrivals.spacing = Spacing::poisson;
    const RawResult result = run_raw(options);
    expect_books_balance(result);
    EXPECT_TRUE(result.complete);
    EXPECT_EQ(result.tally.warmup.due + result.tally.measured.due, result.schedule.count);
    EXPECT_EQ(result.tally.measured.ok(), result.tally.measured.due);
    EXPECT_EQ(result.tally.measured.statuses[200], result.tally.measured.ok());
    EXPECT_EQ(result.watch.threads.size(), threads);
    EXPECT_NEAR(result.seconds, 1, 0.3);
    target.stop();
    EXPECT_EQ(target.answered_ns().size(), result.schedule.count);
    if (!hash.empty()) EXPECT_EQ(hash, result.schedule.sha256);
    hash = result.schedule.sha256;
  }
}

TEST(RawLoad, OtherStatusesAndBodiesAreFailuresAndNotLatencies) {
  Target unavailable({.answer = answer("503 Service Unavailable")});
  RawOptions options = options_for(unavailable);
  RawResult result = run_raw(options);
  expect_books_balance(result);
  EXPECT_EQ(result.tally.measured.ok(), 0U);
  EXPECT_EQ(count(result.tally.measured, Failure::status), result.tally.measured.due);
  EXPECT_EQ(result.tally.measured.statuses[503], result.tally.measured.due);
  options.status = 503;
  EXPECT_EQ(run_raw(options).tally.measured.failed(), 0U);
  options.body_has = "goodbye";
  result = run_raw(options);
  EXPECT_EQ(count(result.tally.measured, Failure::body), result.tally.measured.due);
  Target stranger({.answer = "220 mail ready\r\n\r\n"});
  options = options_for(stranger);
  result = run_raw(options);
  expect_books_balance(result);
  EXPECT_EQ(count(result.tally.measured, Failure::malformed), result.tally.measured.due);
}

TEST(RawLoad, ChunkedAndClosingAnswersAreRead) {
  Target chunked({.answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"});
  EXPECT_EQ(run_raw(options_for(chunked)).tally.measured.failed(), 0U);
  Target closing({.answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi"});
  const RawResult result = run_raw(options_for(closing));
  expect_books_balance(result);
  EXPECT_EQ(result.tally.measured.failed(), 0U);
}

TEST(RawLoad, ClosedConnectionsAreResetsAndAreOpenedAgain) {
  Target target({.close_after = 5});
  const RawResult result = run_raw(options_for(target));
  expect_books_balance(result);
  const PhaseTally& phase = result.tally.measured;
  EXPECT_EQ(phase.failed(), count(phase, Failure::reset));
  EXPECT_NEAR(static_cast<double>(phase.failed()), static_cast<double>(phase.due) / 5, 10);
  EXPECT_GT(phase.ok(), phase.failed());
}

TEST(RawLoad, ASilentTargetIsTimeoutsAndUnsentRequests) {
  Target target({.silent = true});
  RawOptions options = options_for(target);
  options.timeout_s = 0.3;
  const RawResult result = run_raw(options);
  expect_books_balance(result);
  const PhaseTally& phase = result.tally.measured;
  EXPECT_EQ(phase.ok(), 0U);
  // Eight connections give up every 0.3 s: the run ends long before the warm-up's requests are all sent.
  EXPECT_GE(count(result.tally.warmup, Failure::timeout), 16U);
  EXPECT_GT(count(phase, Failure::unsent), 0U);
  EXPECT_EQ(count(phase, Failure::timeout) + count(phase, Failure::unsent), phase.due);
  EXPECT_TRUE(result.complete);
}

TEST(RawLoad, AnAbsentTargetIsOneLineAndExitCode3) {
  Target target;
  const RawOptions options = options_for(target);
  target.stop();
  try {
    run_raw(options);
    FAIL() << "nobody listens";
  } catch (const EnvironmentError& error) {
    EXPECT_EQ(error.exit_code, 3);
    EXPECT_EQ(std::string(error.what()),
              "--target " + options.target.text() + ": cannot be reached: Connection refused");
  }
}

TEST(RawLoad, ADyingTargetLeavesAPartialResult) {
  Target target;
  RawOptions options = options_for(target);
  options.arrivals.duration_s = 20;
  std::jthread killer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(900));
    target.stop();
  });
  const RawResult result = run_raw(options);
  expect_books_balance(result);
  EXPECT_TRUE(result.died);
  EXPECT_FALSE(result.complete);
  EXPECT_LT(result.seconds, 10);
  EXPECT_GT(result.tally.measured.ok(), 0U);
  EXPECT_GT(count(result.tally.measured, Failure::refused), 0U);
  EXPECT_EQ(judge(options, result, {}).exit_code, 3);
}

TEST(RawLoad, AnInterruptedRunStopsAtOnceAndIsPartial) {
  Target target({.silent = true});
  RawOptions options = options_for(target);
  options.arrivals.duration_s = 60;
  options.timeout_s = 60;
  std::atomic<bool> interrupted = false;
  options.interrupted = &interrupted;
  std::jthread user([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(800));
    interrupted = true;
  });
  const auto begin = std::chrono::steady_clock::now();
  const RawResult result = run_raw(options);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(2800));
  expect_books_balance(result);
  EXPECT_FALSE(result.complete);
  EXPECT_FALSE(result.died);
  EXPECT_GT(result.tally.measured.unfinished, 0U);
  EXPECT_LT(result.tally.measured.due, 2000U);
}

TEST(RawLoad, ClosedLoopUsersThink) {
  Target target;
  RawOptions options = options_for(target);
  options.closed = true;
  options.connections = 10;
  options.think_s = 0.1;
  const RawResult result = run_raw(options);
  expect_books_balance(result);
  // Ten users, ten requests per second each, fewer when the machine is busy; never more.
  EXPECT_LE(result.tally.measured.ok(), 110U);
  EXPECT_GT(result.tally.measured.ok(), 40U);
  options.think_s = 0;
  EXPECT_GT(run_raw(options).tally.measured.ok(), 1000U);
}

TEST(RawLoad, PreparedBytesAreARequest) {
  const net::Url url{"example.org", 8080, ""};
  EXPECT_EQ(request_bytes({"GET", "/health", {}, ""}, url),
            "GET /health HTTP/1.1\r\nHost: example.org:8080\r\n\r\n");
  net::Request post{"POST", "/x", {}, "{}"};
  post.headers.add("Content-Type", "application/json");
  EXPECT_EQ(request_bytes(post, url),
            "POST /x HTTP/1.1\r\nHost: example.org:8080\r\nContent-Type: application/json\r\nContent-Length: "
            "2\r\n\r\n{}");
}

}  // namespace
}  // namespace loadgen::load
