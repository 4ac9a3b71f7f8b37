// Statements in pipeline mode: each answered once and with its own outcome, whatever became of its
// neighbours.
#include "reference_server/pipeline.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "tests/server/stage.h"

namespace server_tests {
namespace {

using namespace std::chrono_literals;
using Kind = server::Pipeline::Kind;

constexpr server::Statement kSay{"say", "SELECT probe_pipe.say($1)"};
constexpr server::Statement kDivide{"divide", "SELECT (10 / $1::integer)::text"};
constexpr server::Statement kNothing{"nothing", "SELECT 1 WHERE false"};
constexpr server::Statement kUnknown{"unknown", "SELECT no_such_function($1)"};
constexpr server::Statement kAdd{"add", "SELECT probe_pipe.add($1)"};
constexpr server::Statement kDie{"die", "SELECT pg_terminate_backend(pg_backend_pid())::text || $1"};
constexpr server::Statement kRetry{"retry", "SELECT probe_pipe.fail_until($1::bigint)"};
constexpr server::Statement kLate{"late", "SELECT probe_pipe.late($1)"};

struct Outcome {
  std::string text, sqlstate;
  bool ok = false;
  std::uint64_t retries = 0;
};

// Submits, then waits for all answers.
class Asked {
 public:
  void ask(server::Pipeline& pipeline, Kind kind, const server::Statement& statement,
           std::vector<std::string> arguments) {
    const std::lock_guard lock(mutex_);
    const std::size_t index = outcomes_.size();
    outcomes_.emplace_back();
    ++left_;
    EXPECT_TRUE(pipeline.submit(kind, statement, std::move(arguments),
                                [this, index](server::Pipeline::Answer answer) {
                                  const std::lock_guard inner(mutex_);
                                  Outcome& outcome = outcomes_[index];
                                  EXPECT_FALSE(outcome.ok || !outcome.sqlstate.empty()) << "answered twice";
                                  outcome.ok = answer.text.has_value();
                                  outcome.text = answer.text ? *answer.text : answer.text.error().what();
                                  outcome.sqlstate = answer.text ? "" : answer.text.error().sqlstate;
                                  outcome.retries = answer.retries;
                                  --left_;
                                  done_.notify_all();
                                }));
  }
  const std::vector<Outcome>& wait() {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(done_.wait_for(lock, 20s, [this] { return left_ == 0; })) << left_ << " were never answered";
    return outcomes_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable done_;
  std::vector<Outcome> outcomes_;
  std::size_t left_ = 0;
};

// A pipeline with the thread that it needs: waits for its descriptor, gives it its turn.
class Running {
 public:
  explicit Running(const server::PipelineOptions& options) : pipeline(options) {}
  server::Pipeline pipeline;

 private:
  std::jthread owner_{[this](const std::stop_token& stop) {
    pipeline.turn();
    while (!stop.stop_requested()) {
      pollfd watched{.fd = pipeline.descriptor(), .events = POLLIN, .revents = 0};
      if (::poll(&watched, 1, 20) > 0) pipeline.turn();
    }
  }};
};

class PipelineTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    server::Session session(shared_stage().environment().database(), 10s);
    session.run_script(
        "CREATE SCHEMA probe_pipe; CREATE TABLE probe_pipe.said (word text); CREATE SEQUENCE "
        "probe_pipe.tries;"
        "CREATE FUNCTION probe_pipe.say(w text) RETURNS text LANGUAGE sql AS $$ SELECT w $$;"
        "CREATE FUNCTION probe_pipe.add(w text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN"
        " INSERT INTO probe_pipe.said VALUES (w); RETURN w; END $$;"
        "CREATE FUNCTION probe_pipe.fail_until(n bigint) RETURNS text LANGUAGE plpgsql AS $$ BEGIN"
        " IF nextval('probe_pipe.tries') <= n THEN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END IF;"
        " RETURN 'done'; END $$;"
        "CREATE TABLE probe_pipe.child (of integer REFERENCES public.pgmigrations (id) DEFERRABLE INITIALLY "
        "DEFERRED);"
        "CREATE FUNCTION probe_pipe.late(w text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN"
        " INSERT INTO probe_pipe.child VALUES (-1); RETURN w; END $$;");
  }
  static void TearDownTestSuite() {
    server::Session session(shared_stage().environment().database(), 10s);
    session.run_script("DROP SCHEMA probe_pipe CASCADE");
  }
  static server::PipelineOptions options() {
    return {.url = shared_stage().environment().database(), .readers = 1, .writers = 2};
  }
};

TEST_F(PipelineTest, ManyStatementsGetTheirOwnAnswers) {
  Running running(options());
  server::Pipeline& pipeline = running.pipeline;
  Asked asked;
  for (int i = 0; i < 500; ++i)
    asked.ask(pipeline, i % 3 == 0 ? Kind::write : Kind::read, kSay, {std::to_string(i)});
  const auto& outcomes = asked.wait();
  for (int i = 0; i < 500; ++i) EXPECT_EQ(outcomes[static_cast<std::size_t>(i)].text, std::to_string(i));
}

TEST_F(PipelineTest, NoRowIsAnEmptyText) {
  Running running(options());
  server::Pipeline& pipeline = running.pipeline;
  Asked asked;
  asked.ask(pipeline, Kind::read, kNothing, {});
  EXPECT_TRUE(asked.wait()[0].ok);
  EXPECT_EQ(asked.wait()[0].text, "");
}

TEST_F(PipelineTest, FailureInABundleIsNobodyElses) {
  Running running(options());
  server::Pipeline& pipeline = running.pipeline;
  Asked asked;
  for (int i = 0; i < 60; ++i) {
    asked.ask(pipeline, Kind::read, i % 7 == 3 ? kUnknown : kDivide, {std::to_string(i % 5)});
  }
  const auto& outcomes = asked.wait();
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const std::string expected = i % 7 == 3 ? "42883" : i % 5 == 0 ? "22012" : "";
    EXPECT_EQ(outcomes[i].sqlstate, expected) << i << ": " << outcomes[i].text;
    if (expected.empty()) {
      EXPECT_EQ(outcomes[i].text, std::to_string(10 / (i % 5)));
    }
  }
}

