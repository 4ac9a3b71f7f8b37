#include "loadgen/attack/key_facts.h"

#include <algorithm>

#include <fmt/format.h>

#include "loadgen/attack/story.h"

namespace loadgen::attack {
namespace {

class KeyFacts {
 public:
  KeyFacts(const FactRows& rows, const std::string& prelude, std::vector<Attempt>& attempts)
      : rows_(rows), prelude_(prelude), attempts_(attempts) {}

  void all() {
    FactKey primary;
    for (const FactColumn& column : rows_.facts().columns) {
      if (column.primary) primary.columns.push_back(column.name);
      if (column.unique) twice({{column.name}, ""});
    }
    twice(primary);
    for (const FactKey& key : rows_.facts().keys) {
      twice(key);
      apart(key);
    }
    if (rows_.facts().fixed) fixed();
    removals();
  }

 private:
  const std::string& table() const { return rows_.facts().table; }

  void add(std::string_view rule, std::string name, const std::string& sql, std::string shows,
           Wanted wanted = Wanted::harmless) {
    attempts_.push_back(attempt_on(rows_, rule, std::move(name), prelude_ + sql, std::move(shows), wanted));
  }

  const FactColumn* column(const std::string& name) const {
    const auto found = std::ranges::find(rows_.facts().columns, name, &FactColumn::name);
    return found == rows_.facts().columns.end() || !rows_.has(*found) ? nullptr : &*found;
  }

  static std::string listed(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
  }

  void twice(const FactKey& key) {
    Values shared;
    std::string same;
    for (const std::string& name : key.columns) {
      const FactColumn* each = column(name);
      if (each == nullptr) return;
      shared.emplace_back(name, rows_.value(*each, 1));
      same += fmt::format("{}{} = {}", same.empty() ? "" : " AND ", identifier(name), shared.back().second);
    }
    if (shared.empty()) return;
    if (!key.where.empty()) same += " AND (" + key.where + ")";
    Values second = shared;
    for (const FactKey& other : rows_.facts().keys) second = changed(second, apart_from(other, shared));
    const std::string shows =
        fmt::format("SELECT count(*) FROM {} WHERE {} HAVING count(*) > 1", table(), same);
    const std::string name = fmt::format("two rows of {} with one {}", table(), listed(key.columns));
    add("unique rows", name, rows_.insert(1, shared) + "; " + rows_.insert(2, second), shows);
    const Values words = other_words(key);
    if (!words.empty())
      add("unique rows", name + " and other words",
          rows_.insert(1, shared) + "; " + rows_.insert(2, changed(second, words)), shows);
  }

  // Free words that are no part of the key: a key that is wider than it should be lets such rows pass.
  Values other_words(const FactKey& key) const {
    Values words;
    for (const FactColumn& each : rows_.facts().columns) {
      const bool part = std::ranges::find(key.columns, each.name) != key.columns.end();
      const bool free = each.type == "t" && each.exactly == 0 && each.pattern.empty() && each.words.empty() &&
                        each.references.empty() && each.example.empty();
      if (!part && free && rows_.has(each)) words.emplace_back(each.name, "'other'");
    }
    return words;
  }

  // One column of another key changed, so that only the key that is tried stands in the way.
  Values apart_from(const FactKey& key, const Values& shared) const {
    for (const bool reference : {false, true}) {
      for (const std::string& name : key.columns) {
        const FactColumn* each = column(name);
        const bool taken = std::ranges::find(shared, name, &Values::value_type::first) != shared.end();
        if (each == nullptr || taken || each->references.empty() == reference) continue;
        const std::string value = another(*each);
        if (!value.empty()) return {{name, value}};
      }
    }
    return {};
  }

  // Rows that differ in one column of the key are both legal: a narrower key refuses them.
  void apart(const FactKey& key) {
    if (rows_.facts().derived || rows_.has_unknown_requirements() || !key.where.empty()) return;
    for (const std::string& name : key.columns) {
      Values first;
      Values second;
      std::string other;
      for (const std::string& each : key.columns) {
        const FactColumn* part = column(each);
        if (part == nullptr) return;
        const std::string value = rows_.value(*part, 1);
        if (each == name) other = different(*part);
        first.emplace_back(each, value);
        second.emplace_back(each, each == name ? other : value);
      }
      if (other.empty()) continue;
      add("legal rows", fmt::format("two rows of {} that differ in {}", table(), name),
          rows_.insert(1, first) + "; " + rows_.insert(2, second), "SELECT 1 WHERE false", Wanted::accepted);
    }
  }

