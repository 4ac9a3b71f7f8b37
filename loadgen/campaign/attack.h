// Layer 0 on its own: tries to break every database rule of invariants.md on a throw-away copy of a schema.
// The original is only read (pg_dump --schema-only); the copy is dropped afterwards.
#pragma once

#include <cstddef>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace loadgen {

enum class AttackVerdict { held, broken, not_applicable, unknown };
std::string_view name(AttackVerdict verdict);

struct AttackResult {
  std::string rule;     // "INV-2"
  std::string attempt;  // what was tried
  AttackVerdict verdict = AttackVerdict::unknown;
  std::string sql;       // reproduces it in psql on an empty copy of the schema
  std::string evidence;  // SQLSTATE of the refusal, or the committed rows that break the rule
};

struct AttackOptions {
  bool concurrent = true;        // also pairs of legal writes in two sessions...
  bool all_levels = true;        // ...at REPEATABLE READ and SERIALIZABLE too, not only at READ COMMITTED
  bool repeatable_read = false;  // without all_levels: at REPEATABLE READ too
  // Two sessions in every order of their statements, not only one held at each of its statements while the
  // other runs as far as it gets.
  bool all_orders = true;
  std::function<void(std::size_t done, std::string_view what)> progress;
  std::function<bool()> stop;                         // asked between attempts
  std::set<std::string, std::less<>> only{};          // names of attempts; empty: all of them
  std::function<void(const AttackResult&)> broken{};  // each broken one, as soon as it is certain
};

// Throws std::runtime_error with one line when the copy cannot be made.
std::vector<AttackResult> attack_database(const std::string& database_url, const AttackOptions& options);

}  // namespace loadgen
