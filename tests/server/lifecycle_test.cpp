// The process: configuration, health, metrics, test mode, shutdown (operations.md §1, §2, §4).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <sstream>
#include <thread>

#include "loadgen/environment/children.h"
#include "loadgen/environment/postgres.h"
#include "loadgen/environment/temp_directory.h"
#include "reference_server/config.h"
#include "tests/server/stage.h"

namespace server_tests {
namespace {

using testing::HasSubstr;

std::expected<server::Config, std::string> read(const std::vector<std::string>& words,
                                                const std::map<std::string, std::string>& variables = {}) {
  return server::read_config(words, [&](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  });
}

const std::vector<std::string> kGood{"--database",       "postgresql://h@127.0.0.1/h",
                                     "--stripe-url",     "http://127.0.0.1:1",
                                     "--auth-certs-url", "http://127.0.0.1:1/certs"};

std::vector<std::string> good_and(std::vector<std::string> more) {
  more.insert(more.begin(), kGood.begin(), kGood.end());
  return more;
}

TEST(Configuration, FlagsWinOverVariables) {
  const auto config = read(good_and({"--listen", "127.0.0.1:8080", "--pool=7", "--test-clock"}),
                           {{"HUSTLE_POOL", "9"}, {"HUSTLE_STRIPE_KEY", "sk_test_other"}});
  ASSERT_TRUE(config) << config.error();
  EXPECT_EQ(config->listen_port, 8080);
  EXPECT_EQ(config->pool, 7);
  EXPECT_EQ(config->stripe_key, "sk_test_other");
  EXPECT_TRUE(config->test_clock);
  EXPECT_EQ(read({"migrate", "--database", "postgresql://h@127.0.0.1/h"})->command,
            server::Config::Command::migrate);
}

// operations.md §1: no test key, no standard secret and no door for tests in production.
TEST(Configuration, ProductionNeedsItsOwnSecrets) {
  const std::vector<std::string> whole = good_and(
      {"--mode", "production", "--stripe-key", "sk_live_1", "--webhook-secret", "whsec_own", "--auth-project",
       "hustlexp", "--store-url", "http://127.0.0.1:1", "--store-secret-key", "own"});
  const auto config = read(whole);
  ASSERT_TRUE(config) << config.error();
  EXPECT_TRUE(config->production);
  for (const char* flag :
       {"--stripe-key", "--webhook-secret", "--auth-project", "--store-url", "--store-secret-key"}) {
    std::vector<std::string> lacking = whole;
    const auto at = std::ranges::find(lacking, flag);
    lacking.erase(at, at + 2);
    const auto refused = read(lacking);
    ASSERT_FALSE(refused) << flag;
    EXPECT_TRUE(refused.error().starts_with(std::string(flag) + ": ")) << refused.error();
  }
  const std::vector<std::vector<std::string>> doors{
      {"--test-clock"}, {"--rate-limits", "off"}, {"--stripe-key", "rk_test_1"}};
  for (const std::vector<std::string>& door : doors) {
    std::vector<std::string> open = whole;
    open.insert(open.end(), door.begin(), door.end());
    ASSERT_FALSE(read(open)) << door.front();
    EXPECT_TRUE(read(open).error().starts_with(door.front() + ": "));
  }
  EXPECT_TRUE(read(good_and({"--mode", "development"}))) << "standards are for trying things out";
}

TEST(Configuration, MistakesAreOneLineThatNamesTheFlag) {
  const std::pair<std::vector<std::string>, const char*> kMistakes[] = {
      {{}, "--database: missing"},
      {{"--database", "mysql://x"}, "--database: expected a URL"},
      {{"frobnicate"}, "frobnicate: unknown command"},
      {good_and({"--frobnicate"}), "--frobnicate: unknown argument"},
      {good_and({"--pool", "0"}), "--pool: expected a whole number from 3 to 200"},
      {good_and({"--pool", "many"}), "--pool: expected a whole number"},
      {good_and({"--listen", "nowhere"}), "--listen: expected ADDRESS:PORT"},
      {good_and({"--listen", "127.0.0.1:70000"}), "--listen: expected ADDRESS:PORT"},
      {good_and({"--stripe-url", "ftp://x"}), "--stripe-url: "},
      {good_and({"--log-level", "loud"}), "--log-level: expected debug"},
      {good_and({"--sql"}), "--sql: expected a value"},
      {good_and({"--listen", "localhost:80"}), "--listen: expected ADDRESS:PORT"},
      {good_and({"--listen", "300.1.1.1:80"}), "--listen: expected ADDRESS:PORT"},
      {good_and({"--listen", "::1:80"}), "--listen: expected ADDRESS:PORT"},
      {good_and({"--database", "postgresql://h@[::1/h"}), "--database: expected a URL"},
      {good_and({"--method-override", "yes"}), "--method-override: expected on or off"},
  };
  for (const auto& [words, wanted] : kMistakes) {
    const auto config = read(words);
    ASSERT_FALSE(config) << wanted;
    EXPECT_THAT(config.error(), HasSubstr(wanted));
    EXPECT_EQ(config.error().find('\n'), std::string::npos);
  }
  EXPECT_THAT(read(kGood, {{"HUSTLE_POOL", "x"}}).error(), HasSubstr("HUSTLE_POOL: expected"));
  EXPECT_EQ(read({"-h"})->command, server::Config::Command::help);
  EXPECT_EQ(read(good_and({"--listen", "[::1]:80"}))->listen_address, "::1");
}

// A start that fails: its exit code, and its one line on standard error.
struct Failed {
  int code;
  std::string line;
};
Failed start(const std::vector<std::string>& words) {
  const loadgen::TempDirectory directory("/tmp");
  loadgen::ChildOptions options{.command = {HUSTLE_SERVER_BINARY}, .log_file = directory.path() + "/log"};
  options.command.insert(options.command.end(), words.begin(), words.end());
  loadgen::Child child(std::move(options));
  const auto exit = child.wait(std::chrono::seconds(20));
  const std::string line = child.log_tail(100);
  EXPECT_EQ(std::ranges::count(line, '\n'), 0) << line;
  return {exit ? exit->code : -1, line};
}

TEST(Process, AStartThatFailsIsOneLine) {
  const loadgen::Postgres empty = loadgen::Postgres::start();
  const loadgen::TempDirectory nothing("/tmp");
  const std::pair<std::vector<std::string>, Failed> kStarts[] = {
      {good_and({"--database", "postgresql://hustle@127.0.0.1:1/hustle"}), {3, "Connection refused"}},
      {good_and({"--database", empty.url() + "x"}), {3, "does not exist"}},
      {good_and({"--database", empty.url()}), {2, "first run hustle-server migrate --database"}},
      {good_and({"--database", empty.url(), "--sql", nothing.path()}), {2, "--sql: no .sql file in"}},
      {{"migrate", "--database", empty.url(), "--migrations", nothing.path()},
       {2, "expected a folder of migr"}},
  };
  for (const auto& [words, wanted] : kStarts) {
    const Failed failed = start(words);
    EXPECT_EQ(failed.code, wanted.code) << failed.line;
    EXPECT_THAT(failed.line, HasSubstr(wanted.line));
  }
  const auto port = std::to_string(net::parse_url(shared_stage().environment().target())->port);
  const Failed taken = start(
      good_and({"--database", shared_stage().environment().database(), "--listen", "127.0.0.1:" + port}));
  EXPECT_EQ(taken.code, 3);
  EXPECT_THAT(taken.line,
              HasSubstr("--listen: cannot listen on 127.0.0.1:" + port + ": Address already in use"));
}

// What the server tells at its start: nobody should learn from a fraud that photos were never looked at.
TEST(Process, WarnsThatPhotosAreNotLookedAt) {
  for (const bool object_store : {true, false}) {
    loadgen::EnvironmentOptions options;
    options.harness = HUSTLE_BINARY;
    options.server = HUSTLE_SERVER_BINARY;
    options.object_store = object_store;
    const loadgen::Environment environment = loadgen::boot(options);
    std::ifstream log(environment.log_directory() + "/hustle-server.log");
    int warnings = 0;
    for (std::string line; std::getline(log, line);) {
      const Json told = Json::parse(line, nullptr, false);
      if (told.value("level", "") != "warn") continue;
      ++warnings;
      EXPECT_THAT(told.value("message", ""), HasSubstr("--store-url"));
    }
    EXPECT_EQ(warnings, object_store ? 0 : 1);
  }
}

Reply get(Stage& stage, const std::string& path) {
  return stage.send({.method = "GET", .target = path, .headers = {}, .body = {}});
}

TEST(Health, TellsOfTheDatabase) {
  Stage stage;
  const Reply well = get(stage, "/health");
  EXPECT_EQ(well.status, 200);
  EXPECT_EQ(well.body["status"], "ok");
  EXPECT_EQ(well.body["checks"]["database"], "ok");
  EXPECT_EQ(well.body["test_clock"], true);
  EXPECT_NE(well.body["schema_version"], "");
  EXPECT_EQ(get(stage, "/health/readiness").status, 200);
  stage.environment().postgres().stop();
  std::this_thread::sleep_for(std::chrono::milliseconds(1200));
  EXPECT_EQ(get(stage, "/health").status, 503);
  EXPECT_EQ(get(stage, "/health").body["checks"]["database"], "unavailable");
  EXPECT_EQ(get(stage, "/health/readiness").status, 503);
  EXPECT_EQ(get(stage, "/health/liveness").status, 200);
  stage.environment().postgres().start_again();
  std::this_thread::sleep_for(std::chrono::milliseconds(1200));
  EXPECT_EQ(get(stage, "/health").status, 200) << "it comes back by itself";
  EXPECT_EQ(stage.call("user.getProfile", nullptr, "u").status, 200);
}

TEST(Health, MetricsCountByRouteAndCode) {
  Stage& stage = shared_stage();
  stage.call("task.accept", {{"task_id", "x"}}, "someone");
  net::Connection connection(net::parse_url(stage.environment().target()).value());
  const auto answer = connection.exchange({.method = "GET", .target = "/metrics", .headers = {}, .body = {}},
                                          std::chrono::seconds(5));
  ASSERT_TRUE(answer);
  for (const char* name :
       {"api_requests_total{endpoint=\"task.accept\",status=\"4xx\"}",
        "api_errors_total{code=\"VALIDATION_ERROR\"}", "http_request_duration_seconds_bucket",
        "db_query_duration_seconds_count", "outbox_oldest_age_seconds"}) {
    EXPECT_THAT(answer->body, HasSubstr(name));
  }
}

TEST(TestMode, IsRefusedByAServerOfTheRealClock) {
  Stage stage(false);
  const std::pair<std::string, std::string> now{"x-hustle-now", "1700000000000"};
  const Reply refused = stage.call("user.getProfile", nullptr, "u", {now});
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.hx(), "HX503");
  EXPECT_EQ(stage.call("user.getProfile", nullptr, "u").status, 200);
  for (const char* path : {"/test/outbox/drain", "/test/jobs/task_expiry"}) {
    EXPECT_EQ(stage.send({.method = "POST", .target = path, .headers = {}, .body = "{}"}).status, 404)
        << path;
  }
  EXPECT_EQ(get(stage, "/health").body["test_clock"], false);
}

TEST(TestMode, HeaderSetsTheTimeOfEverything) {
  Stage& stage = shared_stage();
  const Reply profile = stage.call("user.getProfile", nullptr, "past-" + std::to_string(now_ms()),
                                   {{"x-hustle-now", "1700000000123"}});
  EXPECT_EQ(profile.data()["created_at"], "2023-11-14T22:13:20.123Z");
  EXPECT_EQ(stage.call("user.getProfile", nullptr, "u", {{"x-hustle-now", "soon"}}).hx(), "VALIDATION_ERROR");
}

// Requests under way when SIGTERM comes are answered; new connections are not taken; exit code 0.
TEST(Shutdown, DrainsWhatIsUnderWay) {
  Stage stage;
  const auto poster = stage.person("poster");
  const Task task = stage.open(poster);
  const net::Request slow = stage.request_of("escrow.createIntent", {{"task_id", task.id}}, poster);
  stage.control("PUT", "faults",
                {{"operation", "payment_intents.create"}, {"kind", "slow_ms:1500"}, {"times", 1}});
  Reply answered;
  std::thread client([&] { answered = stage.send(slow); });
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  ::kill(stage.environment().server().pid(), SIGTERM);
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  net::Connection late(net::parse_url(stage.environment().target()).value());
  EXPECT_FALSE(late.exchange({.method = "GET", .target = "/health", .headers = {}, .body = {}},
                             std::chrono::seconds(1)));
  client.join();
  EXPECT_EQ(answered.status, 200);
  for (int i = 0; i < 400 && !stage.environment().server().exited(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  ASSERT_TRUE(stage.environment().server().exited());
  EXPECT_TRUE(stage.environment().server().exited()->ok()) << stage.environment().server().exited()->text();
}

TEST(Shutdown, SecondSignalEndsAtOnce) {
  Stage stage;
  const auto poster = stage.person("poster");
  const Task task = stage.open(poster);
  const net::Request slow = stage.request_of("escrow.createIntent", {{"task_id", task.id}}, poster);
  stage.control("PUT", "faults",
                {{"operation", "payment_intents.create"}, {"kind", "slow_ms:8000"}, {"times", 1}});
  std::thread client([&] {
    net::Connection connection(net::parse_url(stage.environment().target()).value());
    EXPECT_FALSE(connection.exchange(slow, std::chrono::seconds(20))) << "cut off";
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  const pid_t pid = stage.environment().server().pid();
  ::kill(pid, SIGTERM);
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  EXPECT_FALSE(stage.environment().server().exited());
  ::kill(pid, SIGTERM);
  client.join();
  for (int i = 0; i < 100 && !stage.environment().server().exited(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  ASSERT_TRUE(stage.environment().server().exited());
  EXPECT_FALSE(stage.environment().server().exited()->ok());
}

}  // namespace
}  // namespace server_tests
