#include "loadgen/campaign/migration_check.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "loadgen/campaign/fresh_database.h"
#include "loadgen/database.h"
#include "loadgen/environment/children.h"
#include "loadgen/environment/error.h"
#include "loadgen/environment/temp_directory.h"

namespace loadgen {
namespace {

namespace fs = std::filesystem;
constexpr std::array<std::string_view, 5> kCounters{"migration fresh", "migration twice",
                                                    "migration parallel", "migration checksum",
                                                    "migration destructive"};

class Migrator {
 public:
  explicit Migrator(std::string server) : server_(std::move(server)), files_("/tmp") {}
  Child start(const std::string& url, const std::string& folder = {}) {
    ChildOptions options;
    options.command = {server_, "migrate", "--database", url};
    if (!folder.empty()) options.command.insert(options.command.end(), {"--migrations", folder});
    options.log_file = files_.path() + "/log";
    return Child(std::move(options));
  }
  Exit run(const std::string& url, const std::string& folder = {}) {
    Child child = start(url, folder);
    return child.wait(std::chrono::seconds(60)).value_or(Exit{.code = -1, .signal = 0});
  }
  const std::string& directory() const { return files_.path(); }

 private:
  std::string server_;
  TempDirectory files_;
};

// Everything that guards data, one line each.
constexpr std::string_view kSchema =
    "SELECT 'trigger ' || c.relname || '.' || t.tgname || ' ' || t.tgenabled::text || ' ' || "
    "pg_get_triggerdef(t.oid) AS line"
    " FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE NOT t.tgisinternal AND n.nspname = 'public'"
    " UNION ALL SELECT 'constraint ' || c.relname || '.' || k.conname || ' ' || pg_get_constraintdef(k.oid)"
    " FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = "
    "c.relnamespace"
    " WHERE n.nspname = 'public'"
    " UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public'"
    " UNION ALL SELECT 'function ' || p.proname || ' ' || md5(p.prosrc) FROM pg_proc p JOIN pg_namespace n"
    " ON n.oid = p.pronamespace WHERE n.nspname IN ('public', 'api')"
    " UNION ALL SELECT 'column ' || table_name || '.' || column_name || ' ' || data_type || ' ' || "
    "is_nullable ||"
    " coalesce(' ' || column_default, '') FROM information_schema.columns WHERE table_schema = 'public'"
    " ORDER BY line";

std::vector<std::string> schema_of(const std::string& url) {
  Database database(url);
  std::vector<std::string> lines;
  for (const Row& row : database.query(std::string(kSchema))) lines.push_back(row[0].value_or(""));
  return lines;
}

void report(CaseJudge& judge, std::string rule, std::string headline, std::string expected,
            std::string observed) {
  model::Finding finding;
  finding.rule = std::move(rule);
  finding.spec = "operations.md §6";
  finding.judge = "migrations";
  finding.headline = std::move(headline);
  finding.expected = std::move(expected);
  finding.observed = std::move(observed);
  judge.add(std::move(finding));
}

void compare_served(CaseJudge& judge, const std::vector<std::string>& migrated,
                    const std::vector<std::string>& served) {
  std::vector<std::string> missing, extra;
  std::ranges::set_difference(migrated, served, std::back_inserter(missing));
  std::ranges::set_difference(served, migrated, std::back_inserter(extra));
  if (missing.empty()) return;  // what was added is no less safe than what was migrated
  report(judge, "OPS-10", fmt::format("the served schema is not the migrated one: {}", missing.front()),
         fmt::format("{}", fmt::join(missing, "\n")),
         fmt::format("{}", extra.empty() ? "missing" : fmt::format("{}", fmt::join(extra, "\n"))));
}

fs::path copy_migrations(const std::string& from, const std::string& into) {
  fs::create_directory(into);
  fs::path last;
  for (const auto& entry : fs::directory_iterator(from)) {
    if (entry.path().extension() != ".sql") continue;
    fs::copy_file(entry.path(), fs::path(into) / entry.path().filename());
    if (entry.path().filename() > last.filename()) last = fs::path(into) / entry.path().filename();
  }
  return last;
}

void append(const fs::path& path, std::string_view text) {
  std::ofstream(path, std::ios::app) << text;
}

void check_files(const StaticContext& context, Migrator& migrator, const std::string& url) {
  const std::string folder = std::string(HUSTLE_SOURCE_DIR) + "/reference_server/migrations";
  const std::string changed = migrator.directory() + "/changed";
  append(copy_migrations(folder, changed), "\n-- changed after it was applied\n");
  if (migrator.run(url, changed).ok()) {
    report(context.judge, "OPS-5",
           "a migration whose text changed after it was applied did not stop the runner", "exit code 2",
           "exit code 0");
  }
  context.judge.count("migration checksum");
  const std::string destructive = migrator.directory() + "/destructive";
  copy_migrations(folder, destructive);
  append(fs::path(destructive) / "9999999999999_drop.sql", "-- Up Migration\nDROP TABLE badges;\n");
  if (migrator.run(url, destructive).ok()) {
    report(context.judge, "OPS-8", "a destructive migration ran without the allow flag", "exit code 2",
           "exit code 0");
  }
  context.judge.count("migration destructive");
}

void check_all(const StaticContext& context, const std::string& server) {
  Migrator migrator(server);
  const std::string& url = context.environment.database();
  const FreshDatabase fresh(url, "migrated");
  if (const Exit exit = migrator.run(fresh.url()); !exit.ok()) {
    report(context.judge, "OPS-5", "a fresh database could not be migrated", "exit code 0", exit.text());
    return;
  }
  context.judge.count("migration fresh");
  const std::vector<std::string> once = schema_of(fresh.url());
  compare_served(context.judge, once, schema_of(url));
  if (const Exit exit = migrator.run(fresh.url()); !exit.ok() || schema_of(fresh.url()) != once) {
    report(context.judge, "OPS-7", "migrating a second time was not a no-op",
           "exit code 0 and the same schema", exit.text());
  }
  context.judge.count("migration twice");
  const FreshDatabase parallel(url, "parallel");
  Child one = migrator.start(parallel.url());
  Child two = migrator.start(parallel.url());
  const auto first = one.wait(std::chrono::seconds(60));
  const auto second = two.wait(std::chrono::seconds(60));
  if (!first || !second || !first->ok() || !second->ok() || schema_of(parallel.url()) != once) {
    report(context.judge, "OPS-6", "two migration runners at once did not end with one whole schema",
           "exit code 0, 0",
           fmt::format("{}, {}", first ? first->text() : "running", second ? second->text() : "running"));
  }
  context.judge.count("migration parallel");
  check_files(context, migrator, fresh.url());
}

}  // namespace

void check_migrations(const StaticContext& context, Impossible& impossible) {
  std::string reason;
  if (!context.environment.owns_server()) {
    reason = "the migrations of this backend are not known";
  } else {
    try {
      check_all(context, context.environment.options().server);
      return;
    } catch (const std::exception& trouble) {
      reason = std::string(trouble.what()).substr(0, std::string(trouble.what()).find('\n'));
    }
  }
  for (const std::string_view counter : kCounters) impossible[std::string(counter)] = reason;
}

}  // namespace loadgen
