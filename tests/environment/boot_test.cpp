// The whole environment: everything starts, says where it is, and leaves nothing behind, however it ends.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <future>
#include <iostream>
#include <nlohmann/json.hpp>
#include <pqxx/pqxx>
#include <set>
#include <thread>

#include "loadgen/environment/environment.h"
#include "loadgen/environment/error.h"
#include "net/client.h"
#include "tests/environment/processes.h"

namespace {

using loadgen::Child;
using loadgen::ChildOptions;
using loadgen::Environment;
using loadgen::EnvironmentOptions;
using nlohmann::json;
using namespace std::chrono_literals;

EnvironmentOptions ours() {
  EnvironmentOptions options;
  options.harness = HUSTLE_BINARY;
  options.server = HUSTLE_SERVER_BINARY;
  return options;
}

int health(const std::string& target) {
  net::Connection connection(*net::parse_url(target));
  net::Request request;
  request.method = "GET";
  request.target = "/health";
  const auto answer = connection.exchange(request, 5s);
  return answer ? answer->status : 0;
}

std::string tables(const std::string& database) {
  pqxx::connection connection(database);
  pqxx::nontransaction work(connection);
  return work.exec1("SELECT count(*) FROM pg_tables WHERE tablename IN ('users', 'tasks', 'escrows')")[0]
      .c_str();
}

// `hustle serve` as users start it.
struct Serve {
  explicit Serve(const std::vector<std::string>& flags = {}) {
    ChildOptions options;
    options.command = {HUSTLE_BINARY, "serve"};
    options.command.insert(options.command.end(), flags.begin(), flags.end());
    options.log_file = scratch.path() + "/log";
    child.emplace(std::move(options));
    const auto line = child->read_line(30s);
    ready = line ? json::parse(*line) : json();
    children = test::children_of(child->pid());
    for (const pid_t pid : children) {
      // The watchdogs' last argument is the directory that they remove.
      const auto arguments = test::arguments_of(pid);
      if (arguments.size() > 3 && arguments[3] == "hustle-watchdog") directories.push_back(arguments.back());
    }
  }
  bool gone() const {
    return std::ranges::none_of(children, test::alive) &&
           std::ranges::none_of(directories,
                                [](const std::string& path) { return std::filesystem::exists(path); });
  }

