// Our migration runner on real databases: fresh, again, parallel, changed files, failing files.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <future>
#include <vector>

#include "loadgen/environment/temp_directory.h"
#include "reference_server/migrate.h"
#include "tests/sql/database_fixture.h"

namespace sql_test {
namespace {

namespace fs = std::filesystem;

std::string query(const std::string& url, const std::string& sql) {
  pqxx::connection database(url);
  pqxx::work work(database);
  const pqxx::result rows = work.exec(sql);
  return rows.empty() || rows[0][0].is_null() ? "" : rows[0][0].as<std::string>();
}

class Migrations : public testing::Test {
 protected:
  Migrations() : folder_("/tmp"), url_(empty_database_url()) {}

  void write(const std::string& name, const std::string& text) const { std::ofstream(path(name)) << text; }
  std::string path(const std::string& name) const { return folder_.path() + "/" + name; }
  server::MigrationResult migrate() const { return server::migrate(url_, folder_.path()); }
  // The one line with which migrate() stops; "" when it does not.
  std::string refusal(int exit_code = 2) const {
    try {
      migrate();
    } catch (const server::MigrationError& error) {
      EXPECT_EQ(error.exit_code, exit_code);
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << "one line";
      return error.what();
    }
    return "";
  }
  void two_files() const {
    write("1700000000000_one.sql",
          "-- Up Migration\ncreate table one(id int);\n\n-- Down Migration\ndrop table one;\n");
    write("1700000000001_two.sql",
          "-- Up Migration\ncreate table two(id int);\n\n-- Down Migration\ndrop table two;\n");
  }

  loadgen::TempDirectory folder_;
  std::string url_;
};

TEST_F(Migrations, fresh_then_again) {
  const std::vector<std::string> before = server::pending(url_, migrations_directory());
  EXPECT_EQ(query(url_, "SELECT to_regclass('pgmigrations')"), "") << "pending() changes nothing";
  const server::MigrationResult first = server::migrate(url_, migrations_directory());
  EXPECT_EQ(first.applied, before);
  EXPECT_EQ(first.applied.size(),
            static_cast<std::size_t>(
                std::distance(fs::directory_iterator(migrations_directory()), fs::directory_iterator())));
  EXPECT_EQ(first.schema_version, first.applied.back());
  const server::MigrationResult again = server::migrate(url_, migrations_directory());
  EXPECT_TRUE(again.applied.empty());
  EXPECT_EQ(again.schema_version, first.schema_version);
  EXPECT_TRUE(server::pending(url_, migrations_directory()).empty());
}

TEST_F(Migrations, what_the_seeds_demand) {
  server::migrate(url_, migrations_directory());
  EXPECT_EQ(query(url_, "SELECT string_agg(version, ' ' ORDER BY version) FROM schema_versions"),
            "1.0.0 1.1.0 1.2.0 1.3.0");
  EXPECT_GE(std::stoi(query(url_, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")), 18);
  EXPECT_GE(std::stoi(query(url_, "SELECT count(DISTINCT tgname) FROM pg_trigger WHERE NOT tgisinternal")),
            10);
  EXPECT_EQ(
      query(url_,
            "SELECT string_agg(provolatile::text, '') FROM pg_proc WHERE proname IN ('calculate_level', "
            "'calculate_xp_decay', 'calculate_streak_multiplier')"),
      "iii");
  for (const char* index :
       {"idx_users_email", "idx_tasks_state", "idx_escrows_task", "idx_proofs_review_deadline",
        "xp_ledger_escrow_unique", "badges_user_type_unique", "transfer_retry_queue_escrow_unique",
        "task_ratings_task_id_rater_id_ratee_id_key"}) {
    EXPECT_EQ(query(url_, fmt::format("SELECT count(*) FROM pg_indexes WHERE indexname = '{}'", index)), "1")
        << index;
  }
}

TEST_F(Migrations, parallel_starters_apply_once) {
  std::vector<std::future<server::MigrationResult>> starters;
  for (int i = 0; i < 6; ++i) {
    starters.push_back(
        std::async(std::launch::async, [&] { return server::migrate(url_, migrations_directory()); }));
  }
  std::size_t applied = 0;
  int winners = 0;
  for (auto& starter : starters) {
    const server::MigrationResult result = starter.get();
    applied += result.applied.size();
    winners += result.applied.empty() ? 0 : 1;
    EXPECT_FALSE(result.schema_version.empty());
  }
  EXPECT_EQ(winners, 1);
  EXPECT_EQ(std::to_string(applied), query(url_, "SELECT count(*) FROM pgmigrations"));
}

TEST_F(Migrations, a_changed_file_stops) {
  two_files();
  migrate();
  write("1700000000000_one.sql", "-- Up Migration\ncreate table one(id bigint);\n");
  EXPECT_EQ(refusal(),
            "migration 1700000000000_one was changed after it was applied: restore the file and put the "
            "change into a "
            "new migration");
}

TEST_F(Migrations, order_is_kept) {
  two_files();
  migrate();
  write("1600000000000_early.sql", "-- Up Migration\ncreate table early(id int);\n");
  EXPECT_EQ(refusal(),
            "migration 1600000000000_early is not applied but sorts before 1700000000000_one, which is");
  fs::remove(path("1600000000000_early.sql"));
  fs::remove(path("1700000000001_two.sql"));
  EXPECT_EQ(refusal(), "applied migration 1700000000001_two has no file");
}

TEST_F(Migrations, a_failing_file_leaves_whole_files_only) {
  two_files();
  write("1700000000002_three.sql", "-- Up Migration\ncreate table three(id int);\nselect nothing;\n");
  EXPECT_NE(refusal(3).find("migration 1700000000002_three failed: ERROR:"), std::string::npos);
  EXPECT_EQ(query(url_, "SELECT count(*) FROM pgmigrations"), "2");
  EXPECT_EQ(query(url_, "SELECT to_regclass('three')"), "");
  write("1700000000002_three.sql", "-- Up Migration\ncreate table three(id int);\n");
  EXPECT_EQ(migrate().applied, std::vector<std::string>{"1700000000002_three"});
}

TEST_F(Migrations, folder_with_something_else) {
  two_files();
  write(".keep", "");
  EXPECT_EQ(refusal(), "");
  for (const char* name : {"README.md", "17_short.sql", "1700000000002-dash.sql", "1700000000002_Upper.sql",
                           "17000000000020_fourteen.sql"}) {
    write(name, "-- Up Migration\nselect 1;\n");
    EXPECT_NE(refusal().find("expected only files named <13 digits>_<lower_case>.sql"), std::string::npos)
        << name;
    fs::remove(path(name));
  }
  write("1700000000001_other.sql", "-- Up Migration\nselect 1;\n");
  EXPECT_NE(refusal().find("have the same number"), std::string::npos);
}

TEST_F(Migrations, no_database_and_no_folder) {
  const auto message = [](const std::string& url, const std::string& folder, int exit_code) -> std::string {
    try {
      server::migrate(url, folder);
    } catch (const server::MigrationError& error) {
      EXPECT_EQ(error.exit_code, exit_code);
      return error.what();
    }
    return "";
  };
  EXPECT_NE(message("postgresql://hustle@127.0.0.1:1/hustle", migrations_directory(), 3).find("database: "),
            std::string::npos);
  EXPECT_NE(message(url_, folder_.path() + "/absent", 2).find("expected a folder of migrations"),
            std::string::npos);
}

}  // namespace
}  // namespace sql_test
