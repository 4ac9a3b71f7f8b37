// The live run as Prometheus reads it.
#include "loadgen/load/metrics.h"

#include <gtest/gtest.h>

#include "loadgen/environment/error.h"
#include "net/client.h"

namespace loadgen::load {
namespace {

TEST(Metrics, TellJourneysAndLatencies) {
  LiveCounts counts;
  counts.due = 12, counts.clean = 10, counts.failed = 1, counts.skipped = 1;
  counts.phases.emplace_back(kScopes + 1);
  auto& scope = counts.phases.front()[static_cast<std::size_t>(model::Action::task_create)];
  scope = std::make_unique<LiveScope>();
  scope->ok[coarse_bucket(1000)] = 3;
  scope->failed = 1;
  const std::string text = metrics_text(JourneyProgress{.elapsed_s = 2, .counts = &counts});
  EXPECT_NE(text.find("hustle_load_journeys_total{outcome=\"clean\"} 10\n"), std::string::npos) << text;
  EXPECT_NE(text.find("hustle_load_request_failures_total{procedure=\"task.create\"} 1\n"),
            std::string::npos);
  EXPECT_NE(
      text.find("hustle_load_request_duration_seconds_bucket{procedure=\"task.create\",le=\"+Inf\"} 3\n"),
      std::string::npos);
  EXPECT_NE(text.find("hustle_load_request_duration_seconds_count{procedure=\"task.create\"} 3\n"),
            std::string::npos);
  EXPECT_NE(text.find("# TYPE hustle_load_request_duration_seconds histogram\n"), std::string::npos);
}

TEST(Metrics, AreServedOnThePort) {
  MetricsPage page(0);
  page.show("hustle_load_elapsed_seconds 1\n");
  net::Connection connection({"127.0.0.1", page.port(), ""});
  const auto answer = connection.exchange({.method = "GET", .target = "/metrics", .headers = {}, .body = {}},
                                          std::chrono::seconds(5));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "hustle_load_elapsed_seconds 1\n");
  ASSERT_NE(answer->headers.find("content-type"), nullptr);
  EXPECT_TRUE(answer->headers.find("content-type")->starts_with("text/plain; version=0.0.4"));
  EXPECT_THROW(MetricsPage second(page.port()), EnvironmentError);
}

}  // namespace
}  // namespace loadgen::load