  loadgen::TempDirectory scratch{"/tmp"};
  std::optional<Child> child;
  json ready;
  std::vector<pid_t> children;
  std::vector<std::string> directories;
};

TEST(Boot, StartsEverythingThatIsNotGiven) {
  boot(ours());  // fills the cache
  const Environment environment = boot(ours());
  std::cout << "warm boot in " << environment.boot_time().count() << " ms\n";
  EXPECT_EQ(health(environment.target()), 200);
  EXPECT_EQ(tables(environment.database()), "3");
  EXPECT_TRUE(environment.owns_server());
  EXPECT_TRUE(environment.facts().test_clock);
  EXPECT_EQ(environment.crashed(), std::nullopt);
}

TEST(Boot, InParallelGivesEachItsOwn) {
  std::vector<std::future<Environment>> starting;
  for (int count = 0; count < 3; ++count)
    starting.push_back(std::async(std::launch::async, [] { return boot(ours()); }));
  std::vector<Environment> environments;
  for (auto& each : starting) environments.push_back(each.get());
  std::set<std::string> urls;
  for (const Environment& environment : environments) {
    EXPECT_EQ(health(environment.target()), 200);
    urls.insert({environment.target(), environment.database(), environment.providers()});
  }
  EXPECT_EQ(urls.size(), 9U);
}

TEST(Boot, KilledServerComesBackOnTheSamePort) {
  Environment environment = boot(ours());
  const std::string target = environment.target();
  environment.kill_server();
  EXPECT_EQ(health(target), 0);
  EXPECT_EQ(environment.crashed(), std::nullopt) << "we asked for it";
  environment.restart_server();
  EXPECT_EQ(environment.target(), target);
  EXPECT_EQ(health(target), 200);
}

TEST(Boot, TellsWhichChildCrashed) {
  Environment environment = boot(ours());
  environment.server().signal(SIGKILL);
  environment.server().wait(5s);
  ASSERT_TRUE(environment.crashed());
  EXPECT_TRUE(environment.crashed()->starts_with("hustle-server: killed by signal 9"))
      << *environment.crashed();
}

TEST(Boot, UsesWhatIsGiven) {
  const Environment own = boot(ours());
  EnvironmentOptions options = ours();
  options.target = own.target();
  options.database = own.database();
  options.providers = own.providers();
  const Environment attached = boot(options);
  EXPECT_EQ(attached.target(), own.target());
  EXPECT_FALSE(attached.owns_server());
  EXPECT_FALSE(attached.owns_database());

  options.target.reset();  // a server of ours on their database
  const Environment second = boot(options);
  EXPECT_TRUE(second.owns_server());
  EXPECT_NE(second.target(), own.target());
  EXPECT_EQ(health(second.target()), 200);
}

TEST(Boot, ServerThatDoesNotStartIsOneLineAndLeavesNothing) {
  EnvironmentOptions options = ours();
  options.server_flags = {"--no-such-flag"};
  try {
    boot(options);
    ADD_FAILURE() << "started";
  } catch (const loadgen::EnvironmentError& error) {
    EXPECT_EQ(error.exit_code, 3);
    EXPECT_TRUE(std::string(error.what()).starts_with("hustle-server did not start: exit code 2"))
        << error.what();
  }
  EXPECT_EQ(test::children_of(getpid()).size(), 0U);
}

TEST(Serve, PrintsOneJsonLineAndEndsCleanly) {
  for (const int number : {SIGTERM, SIGINT}) {
    Serve serve;
    ASSERT_EQ(serve.ready.size(), 3U) << serve.child->log_tail();
    EXPECT_EQ(health(serve.ready["target"]), 200);
    EXPECT_EQ(tables(serve.ready["database"]), "3");
    EXPECT_GE(serve.children.size(), 5U);  // Postgres, fakes, server, two watchdogs
    EXPECT_EQ(serve.directories.size(), 2U);
    EXPECT_EQ(serve.child->terminate(20s, number).text(), "exit code 0");
    EXPECT_TRUE(test::soon([&] { return serve.gone(); }));
  }
}

TEST(Serve, KilledLeavesNoProcessAndNoDirectory) {
  Serve serve;
  ASSERT_EQ(serve.directories.size(), 2U);
  serve.child->kill_hard();
  EXPECT_TRUE(test::soon([&] { return serve.gone(); }));
}

TEST(Serve, SaysWhichChildDiedAndExits) {
  Serve serve;
  for (const pid_t pid : serve.children) {
    if (test::arguments_of(pid).at(0).ends_with("hustle-server")) kill(pid, SIGKILL);
  }
  const auto exit = serve.child->wait(20s);
  ASSERT_TRUE(exit);
  EXPECT_EQ(exit->code, 3);
  EXPECT_EQ(serve.child->log_tail(1), "hustle serve: hustle-server: killed by signal 9");
  EXPECT_TRUE(test::soon([&] { return serve.gone(); }));
}

TEST(Serve, PortInUseIsOneLine) {
  const Serve first;
  const std::string address = first.ready["target"].get<std::string>().substr(7);
  Serve second({"--listen", address});
  const auto exit = second.child->wait(20s);
  ASSERT_TRUE(exit);
  EXPECT_EQ(exit->code, 3);
  EXPECT_EQ(second.child->log_tail(),
            "hustle serve: --listen " + address + ": port in use, or not an address of this machine");
}

TEST(Serve, UnknownFlagIsOneLine) {
  Serve serve({"--bogus"});
  const auto exit = serve.child->wait(20s);
  ASSERT_TRUE(exit);
  EXPECT_EQ(exit->code, 2);
  EXPECT_EQ(
      serve.child->log_tail(),
      "hustle serve: The following argument was not expected: --bogus (hustle serve --help lists the flags)");
}

}  // namespace