  // Another legal value, where the specification leaves the choice; empty where other rules bind it.
  std::string different(const FactColumn& column) const {
    if (column.cyclic || (!column.references.empty() && !column.example.empty())) return "";
    if (column.words.size() > 1) return sql_quoted(column.words[1]);
    if (column.references == "users") return sql_quoted(ids::kPoster);
    if (!column.references.empty() || !column.example.empty()) return "";
    if (column.type == "t") return "'other'";
    if (column.type == "uuid") return sql_quoted(rows_.id(2));
    return column.type == "at" ? "'2032-02-03 04:05:06+00'" : "";
  }

  std::string another(const FactColumn& column) const {
    if (column.references == "users") return sql_quoted(ids::kStranger);
    if (column.references == "tasks") return sql_quoted(ids::kOtherTask);
    if (column.references == "escrows") return sql_quoted(ids::kOtherEscrow);
    if (column.references == "proofs") return sql_quoted(ids::kOtherProof);
    if (!column.references.empty()) return "";
    if (column.words.size() > 1) return sql_quoted(column.words.back());
    if (column.exactly == 2) return "'OR'";
    if (column.type == "t") return column.pattern.empty() ? "'changed'" : "repeat('b', 64)";
    if (column.type == "uuid") return sql_quoted(rows_.id(3));
    if (column.type == "bool") return "true";
    if (column.type == "at") return "'2032-02-03 04:05:06+00'";
    if (column.type == "json") return "'{\"changed\": true}'";
    if (column.type == "t[]") return "'{changed}'";
    if (column.type == "int" || column.type == "big" || column.type == "n")
      return column.high.empty() ? "77" : column.high;
    return "";
  }

  void fixed() {
    for (const FactColumn& each : rows_.facts().columns) {
      const auto& only = rows_.facts().fixed_columns;
      if (!only.empty() && std::ranges::find(only, each.name) == only.end()) continue;
      if (!rows_.has(each)) continue;
      taken_away(each);
      replaced(each, {}, "");
      const Values given = rows_.needed(1);
      const bool left_out = std::ranges::find(given, each.name, &Values::value_type::first) == given.end();
      if (left_out) replaced(each, {{each.name, rows_.value(each, 1)}}, " from a value");
    }
  }

  void replaced(const FactColumn& column, const Values& given, std::string_view how) {
    const std::string value = another(column);
    if (value.empty() || (!given.empty() && given.front().second == value)) return;
    const Values changes{{column.name, value}};
    add("kept rows", fmt::format("UPDATE {}.{}{}", table(), column.name, how),
        fmt::format("{}; UPDATE {} SET {} = {} WHERE {}", rows_.insert(1, given), table(),
                    identifier(column.name), value, rows_.where(1)),
        fmt::format("SELECT to_jsonb(t) FROM {} t WHERE {} AND {} IS NOT DISTINCT FROM {}", table(),
                    rows_.where(1, column.primary ? changes : Values{}), identifier(column.name),
                    value + (column.type == "json" ? "::jsonb" : "")));
  }

  // The column is left out of the rows that need none: here it has a value.
  void taken_away(const FactColumn& column) {
    const std::string where = rows_.where(1);
    const std::string update = emptied(table(), rows_.found(column), " WHERE " + where);
    if (update.empty()) return;
    add("kept rows", fmt::format("UPDATE {}.{} to NULL", table(), column.name),
        fmt::format("{}; {}; {}", rows_.insert(1, {{column.name, rows_.value(column, 1)}}),
                    noted(table(), column.name, where), update),
        altered(table(), column.name, where));
  }

  void removals() {
    const std::string gone = fmt::format(
        "SELECT 'the row is gone' WHERE NOT EXISTS (SELECT 1 FROM {} WHERE {})", table(), rows_.where(1));
    const auto removed = [&](const std::string& statement, const std::string& name) {
      add("kept rows", name, rows_.insert(1) + "; " + statement, gone);
    };
    const std::string removal = "DELETE FROM " + table();
    const std::string truncation = "TRUNCATE " + table() + " CASCADE";
    if (rows_.facts().remains) removed(removal + " WHERE " + rows_.where(1), removal);
    if (rows_.facts().untruncated) removed(truncation, truncation);
  }

  const FactRows& rows_;
  const std::string& prelude_;
  std::vector<Attempt>& attempts_;
};

}  // namespace

void key_attempts(const FactRows& rows, const std::string& prelude, std::vector<Attempt>& attempts) {
  KeyFacts(rows, prelude, attempts).all();
}

}  // namespace loadgen::attack
