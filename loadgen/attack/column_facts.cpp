#include "loadgen/attack/column_facts.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdlib>

#include <fmt/format.h>

#include "loadgen/attack/fact_rows.h"
#include "loadgen/attack/key_facts.h"

namespace loadgen::attack {
namespace {

constexpr int kParent = 90, kNobody = 91;  // rows of other tables under this table's numbers
constexpr int kLongest = 255;              // of texts that are written to see whether they fit

bool is_number(const FactColumn& column) {
  return column.type == "int" || column.type == "big" || column.type == "n";
}

double number(const std::string& text) {
  return std::strtod(text.c_str(), nullptr);
}

class ColumnFacts {
 public:
  ColumnFacts(const FactRows& rows, std::string prelude, std::vector<Attempt>& attempts)
      : rows_(rows), prelude_(std::move(prelude)), attempts_(attempts) {
    legal_ = !rows.facts().derived && !rows.has_unknown_requirements();
  }

  void all() {
    if (legal_) add("legal rows", "a row of " + table(), rows_.insert(1), nothing(), Wanted::accepted);
    for (const FactColumn& column : rows_.facts().columns) {
      if (!rows_.has(column) || rows_.found(column).generated) continue;
      required(column);
      defaults(column);
      words(column);
      range(column);
      lengths(column);
      references(column);
      fits(column);
    }
    combinations();
    if (rows_.facts().stamped) stamped();
  }

 private:
  const std::string& table() const { return rows_.facts().table; }
  // No row is a breach: only a refusal is.
  static std::string nothing() { return "SELECT 1 WHERE false"; }

  void add(std::string_view rule, std::string name, const std::string& sql, std::string shows,
           Wanted wanted = Wanted::harmless) {
    attempts_.push_back(attempt_on(rows_, rule, std::move(name), prelude_ + sql, std::move(shows), wanted));
  }

  std::string rows_where(const Values& changes, const std::string& breach) const {
    return fmt::format("SELECT to_jsonb(t) FROM {} t WHERE {} AND ({})", table(), rows_.where(1, changes),
                       breach);
  }

  // The value in a new row, and in a row that was legal before.
  void both(std::string_view rule, const FactColumn& column, const std::string& value,
            const std::string& breach) {
    const Values changes{{column.name, value}};
    add(rule, fmt::format("INSERT {} with {} = {}", table(), column.name, value.substr(0, 40)),
        rows_.insert(1, changes), rows_where(changes, breach));
    if (column.primary || rows_.facts().fixed) return;
    add(rule, fmt::format("UPDATE {} to {} = {}", table(), column.name, value.substr(0, 40)),
        fmt::format("{}; UPDATE {} SET {} = {} WHERE {}", rows_.insert(1), table(), identifier(column.name),
                    value, rows_.where(1)),
        rows_where({}, breach));
  }

  void legal(const FactColumn& column, const std::string& value) {
    if (!legal_ || column.cyclic) return;
    add("legal rows",
        fmt::format("INSERT {} with the legal {} = {}", table(), column.name, value.substr(0, 40)),
        rows_.insert(1, {{column.name, value}}), nothing(), Wanted::accepted);
  }

  void required(const FactColumn& column) {
    if (column.required) both("required columns", column, "NULL", identifier(column.name) + " IS NULL");
  }

  void defaults(const FactColumn& column) {
    if (column.standard.empty() || !legal_) return;
    const std::string name = identifier(column.name);
    const std::string title = fmt::format("INSERT {} without {}", table(), column.name);
    if (column.standard == "new") {
      if (column.name == "id" && repeatable()) two_without_id(title);
      return;
    }
    std::string breach = "false";
    if (column.standard == "now") {
      breach = fmt::format("{0} IS NULL OR abs(extract(epoch FROM {0} - now())) > 3600", name);
    } else if (column.type == "json" && column.standard != "?") {
      breach = fmt::format("{}::jsonb IS DISTINCT FROM {}::jsonb", name, sql_quoted(column.standard));
    } else if (column.type == "t" || column.type == "c") {
      breach = fmt::format("{}::text IS DISTINCT FROM {}", name, sql_quoted(column.standard));
    } else if (column.standard != "?") {
      breach = fmt::format(
          "{} IS DISTINCT FROM {}", name,
          is_number(column) || column.type == "bool" ? column.standard : sql_quoted(column.standard));
    }
    add("defaults", title, rows_.insert(1), rows_where({}, breach), Wanted::accepted);
  }

  // Where one row does not stand in the way of the next.
  bool repeatable() const {
    return rows_.facts().keys.empty() && rows_.facts().stage != "accepted" &&
           std::ranges::none_of(rows_.facts().columns, [](const FactColumn& each) {
             return !each.example.empty() && (each.unique || each.cyclic);
           });
  }

