// Decision 25: 40001 and 40P01 are retried inside; other failures become codes without the driver's text.
#include "reference_server/database.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/server/stage.h"

namespace server_tests {
namespace {

constexpr std::chrono::milliseconds kTimeout{10'000};

class Retries : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    server::Session session(shared_stage().environment().database(), kTimeout);
    session.run_script(
        "CREATE SCHEMA IF NOT EXISTS probe; CREATE TABLE probe.pair (id integer PRIMARY KEY, touched "
        "integer);"
        "INSERT INTO probe.pair VALUES (1, 0), (2, 0); CREATE SEQUENCE probe.tries;"
        "CREATE FUNCTION probe.both(a integer, b integer) RETURNS text LANGUAGE plpgsql AS $$ BEGIN"
        " UPDATE probe.pair SET touched = touched + 1 WHERE id = a; PERFORM pg_sleep(0.2);"
        " UPDATE probe.pair SET touched = touched + 1 WHERE id = b; RETURN 'done'; END $$;"
        "CREATE FUNCTION probe.fail(code text, until bigint) RETURNS text LANGUAGE plpgsql AS $$ BEGIN"
        " IF nextval('probe.tries') <= until THEN RAISE EXCEPTION 'secret of the driver' USING ERRCODE = "
        "code; END IF;"
        " RETURN 'done'; END $$;");
  }
  static void TearDownTestSuite() {
    server::Session session(shared_stage().environment().database(), kTimeout);
    session.run_script("DROP SCHEMA probe CASCADE");
  }
  server::Session session_{shared_stage().environment().database(), kTimeout};
};

constexpr server::Statement kBoth{"both", "SELECT probe.both($1::integer, $2::integer)"};
constexpr server::Statement kFail{"fail", "SELECT probe.fail($1, $2::bigint)"};

TEST_F(Retries, DeadlockVictimRunsAgain) {
  server::Session other(shared_stage().environment().database(), kTimeout);
  std::thread thread([&] { EXPECT_EQ(other.call(kBoth, {"2", "1"}), "done"); });
  std::string answer;
  EXPECT_NO_THROW(answer = session_.call(kBoth, {"1", "2"}));
  thread.join();
  EXPECT_EQ(answer, "done");
  EXPECT_GE(session_.retries() + other.retries(), 1U);
  EXPECT_EQ(shared_stage().sql("SELECT sum(touched) FROM probe.pair"), "4");
}

TEST_F(Retries, SerializationFailureRunsAgainUntilTheBound) {
  shared_stage().sql("SELECT setval('probe.tries', 1, false)");
  EXPECT_EQ(session_.call(kFail, {"40001", "3"}), "done");
  EXPECT_EQ(session_.retries(), 3U);
  try {
    session_.call(kFail, {"40001", "1000000"});
    FAIL() << "the bound was not reached";
  } catch (const server::DatabaseTrouble& trouble) {
    EXPECT_EQ(trouble.sqlstate, "40001");
    EXPECT_EQ(server::code_of_trouble(trouble), model::Code::internal_error);
  }
}

TEST_F(Retries, OtherFailuresAreNotRepeated) {
  shared_stage().sql("SELECT setval('probe.tries', 1, false)");
  const auto code_of = [&](const char* sqlstate) {
    try {
      session_.call(kFail, {sqlstate, "1000000"});
    } catch (const server::DatabaseTrouble& trouble) {
      return server::code_of_trouble(trouble);
    }
    return model::Code::none;
  };
  EXPECT_EQ(code_of("HX001"), model::Code::hx001);
  EXPECT_EQ(code_of("HX301"), model::Code::hx301);
  EXPECT_EQ(code_of("23505"), model::Code::conflict);
  EXPECT_EQ(code_of("23503"), model::Code::not_found);
  EXPECT_EQ(code_of("23514"), model::Code::conflict) << "a transition trigger";
  EXPECT_EQ(code_of("42601"), model::Code::internal_error);
  EXPECT_EQ(session_.retries(), 0U);
}

TEST_F(Retries, ConnectionClosedByTheServerIsOpenedAgain) {
  constexpr server::Statement kOne{"one", "SELECT 1"};
  EXPECT_EQ(session_.call(kOne, {}), "1");
  const std::string pid = session_.call({"pid", "SELECT pg_backend_pid()"}, {});
  std::this_thread::sleep_for(std::chrono::milliseconds(600));
  EXPECT_EQ(shared_stage().sql("SELECT pg_terminate_backend(" + pid + ")"), "t");
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_EQ(session_.call(kOne, {}), "1");
}

TEST(Leaks, NothingOfTheDatabaseReachesAClient) {
  Stage stage;
  const auto poster = stage.person("poster");
  stage.sql("ALTER TABLE tasks ADD CONSTRAINT secret_constraint CHECK (title <> 'forbidden')");
  const Json input{{"title", "forbidden"}, {"description", "D"}, {"location", "L"},
                   {"category", "c"},      {"price", 500},       {"deadline", iso_in(std::chrono::hours(1))}};
  const Reply refused = stage.call("task.create", input, poster);
  EXPECT_EQ(refused.hx(), "VALIDATION_ERROR");
  stage.sql("ALTER TABLE tasks RENAME TO moved");
  const Reply broken = stage.call("task.create", input, poster);
  EXPECT_EQ(broken.status, 500);
  EXPECT_EQ(broken.hx(), "INTERNAL_ERROR");
  for (const Reply& reply : {refused, broken}) {
    for (const char* word : {"secret", "relation", "tasks", "SQL", "ERROR:", "pqxx"}) {
      EXPECT_EQ(reply.body["error"]["message"].get<std::string>().find(word), std::string::npos)
          << reply.body.dump();
    }
  }
}

TEST(Pool, RefusesWhenTooMuchWaits) {
  server::DatabaseOptions options{.url = shared_stage().environment().database(), .connections = 1};
  options.waiting_max = 3;
  server::Database database(options);
  std::atomic<bool> open = false;
  std::atomic<int> done = 0;
  const auto wait = [&](server::Session&) {
    while (!open) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    ++done;
  };
  EXPECT_TRUE(database.submit(wait));
  while (database.busy() == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(database.submit(wait));
  EXPECT_FALSE(database.submit(wait));
  open = true;
  while (done < 4) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

}  // namespace
}  // namespace server_tests
