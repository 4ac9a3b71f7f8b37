// FEED-LAW for what no profile decides: a worker's cap (ELG-13), the guards between two people, the city of
// the beta (ELG-15). What acceptance would refuse is neither shown nor called eligible.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/server/stage.h"

namespace server_tests {
namespace {

class FeedLaw : public testing::Test {
 protected:
  ~FeedLaw() override { flags("false"); }
  void flags(const std::string& on) {
    stage_.sql("UPDATE feature_flags SET enabled_global = " + on +
               " WHERE key IN ('abuse_guards', 'beta_mode', 'beta_seattle_only')");
  }
  void flag(const std::string& key) {
    stage_.sql("UPDATE feature_flags SET enabled_global = true WHERE key = '" + key + "'");
  }
  // What feed, check and acceptance say, in this order; the check by the names of its tests that failed.
  std::string said(const std::string& uid, const Task& task) {
    const Json shown = stage_.call("feed.get", {{"limit", 100}}, uid).data()["tasks"];
    const bool seen = std::ranges::any_of(shown, [&](const Json& each) { return each["id"] == task.id; });
    const Json check = stage_.call("eligibility.check", {{"task_id", task.id}}, uid).data();
    std::string failed;
    for (const Json& each : check["checks"])
      if (!each["passed"]) failed += " " + each["name"].get<std::string>();
    EXPECT_EQ(check["eligible"], failed.empty());
    const Reply taken = stage_.call("task.accept", {{"task_id", task.id}}, uid);
    return (seen ? "shown" : "hidden") + failed + " " + (taken.status == 200 ? "taken" : taken.hx());
  }

  Stage& stage_ = shared_stage();
};

// ELG-13: a fourth task at a time is nobody's, and the next one is as soon as there are but two.
TEST_F(FeedLaw, ThreeTasksAtATime) {
  const std::string uid = stage_.person("worker");
  std::vector<Task> tasks;
  std::vector<std::string> posters;
  for (int i = 0; i < 4; ++i) {
    posters.push_back(stage_.person("poster"));
    tasks.push_back(stage_.funded(posters.back()));
  }
  flag("abuse_guards");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(said(uid, tasks[i]), "shown taken");
  EXPECT_EQ(said(uid, tasks[3]), "hidden abuse_guards CONFLICT");
  EXPECT_EQ(stage_.call("task.cancel", {{"task_id", tasks[0].id}}, posters[0]).status, 200);
  EXPECT_EQ(said(uid, tasks[3]), "shown taken");
}

// §3.6: one payout account is one person, who is shown what others post.
TEST_F(FeedLaw, NobodyIsShownHisOtherAccountsTasks) {
  const std::string uid = stage_.person("worker");
  const std::string poster = stage_.person("worker");
  const Task own = stage_.funded(poster);
  const Task other = stage_.funded(stage_.person("poster"));
  stage_.sql(
      "UPDATE users SET stripe_connect_id = (SELECT stripe_connect_id FROM users WHERE firebase_uid = '" +
      uid + "') WHERE firebase_uid = '" + poster + "'");
  flag("abuse_guards");
  EXPECT_EQ(said(uid, own), "hidden abuse_guards HX914");
  EXPECT_EQ(said(uid, other), "shown taken");
}

// ELG-15: in the beta a task lies in the city; one without a place does not.
TEST_F(FeedLaw, TasksOfTheBetaLieInTheCity) {
  const std::string uid = stage_.person("worker");
  const std::string poster = stage_.person("poster");
  const Json outside{{"location_lat", 47.25}, {"location_lng", -122.44}};
  const Task away = stage_.funded(poster, 5000, outside);
  const Task here = stage_.funded(poster);
  flag("beta_mode");
  const Task anywhere = stage_.funded(poster, 5000, outside);
  flag("beta_seattle_only");
  EXPECT_EQ(said(uid, away), "hidden city HX609");
  EXPECT_EQ(said(uid, anywhere), "hidden city HX609");
  EXPECT_EQ(said(uid, here), "shown taken");
  Json input{{"title", "Couch"},
             {"description", "Two flights"},
             {"location", "Pike Street 1"},
             {"category", "moving"},
             {"price", 5000},
             {"deadline", iso_in(std::chrono::hours(24))}};
  EXPECT_EQ(stage_.call("task.create", input, poster).hx(), "HX503");
  input.update(outside);
  EXPECT_EQ(stage_.call("task.create", input, poster).hx(), "HX503");
  input.update({{"location_lat", 47.6}, {"location_lng", -122.33}});
  EXPECT_EQ(stage_.call("task.create", input, poster).status, 200);
}

}  // namespace
}  // namespace server_tests