  void two_without_id(const std::string& title) {
    const auto without = [&](int row) {
      std::string names;
      std::string values;
      for (const auto& [column, value] : rows_.needed(row)) {
        if (column == "id") continue;
        names += (names.empty() ? "" : ", ") + identifier(column);
        values += (values.empty() ? "" : ", ") + value;
      }
      return names.empty() ? fmt::format("INSERT INTO {} DEFAULT VALUES", table())
                           : fmt::format("INSERT INTO {} ({}) VALUES ({})", table(), names, values);
    };
    add("defaults", title + ", twice", without(1) + "; " + without(2), nothing(), Wanted::accepted);
  }

  // A state that only a later step gives: whether the column itself has room for it, whatever guards the
  // step.
  void room_for(const FactColumn& column, const std::string& word) {
    if (!legal_ || !column.cyclic) return;
    const Column& found = rows_.found(column);
    std::string sql = fmt::format("CREATE TEMP TABLE alone ({} {}); ", identifier(column.name), found.type);
    for (const std::string& check : found.checks) sql += fmt::format("ALTER TABLE alone ADD {}; ", check);
    add("legal rows", fmt::format("{}.{} has room for {}", table(), column.name, word),
        sql + fmt::format("INSERT INTO alone VALUES ({})", sql_quoted(word)), nothing(), Wanted::accepted);
  }

  // Whoever compares without regard to case takes words that nobody else knows.
  static std::string in_other_letters(std::string word) {
    for (char& letter : word) {
      const auto code = static_cast<unsigned char>(letter);
      letter = static_cast<char>(std::isupper(code) != 0 ? std::tolower(code) : std::toupper(code));
    }
    return word;
  }

  void words(const FactColumn& column) {
    if (column.words.empty()) return;
    std::string known;
    for (const std::string& word : column.words) {
      known += (known.empty() ? "" : ", ") + sql_quoted(word);
      legal(column, sql_quoted(word));
      room_for(column, word);
    }
    const std::string breach = fmt::format("{}::text NOT IN ({})", identifier(column.name), known);
    std::vector<std::string> strange = rows_.found(column).words;
    strange.insert(strange.begin(), {"attack", in_other_letters(column.words.front())});
    for (const std::string& word : strange) {
      if (std::ranges::find(column.words, word) == column.words.end())
        both("values", column, sql_quoted(word), breach);
    }
  }

  void range(const FactColumn& column) {
    if (column.type == "int" || column.type == "big") {
      const std::string half = fmt::format("{:.1f}", (column.low.empty() ? 1 : number(column.low)) + 0.5);
      both("values", column, half, fmt::format("{0} <> trunc({0})", identifier(column.name)));
    }
    if (column.type == "n") {
      const double fine = (column.low.empty() ? 0 : number(column.low)) + 0.4 * std::pow(10, -column.scale);
      both("values", column, fmt::format("{:.{}f}", fine, column.scale + 1),
           fmt::format("{0} <> round({0}, {1})", identifier(column.name), column.scale));
    }
    if (column.low.empty() && column.high.empty()) return;
    const double step = std::pow(10, -column.scale);
    std::vector<double> tried;
    if (!column.low.empty()) tried.push_back(number(column.low) - step);
    if (!column.high.empty()) tried.push_back(number(column.high) + step);
    for (const std::string& each : rows_.found(column).numbers)
      tried.insert(tried.end(), {number(each) - step, number(each), number(each) + step});
    std::ranges::sort(tried);
    tried.erase(std::ranges::unique(tried).begin(), tried.end());
    const std::string name = identifier(column.name);
    std::string inside = column.low.empty() ? "true" : fmt::format("{} >= {}", name, column.low);
    if (!column.high.empty()) inside += fmt::format(" AND {} <= {}", name, column.high);
    for (const double each : tried) {
      const bool outside = (!column.low.empty() && each < number(column.low)) ||
                           (!column.high.empty() && each > number(column.high));
      if (outside) both("values", column, fmt::format("{:.{}f}", each, column.scale), "NOT (" + inside + ")");
    }
    for (const std::string& bound : {column.low, column.high}) {
      if (!bound.empty() && column.example.empty()) legal(column, bound);
    }
  }

  void lengths(const FactColumn& column) {
    const std::string name = identifier(column.name);
    if (column.exactly > 0) {
      for (const int length : {column.exactly - 1, column.exactly + 1}) {
        both("values", column, fmt::format("repeat('W', {})", length),
             fmt::format("length({}) <> {}", name, column.exactly));
      }
    }
    if (column.at_most > 0) {
      both("values", column, fmt::format("repeat('x', {})", column.at_most + 1),
           fmt::format("length({}) > {}", name, column.at_most));
      legal(column, fmt::format("repeat('x', {})", column.at_most));
    }
    if (!column.pattern.empty()) {
      for (const char* text : {"repeat('Z', 64)", "repeat('a', 63)"})
        both("values", column, text, fmt::format("{} !~ {}", name, sql_quoted(column.pattern)));
    }
  }

