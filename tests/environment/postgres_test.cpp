// A private Postgres: ready at once, gone with us, durable when asked.
#include "loadgen/environment/postgres.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <pqxx/pqxx>
#include <set>
#include <thread>

#include "loadgen/environment/error.h"
#include "tests/environment/processes.h"

namespace {

using loadgen::Postgres;
using loadgen::PostgresOptions;

std::string value(const std::string& url, const std::string& query) {
  pqxx::connection connection(url);
  pqxx::nontransaction work(connection);
  return work.exec1(query)[0].c_str();
}

TEST(Postgres, IsReadyWhenStartedAndGoneWhenDestroyed) {
  const auto begin = std::chrono::steady_clock::now();
  std::string directory;
  pid_t pid = 0;
  {
    const Postgres postgres = Postgres::start();
    const auto milliseconds =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
    std::cout << "started in " << milliseconds.count() << " ms\n";
    directory = postgres.directory();
    EXPECT_EQ(value(postgres.url(), "SELECT current_user || '@' || current_database()"), "hustle@hustle");
    EXPECT_EQ(value(postgres.socket_url(), "SELECT current_setting('server_version_num')::int / 10000"),
              "15");
    EXPECT_EQ(value(postgres.url(), "SHOW fsync"), "off");
    EXPECT_EQ(value(postgres.url(), "SHOW max_connections"), "200");
    pid = static_cast<pid_t>(std::stoi(value(postgres.url(), "SELECT pg_read_file('postmaster.pid')")));
    EXPECT_EQ(kill(pid, 0), 0);
  }
  EXPECT_FALSE(std::filesystem::exists(directory));
  EXPECT_EQ(kill(pid, 0), -1);
}

TEST(Postgres, MayBeStartedFromAThreadThatEnds) {
  std::optional<Postgres> postgres;
  std::thread([&] { postgres.emplace(Postgres::start()); }).join();
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(value(postgres->url(), "SELECT 1"), "1");
}

TEST(Postgres, DurableOneKeepsWhatWasCommittedBeforeACrash) {
  Postgres postgres = Postgres::start({.durable = true});
  EXPECT_EQ(value(postgres.url(), "SHOW fsync"), "on");
  EXPECT_EQ(value(postgres.url(), "SHOW synchronous_commit"), "on");
  EXPECT_EQ(value(postgres.url(), "SHOW full_page_writes"), "on");
  EXPECT_FALSE(postgres.directory().starts_with("/dev/shm"));
  const std::string url = postgres.url();
  {
    pqxx::connection connection(url);
    pqxx::work work(connection);
    work.exec("CREATE TABLE kept AS SELECT 42 AS answer");
    work.commit();
  }
  postgres.crash();
  EXPECT_THROW(value(url, "SELECT 1"), pqxx::broken_connection);
  postgres.start_again();
  EXPECT_EQ(postgres.url(), url);
  EXPECT_EQ(value(url, "SELECT answer FROM kept"), "42");
}

TEST(Postgres, LeavesNothingBehindWhenItsParentIsKilled) {
  const test::Parent parent([](const std::function<void(const std::string&)>& tell) {
    const Postgres postgres = Postgres::start();
    tell(postgres.directory());
    pause();
  });
  const std::string directory = parent.told();
  std::ifstream file(directory + "/data/postmaster.pid");
  pid_t pid = 0;
  ASSERT_TRUE(file >> pid);
  EXPECT_TRUE(test::alive(pid));
  parent.kill_hard();
  EXPECT_TRUE(test::soon([&] { return !test::alive(pid); }));
  EXPECT_TRUE(test::soon([&] { return !std::filesystem::exists(directory); }));
}

TEST(Postgres, ParallelStartersMakeATemplateOnceAndEachGetTheirOwnCopy) {
  PostgresOptions options;
  options.template_key = "test-" + loadgen::fingerprint({std::to_string(getpid())});
  std::atomic<int> prepared = 0;
  options.prepare = [&](const std::string& url) {
    ++prepared;
    pqxx::connection connection(url);
    pqxx::work work(connection);
    work.exec("CREATE TABLE template_was_here (n int)");
    work.commit();
  };
  std::vector<std::optional<Postgres>> clusters(4);
  {
    std::vector<std::jthread> starters;
    for (auto& cluster : clusters) {
      starters.emplace_back([&] { cluster.emplace(Postgres::start(options)); });
    }
  }
  std::filesystem::remove(loadgen::cache_directory() + "/" + options.template_key + ".tar");
  std::filesystem::remove(loadgen::cache_directory() + "/" + options.template_key + ".tar.lock");
  EXPECT_EQ(prepared, 1);
  std::set<std::uint16_t> ports;
  for (const auto& cluster : clusters) {
    ports.insert(cluster->port());
    EXPECT_EQ(value(cluster->url(), "SELECT count(*) FROM template_was_here"), "0");
    value(cluster->url(), "INSERT INTO template_was_here VALUES (1) RETURNING n");
    EXPECT_EQ(value(cluster->url(), "SELECT count(*) FROM template_was_here"), "1");
  }
  EXPECT_EQ(ports.size(), clusters.size());
}

TEST(Postgres, FailingPreparationIsTheCallersErrorAndLeavesNoTemplate) {
  PostgresOptions options;
  options.template_key = "test-failing-" + loadgen::fingerprint({std::to_string(getpid())});
  options.prepare = [](const std::string&) { throw loadgen::EnvironmentError(3, "no migration today"); };
  const std::string path = loadgen::cache_directory() + "/" + options.template_key + ".tar";
  try {
    Postgres::start(options);
    ADD_FAILURE() << "started";
  } catch (const loadgen::EnvironmentError& error) {
    EXPECT_STREQ(error.what(), "no migration today");
  }
  EXPECT_FALSE(std::filesystem::exists(path));
  std::filesystem::remove(path + ".lock");
}

}  // namespace
