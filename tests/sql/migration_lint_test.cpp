// What the linter refuses before any database is touched (protocols.md §9).
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "reference_server/migration_files.h"
#include "reference_server/sql_statements.h"
#include "tests/sql/database_fixture.h"

namespace sql_test {
namespace {

using server::lint_migration;

std::string first(const std::string& text) {
  const std::vector<std::string> findings = lint_migration(text);
  return findings.empty() ? "" : findings.front();
}

TEST(MigrationLint, good_files_pass) {
  EXPECT_EQ(first("-- Up Migration\ncreate table a(id int);\n\n-- Down Migration\ndrop table a;\n"), "");
  EXPECT_EQ(first("\n-- Up Migration\ncreate table a(id int);\n"), "");
  EXPECT_EQ(
      first(
          "-- Up Migration\ncreate function f() returns trigger language plpgsql as $$\nbegin\n  delete from "
          "a; return new;\nend $$;\ncreate trigger t before truncate on a execute function f();\n"),
      "")
      << "bodies and BEFORE TRUNCATE are no destructive statements";
  EXPECT_EQ(first("-- Up Migration\nselect 'commit; drop table x', E'it\\'s; commit';\n"), "");
}

TEST(MigrationLint, marker_trap) {
  const char* trap = "a comment that begins like a marker";
  for (const char* comment :
       {"-- down migrations are not supported here", "--down migration", "  -- Down Migration",
        "-- DOWN MIGRATION", "-- -- up migration of b", "-- up   migration", "--\n-- down migration here"}) {
    const std::string text =
        std::string("-- Up Migration\ncreate table a(id int);\n") + comment + "\nselect 1;\n";
    EXPECT_NE(first(text).find(trap), std::string::npos) << comment;
  }
  EXPECT_EQ(first("-- Up Migration\n-- the down migration drops it\n-- upward migration\nselect 1;\n"), "");
  EXPECT_NE(
      first(
          "-- Up Migration\ncreate function f() returns int language sql as $$\n-- down migration\nselect 1 "
          "$$;\n")
          .find(trap),
      std::string::npos)
      << "inside a body too: the tool does not know bodies";
}

TEST(MigrationLint, markers) {
  EXPECT_NE(first("create table a(id int);\n").find("expected one \"-- Up Migration\" line, found 0"),
            std::string::npos);
  EXPECT_NE(first("-- Up Migration\nselect 1;\n-- Up Migration\nselect 2;\n").find("found 2"),
            std::string::npos);
  EXPECT_NE(
      first("-- Down Migration\nselect 1;\n-- Up Migration\nselect 2;\n").find("comes after the Up part"),
      std::string::npos);
  EXPECT_NE(first("select 1;\n-- Up Migration\nselect 2;\n").find("before the first statement"),
            std::string::npos);
  EXPECT_NE(first("-- Up Migration\n-- Down Migration\n-- Down Migration\n").find("at most one"),
            std::string::npos);
}

TEST(MigrationLint, transactions) {
  for (const char* statement : {"BEGIN", "begin transaction", "COMMIT", "commit", "ROLLBACK",
                                "START TRANSACTION", "END", "/* x */ Commit", "SAVEPOINT a"}) {
    EXPECT_NE(first(std::string("-- Up Migration\nselect 1;\n") + statement + ";\n")
                  .find("the runner brings the transaction"),
              std::string::npos)
        << statement;
  }
  EXPECT_EQ(first("-- Up Migration\nselect 1;\ncommit;\n"),
            "line 3: COMMIT: the runner brings the transaction");
  EXPECT_NE(first("-- Up Migration\nselect 1;\n-- Down Migration\ncommit;\n"), "") << "in the Down part too";
  EXPECT_NE(first("-- Up Migration\ncreate index concurrently i on a (b);\n").find("inside a transaction"),
            std::string::npos);
  EXPECT_NE(first("-- Up Migration\nvacuum;\n"), "");
  EXPECT_NE(first("-- Up Migration\n\\i other.sql\n").find("psql commands"), std::string::npos);
}

TEST(MigrationLint, destruction_is_flagged) {
  for (const char* statement :
       {"drop table a", "DROP TRIGGER t ON a", "truncate a", "delete from a", "alter table a drop column b",
        "alter table a\n  drop constraint c", "alter table a disable trigger all"}) {
    const std::string text = std::string("-- Up Migration\n") + statement + ";\n";
    EXPECT_NE(first(text).find("destroys data or a guard"), std::string::npos) << statement;
    EXPECT_EQ(first(text + "-- hustle: destructive\n"), "") << statement;
    EXPECT_EQ(first(std::string("-- Up Migration\nselect 1;\n-- Down Migration\n") + statement + ";\n"), "")
        << statement;
  }
}

TEST(MigrationLint, our_own_migrations) {
  const std::vector<server::MigrationFile> files = server::load_migrations(migrations_directory());
  ASSERT_GE(files.size(), 9U);
  for (const server::MigrationFile& file : files) {
    EXPECT_EQ(file.checksum.size(), 64U);
    EXPECT_EQ(file.up.find("Down Migration"), std::string::npos) << file.name;
  }
}

TEST(SqlStatements, cuts_at_semicolons_outside_quotes) {
  const std::vector<server::SqlStatement> statements = server::split_sql(
      "select ';' as \"a;b\"; -- x;y\n/* z; /* nested; */ */ do $b$ begin; $$ end; $b$;\nselect $1");
  ASSERT_EQ(statements.size(), 3U);
  EXPECT_EQ(statements[0].text, "SELECT '' AS ''");
  EXPECT_EQ(statements[1].text, "DO ''");
  EXPECT_EQ(statements[1].line, 2);
  EXPECT_EQ(statements[2].text, "SELECT $1");
  EXPECT_EQ(statements[2].line, 3);
}

}  // namespace
}  // namespace sql_test