  void references(const FactColumn& column) {
    if (column.references.empty()) return;
    const std::string name = identifier(column.name);
    const std::string nobody = column.type == "uuid" ? sql_quoted(rows_.id(kNobody)) : "'nobody'";
    both("references", column, nobody,
         fmt::format("{} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {} r WHERE r.{} = t.{})", name,
                     column.references, column.referenced, name));
    if (column.references != "users" || column.on_delete != FactColumn::OnDelete::refused) return;
    const std::string parent = sql_quoted(rows_.id(kParent));
    add("references", fmt::format("DELETE the user of {}.{}", table(), column.name),
        fmt::format("{}; {}; DELETE FROM users WHERE id = {}", rows_.user(kParent),
                    rows_.insert(1, {{column.name, parent}}), parent),
        fmt::format("SELECT 'the user is gone' WHERE NOT EXISTS (SELECT 1 FROM users WHERE id = {})",
                    parent));
  }

  // The largest value of its type comes back as it was written.
  void fits(const FactColumn& column) {
    const bool free = column.example.empty() && column.references.empty() && column.words.empty() &&
                      !column.primary && !column.cyclic && column.pattern.empty() && column.exactly == 0;
    if (!free || !legal_) return;
    std::string value;
    if (column.type == "t") {
      value = fmt::format("rpad({}, {}, 'x')", sql_quoted(rows_.id(1)),
                          column.length == 0 ? kLongest : std::min(column.length, kLongest));
    } else if (column.type == "int") {
      value = column.high.empty() ? "2147483647" : column.high;
    } else if (column.type == "big") {
      value = "10485760";
    } else if (column.type == "n") {
      value = column.high.empty()
                  ? std::string(static_cast<std::size_t>(column.digits - column.scale), '9') + "." +
                        std::string(static_cast<std::size_t>(column.scale), '9')
                  : fmt::format("{:.{}f}", number(column.high) - std::pow(10, -column.scale), column.scale);
    } else if (column.type == "at") {
      value = "'2031-02-03 04:05:06.789012+00'";
    } else if (column.type == "json") {
      value = "'{\"a\": [1, \"b\"]}'";
    } else {
      return;
    }
    const Values changes{{column.name, value}};
    const std::string cast = column.type == "at" ? "::timestamptz" : column.type == "json" ? "::jsonb" : "";
    add("legal rows", fmt::format("{}.{} holds what is written", table(), column.name),
        rows_.insert(1, changes),
        rows_where(changes,
                   fmt::format("{}{} IS DISTINCT FROM {}{}", identifier(column.name), cast, value, cast)),
        Wanted::fitting);
  }

  void combinations() {
    for (const std::vector<Assignment>& never : rows_.facts().never) {
      Values changes;
      std::string set;
      std::string breach;
      for (const auto& [column, text] : never) {
        const std::string value = rows_.filled(text, 1);
        changes.emplace_back(column, value);
        set += fmt::format("{}{} = {}", set.empty() ? "" : ", ", identifier(column), value);
        breach += fmt::format("{}{} IS NOT DISTINCT FROM {}", breach.empty() ? "" : " AND ",
                              identifier(column), value);
      }
      add("values", fmt::format("INSERT {} with {}", table(), set), rows_.insert(1, changes),
          rows_where(changes, breach));
      if (rows_.facts().fixed) continue;
      add("values", fmt::format("UPDATE {} to {}", table(), set),
          fmt::format("{}; UPDATE {} SET {} WHERE {}", rows_.insert(1), table(), set, rows_.where(1)),
          fmt::format("SELECT to_jsonb(t) FROM {} t WHERE {}", table(), breach));
    }
  }

  void stamped() {
    add("updated_at", fmt::format("UPDATE {} does not move updated_at", table()),
        fmt::format("{}; UPDATE {} SET updated_at = '2000-01-01' WHERE {}", rows_.insert(1), table(),
                    rows_.where(1)),
        rows_where({}, "updated_at < '2001-01-01'"));
  }

  const FactRows& rows_;
  std::string prelude_;
  std::vector<Attempt>& attempts_;
  bool legal_ = true;
};

}  // namespace

std::vector<Attempt> fact_attempts(const Catalogue& catalogue, const Stage& stage) {
  std::vector<Attempt> attempts;
  for (const TableFacts& facts : all_facts()) {
    if (facts.stage != stage.name || !catalogue.has(facts.table)) continue;
    const FactRows rows(catalogue, facts);
    std::string prelude = rows.ancestors();
    for (const Setting& setting : catalogue.settings) {
      if (facts.derived)
        prelude += fmt::format("SELECT set_config({}, {}, true); ", sql_quoted(setting.name),
                               sql_quoted(setting.value));
    }
    if (facts.derived)
      prelude += fmt::format("DELETE FROM {} WHERE user_id = {}; ", facts.table, rows.value_of("user_id"));
    ColumnFacts(rows, prelude, attempts).all();
    key_attempts(rows, prelude, attempts);
  }
  return attempts;
}

}  // namespace loadgen::attack