// A read may create its caller (api.md §1.4): what a failed bundle undid is done again, and once.
TEST_F(PipelineTest, WhatABundleWroteIsKeptOnce) {
  Running running(options());
  server::Pipeline& pipeline = running.pipeline;
  Asked asked;
  for (int i = 0; i < 30; ++i) {
    asked.ask(pipeline, Kind::read, kAdd, {"word" + std::to_string(i)});
    asked.ask(pipeline, Kind::read, kDivide, {"0"});
  }
  asked.wait();
  EXPECT_EQ(shared_stage().sql("SELECT count(*) || ' ' || count(DISTINCT word) FROM probe_pipe.said"),
            "30 30");
}

TEST_F(PipelineTest, WritesAreTransactionsOfTheirOwn) {
  Running running(options());
  server::Pipeline& pipeline = running.pipeline;
  Asked asked;
  asked.ask(pipeline, Kind::write, kDivide, {"0"});
  asked.ask(pipeline, Kind::write, kDivide, {"5"});
  asked.ask(pipeline, Kind::write, kDivide, {"0"});
  const auto& outcomes = asked.wait();
  EXPECT_EQ(outcomes[0].sqlstate, "22012");
  EXPECT_EQ(outcomes[1].text, "2");
  EXPECT_EQ(outcomes[2].sqlstate, "22012");
}

// The commit may refuse what the statement had already answered: the answer waits for it.
TEST_F(PipelineTest, RefusedCommitIsTheAnswer) {
  Running running(options());
  server::Pipeline& pipeline = running.pipeline;
  Asked asked;
  asked.ask(pipeline, Kind::write, kLate, {"too early"});
  EXPECT_EQ(asked.wait()[0].sqlstate, "23503") << asked.wait()[0].text;
}

TEST_F(PipelineTest, SerializationFailuresRunAgainUntilTheBound) {
  shared_stage().sql("SELECT setval('probe_pipe.tries', 1, false)");
  Running running(options());
  server::Pipeline& pipeline = running.pipeline;
  Asked asked;
  asked.ask(pipeline, Kind::write, kRetry, {"3"});
  EXPECT_EQ(asked.wait()[0].text, "done");
  EXPECT_EQ(asked.wait()[0].retries, 3U);
  asked.ask(pipeline, Kind::write, kRetry, {"1000000"});
  EXPECT_EQ(asked.wait()[1].sqlstate, "40001");
  EXPECT_GE(asked.wait()[1].retries, 9U);
}

TEST_F(PipelineTest, LostConnectionIsAnUnknownOutcomeAndTheNextOneWorks) {
  Running running(options());
  server::Pipeline& pipeline = running.pipeline;
  Asked asked;
  asked.ask(pipeline, Kind::read, kDie, {"x"});
  asked.wait();
  asked.ask(pipeline, Kind::read, kSay, {"alive"});
  const auto& outcomes = asked.wait();
  EXPECT_FALSE(outcomes[0].ok);
  EXPECT_EQ(server::code_of_trouble({outcomes[0].text, outcomes[0].sqlstate}), model::Code::internal_error);
  EXPECT_EQ(outcomes[1].text, "alive");
}

TEST_F(PipelineTest, DatabaseThatIsNotThereIsTroubleForEverybody) {
  auto nowhere = options();
  nowhere.url = "postgresql://hustle@127.0.0.1:1/hustle";
  Running running(nowhere);
  server::Pipeline& pipeline = running.pipeline;
  Asked asked;
  for (int i = 0; i < 20; ++i) asked.ask(pipeline, i % 2 == 0 ? Kind::read : Kind::write, kSay, {"x"});
  for (const Outcome& outcome : asked.wait()) EXPECT_FALSE(outcome.ok);
}

// Nobody has given it a turn yet, and nobody will: the destructor does.
TEST_F(PipelineTest, FinishesWhatWasSubmittedBeforeItEnds) {
  Asked asked;
  {
    server::Pipeline pipeline(options());
    for (int i = 0; i < 50; ++i) asked.ask(pipeline, i % 2 == 0 ? Kind::read : Kind::write, kSay, {"x"});
  }
  for (const Outcome& outcome : asked.wait()) EXPECT_EQ(outcome.text, "x");
}

TEST_F(PipelineTest, RefusesWhenTooMuchWaits) {
  auto narrow = options();
  narrow.waiting_max = 0;
  Running running(narrow);
  server::Pipeline& pipeline = running.pipeline;
  EXPECT_FALSE(pipeline.submit(Kind::read, kSay, {"x"}, [](const server::Pipeline::Answer&) { FAIL(); }));
}

}  // namespace
}  // namespace server_tests
