// feed.get at size (eligibility.md §8): pages, cursors, and a query that reads its index instead of the
// table.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <pqxx/pqxx>
#include <set>

#include "tests/server/stage.h"

namespace server_tests {
namespace {

class Feed : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    stage_ = std::make_unique<Stage>();
    std::ifstream file(std::string(HUSTLE_SOURCE_DIR) + "/tests/bench/feed_population.sql");
    const std::string sql{std::istreambuf_iterator<char>(file), {}};
    pqxx::connection connection(stage_->environment().database());
    pqxx::nontransaction(connection).exec(sql);
  }
  static void TearDownTestSuite() { stage_.reset(); }

  static Json page(const Json& input, const std::string& uid = "feed-worker-1") {
    return stage_->call("feed.get", input, uid).data();
  }

  static std::unique_ptr<Stage> stage_;
};
std::unique_ptr<Stage> Feed::stage_;

// Scans of a table, as the statistics of PostgreSQL count them.
std::string scans(const std::string& database, const std::string& kind) {
  pqxx::connection connection(database);
  pqxx::nontransaction work(connection);
  return work.exec1("SELECT " + kind + " FROM pg_stat_user_tables WHERE relname = 'tasks'")[0]
      .as<std::string>();
}

TEST_F(Feed, ExplainsWithoutASequentialScanOfTasks) {
  pqxx::connection connection(stage_->environment().database());
  pqxx::nontransaction work(connection);
  for (const char* call :
       {"'normal', NULL, NULL, NULL", "'urgent', NULL, NULL, NULL", "'nearby', 47.6, -122.33, 2"}) {
    work.exec(
        "LOAD 'auto_explain'; SET auto_explain.log_min_duration = 0; SET auto_explain.log_nested_statements "
        "= on;"
        "SET auto_explain.log_level = notice");
    struct Notes final : pqxx::errorhandler {
      Notes(pqxx::connection& c, std::string& into) : pqxx::errorhandler(c), text(into) {}
      bool operator()(const char note[]) noexcept override {
        text += note;
        return true;
      }
      std::string& text;
    };
    std::string plans;
    const Notes notes(connection, plans);
    work.exec(std::string("SELECT count(*) FROM users u, LATERAL api.feed_page(u.id, true, 'OFF', now(), ") +
              call + ", NULL, NULL, 21) t WHERE u.firebase_uid = 'feed-worker-2'");
    EXPECT_NE(plans.find("on tasks t"), std::string::npos) << call;
    EXPECT_EQ(plans.find("Seq Scan on tasks"), std::string::npos) << call << plans;
  }
}

TEST_F(Feed, IsServedWithoutReadingTheWholeTable) {
  const std::string database = stage_->environment().database();
  const std::string before = scans(database, "seq_scan");
  for (int i = 1; i <= 20; ++i) page({{"limit", 100}}, "feed-worker-" + std::to_string(i));
  EXPECT_EQ(scans(database, "seq_scan"), before);
}

// T-ELG-20: pages follow each other without a gap or a repetition while somebody posts.
TEST_F(Feed, PagesNeitherRepeatNorSkipWhileTasksArrive) {
  std::vector<std::string> seen;
  const Json whole = page({{"limit", 60}});
  Json input{{"limit", 20}};
  for (int i = 0; i < 3; ++i) {
    const Json one = page(input);
    for (const Json& task : one["tasks"]) seen.push_back(task["id"]);
    input["pagination_cursor"] = one["pagination"]["next_cursor"];
    stage_->funded(stage_->person("poster"));
  }
  ASSERT_EQ(seen.size(), whole["tasks"].size());
  for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(Json(seen[i]), whole["tasks"][i]["id"]);
}

// A worker without the trades sees only what asks for none (T-ELG-01); a licensed one sees his trade too.
TEST_F(Feed, ShowsWhatTheProfileAdmits) {
  std::set<std::string> plain, licensed;
  for (const Json& task : page({{"limit", 100}}, "feed-worker-2")["tasks"]) plain.insert(task["category"]);
  for (const Json& task : page({{"limit", 100}}, "feed-worker-1")["tasks"]) licensed.insert(task["category"]);
  EXPECT_FALSE(plain.contains("plumbing"));
  EXPECT_TRUE(licensed.contains("plumbing"));
  EXPECT_FALSE(licensed.contains("electrical"));
}

// §8: a changed or foreign cursor is a validation error, never somebody else's rows.
TEST_F(Feed, RefusesForeignAndChangedCursors) {
  const std::string cursor = page({{"limit", 5}})["pagination"]["next_cursor"];
  const auto field = [&](const std::string& of, const std::string& uid, const Json& more = Json::object()) {
    Json input{{"pagination_cursor", of}};
    input.update(more);
    return stage_->call("feed.get", input, uid).field();
  };
  EXPECT_EQ(field(cursor, "feed-worker-1"), "");
  EXPECT_EQ(field(cursor, "feed-worker-2"), "pagination_cursor");
  EXPECT_EQ(field(cursor, "feed-worker-1", {{"feed_mode", "urgent"}}), "pagination_cursor");
  EXPECT_EQ(field("x" + cursor.substr(1), "feed-worker-1"), "pagination_cursor");
  EXPECT_EQ(field("%%%", "feed-worker-1"), "pagination_cursor");
  EXPECT_EQ(stage_->call("feed.get", {{"feed_mode", "nearby"}}, "feed-worker-1").field(), "location");
}

// ELG-1: nobody without a profile sees or takes anything, and nothing is an error.
TEST_F(Feed, IsEmptyWithoutAProfile) {
  const Json feed = page(Json::object(), "somebody-new");
  EXPECT_TRUE(feed["tasks"].empty());
  EXPECT_FALSE(feed["pagination"]["has_more"]);
}

}  // namespace
}  // namespace server_tests
