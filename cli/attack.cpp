#include "cli/attack.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "cli/arguments.h"
#include "cli/signals.h"
#include "loadgen/campaign/attack.h"
#include "loadgen/environment/environment.h"

namespace cli {
namespace {

using loadgen::AttackResult;
using loadgen::AttackVerdict;

struct Counts {
  std::map<AttackVerdict, int> by_verdict;
  int of(AttackVerdict verdict) const {
    const auto found = by_verdict.find(verdict);
    return found == by_verdict.end() ? 0 : found->second;
  }
};

void print_json(const std::vector<AttackResult>& results) {
  nlohmann::ordered_json document;
  auto& list = document["results"] = nlohmann::ordered_json::array();
  for (const AttackResult& each : results) {
    list.push_back({{"rule", each.rule},
                    {"attempt", each.attempt},
                    {"verdict", name(each.verdict)},
                    {"sql", each.sql},
                    {"evidence", each.evidence}});
  }
  std::printf("%s\n", document.dump(1, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
}

void print_table(const std::vector<AttackResult>& results) {
  std::map<std::string, Counts> rules;
  for (const AttackResult& each : results) ++rules[each.rule].by_verdict[each.verdict];
  std::printf("%-22s %7s %7s %7s %7s\n", "rule", "held", "broken", "n/a", "unknown");
  for (const auto& [rule, counts] : rules) {
    std::printf("%-22s %7d %7d %7d %7d\n", rule.c_str(), counts.of(AttackVerdict::held),
                counts.of(AttackVerdict::broken), counts.of(AttackVerdict::not_applicable),
                counts.of(AttackVerdict::unknown));
  }
  for (const AttackResult& each : results) {
    if (each.verdict != AttackVerdict::broken) continue;
    std::printf("\nBROKEN %s: %s\n%s\n-- in psql, on an empty copy of the schema:\n%s", each.rule.c_str(),
                each.attempt.c_str(), each.evidence.c_str(), each.sql.c_str());
  }
}

int verdict_line(const std::vector<AttackResult>& results) {
  Counts total;
  for (const AttackResult& each : results) ++total.by_verdict[each.verdict];
  const int broken = total.of(AttackVerdict::broken);
  const int unknown = total.of(AttackVerdict::unknown);
  std::fprintf(stderr, "%zu attempts: %d held, %d broken, %d not applicable, %d unknown\n", results.size(),
               total.of(AttackVerdict::held), broken, total.of(AttackVerdict::not_applicable), unknown);
  return broken > 0 ? 1 : unknown > 0 ? 4 : 0;
}

}  // namespace

int run_attack(const std::vector<std::string>& arguments) {
  std::string database;
  bool json = false;
  bool quiet = false;
  bool serial = false;
  loadgen::AttackOptions options;
  bool read_committed_only = false;
  bool held_only = false;
  bool first_only = false;
  CLI::App app(
      "Tries to break every database rule on a throw-away copy of a schema (the original is only read).",
      "hustle attack");
  app.add_option("--database", database, "URL of the database to copy the schema of; default: a private one");
  app.add_flag("--json", json, "results as JSON on standard output");
  app.add_flag("--quiet", quiet, "no progress");
  app.add_flag("--serial", serial, "one session only");
  app.add_flag("--first", first_only, "stop at the first broken rule");
  app.add_flag("--held-only", held_only,
               "two sessions: only hold one at each statement, instead of every order of their statements");
  app.add_flag("--read-committed", read_committed_only, "two sessions at READ COMMITTED only");
  if (const auto code = parse_arguments(app, arguments)) return *code;

  const StopSignals signals;
  options.concurrent = !serial;
  options.all_levels = !read_committed_only;
  options.all_orders = !held_only;
  bool found = false;
  options.stop = [&] { return signals.stopped() || (first_only && found); };
  options.broken = [&](const AttackResult&) { found = true; };
  const bool terminal = isatty(STDERR_FILENO) != 0;
  options.progress = [&](std::size_t done, std::string_view what) {
    if (quiet || !terminal || done % 20 != 0) return;
    std::fprintf(stderr, "\r\033[K%6zu  %.90s", done, std::string(what).c_str());
  };
  std::optional<loadgen::Postgres> own;
  if (database.empty()) {
    const auto sibling = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "hustle-server";
    own.emplace(loadgen::start_migrated_postgres(sibling.string()));
    database = own->url();
  }
  const std::vector<AttackResult> results = loadgen::attack_database(database, options);
  if (terminal && !quiet) std::fputs("\r\033[K", stderr);
  json ? print_json(results) : print_table(results);
  const int code = verdict_line(results);
  return signals.stopped() && code == 0 ? 4 : code;
}

}  // namespace cli
