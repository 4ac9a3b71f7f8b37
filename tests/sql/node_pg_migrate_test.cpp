// The real node-pg-migrate on our migrations: alone, half each in both orders, and down again (protocols.md
// §9).
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "loadgen/environment/temp_directory.h"
#include "reference_server/migrate.h"
#include "tests/sql/database_fixture.h"

namespace sql_test {
namespace {

namespace fs = std::filesystem;

const std::string client = HUSTLE_SOURCE_DIR "/tests/clients/migrate";

std::string shell(const std::string& command, int& code) {
  const loadgen::TempDirectory scratch("/tmp");
  const std::string log = scratch.path() + "/log";
  code = std::system(fmt::format("({}) >{} 2>&1 </dev/null", command, log).c_str());
  std::ifstream file(log);
  return {std::istreambuf_iterator<char>(file), {}};
}

class NodePgMigrate : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    // Tests are processes of their own and may run at once: one installs. npm writes .package-lock.json last.
    int code = 0;
    const std::string log =
        shell("cd " + client +
                  " && flock package.json sh -c "
                  "'test -f node_modules/.package-lock.json || npm ci --no-audit --no-fund'",
              code);
    ASSERT_EQ(code, 0) << log;
  }

  NodePgMigrate() : url_(empty_database_url()) {}

  std::string tool(const std::string& arguments) {
    int code = 0;
    std::string log =
        shell(fmt::format("cd {} && DATABASE_URL={} node node_modules/node-pg-migrate/bin/node-pg-migrate.js "
                          "{} -m {}",
                          client, url_, arguments, migrations_directory()),
              code);
    EXPECT_EQ(code, 0) << log;
    return log;
  }
  std::string ask(const std::string& sql) {
    pqxx::connection database(url_);
    pqxx::work work(database);
    return work.exec(sql)[0][0].as<std::string>();
  }
  // A fingerprint of everything that migrations make: columns, constraints, indexes, triggers, functions,
  // views.
  std::string schema() {
    return ask(
        "SELECT md5(string_agg(line, E'\\n' ORDER BY line)) FROM ("
        "SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || coalesce(column_default, '') "
        "|| ' ' || "
        "is_nullable AS line FROM information_schema.columns WHERE table_schema = 'public' AND table_name "
        "NOT LIKE "
        "'%migration%' UNION ALL SELECT conrelid::regclass || ' ' || conname || ' ' || "
        "pg_get_constraintdef(oid) FROM "
        "pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text NOT LIKE "
        "'%migration%' "
        "UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename NOT LIKE "
        "'%migration%' "
        "UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal UNION ALL SELECT "
        "pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace UNION ALL SELECT "
        "viewname || "
        "definition FROM pg_views WHERE schemaname = 'public') s");
  }
  // A folder with the first `count` of our migrations, for our runner to stop half way.
  void ours_first(std::size_t count, const std::string& folder) {
    for (const server::MigrationFile& file : server::load_migrations(migrations_directory())) {
      if (count-- == 0) break;
      fs::copy(migrations_directory() + "/" + file.name + ".sql", folder);
    }
  }

  std::string url_;
};

TEST_F(NodePgMigrate, applies_all_and_the_schema_equals_ours) {
  tool("up");
  const std::string theirs = schema();
  EXPECT_TRUE(server::migrate(url_, migrations_directory()).applied.empty());
  url_ = empty_database_url();
  server::migrate(url_, migrations_directory());
  EXPECT_EQ(schema(), theirs);
  EXPECT_NE(tool("up").find("No migrations to run!"), std::string::npos);
}

TEST_F(NodePgMigrate, first_half_theirs_second_half_ours) {
  tool("up 4");
  const std::size_t all = server::load_migrations(migrations_directory()).size();
  EXPECT_EQ(server::migrate(url_, migrations_directory()).applied.size(), all - 4);
  EXPECT_NE(tool("up").find("No migrations to run!"), std::string::npos);
}

TEST_F(NodePgMigrate, first_half_ours_second_half_theirs) {
  const loadgen::TempDirectory folder("/tmp");
  ours_first(4, folder.path());
  EXPECT_EQ(server::migrate(url_, folder.path()).applied.size(), 4U);
  tool("up");
  EXPECT_TRUE(server::migrate(url_, migrations_directory()).applied.empty());
  EXPECT_EQ(ask("SELECT count(*) FROM pgmigrations"),
            std::to_string(server::load_migrations(migrations_directory()).size()));
}

TEST_F(NodePgMigrate, down_takes_everything_away_and_ours_comes_back) {
  server::migrate(url_, migrations_directory());
  tool("down 99");
  EXPECT_EQ(
      ask("SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE '%migration%'"),
      "0");
  EXPECT_EQ(ask("SELECT count(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace"), "0");
  EXPECT_EQ(server::migrate(url_, migrations_directory()).applied.size(),
            server::load_migrations(migrations_directory()).size());
}

// Both tools take the same lock: theirs refuses while ours is at work.
TEST_F(NodePgMigrate, waits_for_nobody_while_ours_holds_the_lock) {
  pqxx::connection holder(url_);
  pqxx::nontransaction work(holder);
  work.exec("SELECT pg_advisory_lock(7241865325823964)");
  int code = 0;
  const std::string log =
      shell(fmt::format(
                "cd {} && DATABASE_URL={} node node_modules/node-pg-migrate/bin/node-pg-migrate.js up -m {}",
                client, url_, migrations_directory()),
            code);
  EXPECT_NE(code, 0);
  EXPECT_NE(log.find("Another migration is already running"), std::string::npos) << log;
}

}  // namespace
}  // namespace sql_test
