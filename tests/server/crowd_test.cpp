// Decision 25: a crowd at one row is served, also when the database's default is stricter than ours.
#include <gtest/gtest.h>

#include "tests/server/stage.h"

namespace server_tests {
namespace {

constexpr std::size_t kCrowd = 100;

struct Crowd {
  std::size_t accepted = 0, refused = 0, failed = 0;
};

// Half of the calls complete the task, half release its escrow, all at the same moment.
Crowd complete_and_release(Stage& stage, const Task& task, const std::string& poster) {
  std::vector<net::Request> requests;
  for (std::size_t i = 0; i < kCrowd; ++i) {
    requests.push_back(i % 2 == 0 ? stage.request_of("task.complete", {{"task_id", task.id}}, poster)
                                  : stage.request_of("escrow.release", {{"escrow_id", task.escrow}}, poster));
  }
  std::vector<net::Connection> connections;
  for (std::size_t i = 0; i < kCrowd; ++i)
    connections.emplace_back(net::parse_url(stage.environment().target()).value());
  std::vector<net::Connection*> lanes;
  for (net::Connection& connection : connections) lanes.push_back(&connection);
  Crowd crowd;
  for (const net::TimedResult& each :
       net::exchange_together(lanes, requests, std::chrono::milliseconds(30'000))) {
    if (!each.result || each.result->status >= 500) {
      ++crowd.failed;
    } else {
      ++(each.result->status == 200 ? crowd.accepted : crowd.refused);
    }
  }
  return crowd;
}

TEST(Crowd, IsServedAtEveryIsolationLevel) {
  for (const char* level : {"read committed", "repeatable read", "serializable"}) {
    Stage stage;
    stage.sql(std::string("ALTER ROLE CURRENT_USER SET default_transaction_isolation = '") + level + "'");
    stage.environment().restart_server();
    const auto poster = stage.person("poster");
    const Task task = stage.reviewed(poster, stage.person("worker"));
    const Crowd crowd = complete_and_release(stage, task, poster);
    EXPECT_EQ(crowd.failed, 0U) << level;
    EXPECT_GE(crowd.accepted, 1U) << level;
    EXPECT_EQ(crowd.accepted + crowd.refused, kCrowd) << level;
    EXPECT_EQ(stage.drain_outbox()["pending"], 0);
    EXPECT_EQ(stage.books(task)["transfers"], 1) << level;
  }
}

// The line that announces the server comes after its first look at the database.
TEST(Ready, IsHealthyFromTheFirstRequestOn) {
  Stage stage;
  for (int i = 0; i < 5; ++i) {
    stage.environment().restart_server();
    const Reply health =
        stage.send({.method = "GET", .target = "/health/readiness", .headers = {}, .body = {}});
    EXPECT_EQ(health.status, 200) << health.body.dump();
    const Reply whole = stage.send({.method = "GET", .target = "/health", .headers = {}, .body = {}});
    EXPECT_TRUE(whole.body["schema_version"].is_string()) << whole.body.dump();
    EXPECT_NE(whole.body["schema_version"], "");
  }
}

}  // namespace
}  // namespace server_tests
