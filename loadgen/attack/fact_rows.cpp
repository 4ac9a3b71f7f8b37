#include "loadgen/attack/fact_rows.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "loadgen/attack/story.h"

namespace loadgen::attack {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kNames{{{"$poster", ids::kPoster},
                                                                               {"$worker", ids::kWorker},
                                                                               {"$admin", ids::kAdmin},
                                                                               {"$stranger", ids::kStranger},
                                                                               {"$task", ids::kTask},
                                                                               {"$escrow", ids::kEscrow},
                                                                               {"$proof", ids::kProof},
                                                                               {"$dispute", ids::kDispute},
                                                                               {"$bare", ids::kBareTask}}};

// Somebody or something of the cast; unique references go through the people.
std::string reference(const FactColumn& column, int row) {
  constexpr std::array kPeople{ids::kWorker, ids::kStranger, ids::kPoster};
  if (column.references == "users") return sql_quoted(kPeople.at(static_cast<std::size_t>(row - 1) % 3));
  if (column.references == "tasks") return sql_quoted(ids::kTask);
  if (column.references == "escrows") return sql_quoted(ids::kEscrow);
  if (column.references == "proofs") return sql_quoted(ids::kProof);
  if (column.references == "disputes") return sql_quoted(ids::kDispute);
  return {};
}

int number_of(const std::string& table) {
  const auto& all = all_facts();
  return static_cast<int>(std::ranges::find(all, table, &TableFacts::table) - all.begin());
}

std::string id_of(int table, int row) {
  return fmt::format("00000000-0000-4000-8000-0000000{:05d}", 30000 + table * 100 + row);
}

std::string of_type(const FactColumn& column) {
  if (column.type == "int" || column.type == "big" || column.type == "n")
    return column.low.empty() ? "1" : column.low;
  if (column.type == "at") return "'2031-02-03 04:05:06+00'";
  if (column.type == "date") return "'2031-02-03'";
  if (column.type == "time") return "'04:05:06'";
  if (column.type == "bool") return "false";
  if (column.type == "json") return "'{}'";
  if (column.type == "t[]" || column.type == "uuid[]") return "'{}'";
  if (column.type == "uuid") return sql_quoted(ids::kTask);
  if (column.type == "bytes") return "'x'";
  return column.exactly == 2 || column.type == "c" ? "'WA'" : "'x'";
}

}  // namespace

Values changed(Values row, const Values& changes) {
  for (const auto& [column, value] : changes) {
    const auto found = std::ranges::find(row, column, &Values::value_type::first);
    if (found != row.end()) {
      found->second = value;
    } else {
      row.emplace_back(column, value);
    }
  }
  return row;
}

std::string noted(std::string_view table, const std::string& column, const std::string& condition) {
  return fmt::format(
      "SELECT set_config('attack.was', coalesce((SELECT {}::text FROM {} WHERE {}), ''), false)",
      identifier(column), table, condition);
}

std::string altered(std::string_view table, const std::string& column, const std::string& condition) {
  return fmt::format(
      "SELECT to_jsonb(t) FROM {} t WHERE {} AND coalesce({}::text, '') <> current_setting('attack.was')",
      table, condition, identifier(column));
}

Attempt attempt_on(const FactRows& rows, std::string_view rule, std::string name, std::string sql,
                   std::string shows, Wanted wanted) {
  Attempt attempt;
  attempt.rule = fmt::format("{}: {}", rows.facts().table, rule);
  attempt.name = std::move(name);
  attempt.sql = std::move(sql);
  attempt.shows = std::move(shows);
  attempt.wanted = wanted;
  return attempt;
}

FactRows::FactRows(const Catalogue& catalogue, const TableFacts& facts)
    : catalogue_(catalogue), facts_(facts), number_(number_of(facts.table)) {}

std::string FactRows::id(int row) const {
  return id_of(number_, row);
}

std::string FactRows::ancestors() const {
  std::string text;
  for (const FactColumn& column : facts_.columns) {
    const bool own = column.required && column.example.empty() && !column.references.empty();
    if (!own || !reference(column, 1).empty() || !catalogue_.has(column.references)) continue;
    const auto& all = all_facts();
    const auto parent = std::ranges::find(all, column.references, &TableFacts::table);
    if (parent == all.end()) continue;
    const FactRows rows(catalogue_, *parent);
    text += rows.ancestors() + rows.insert(1) + "; ";
  }
  return text;
}

std::string FactRows::filled(std::string text, int row) const {
  const auto replace = [&](std::string_view name, const std::string& value) {
    for (auto at = text.find(name); at != std::string::npos; at = text.find(name, at + value.size()))
      text.replace(at, name.size(), value);
  };
  for (const auto& [name, value] : kNames) replace(name, sql_quoted(value));
  replace("$id", sql_quoted(id(row)));
  return text;
}

std::string FactRows::value(const FactColumn& column, int row) const {
  if (!column.example.empty()) return filled(column.example, row);
  if (column.name == "id") return sql_quoted(id(row));
  if (!column.references.empty()) {
    const std::string known = reference(column, row);
    return known.empty() ? sql_quoted(id_of(number_of(column.references), 1)) : known;
  }
  if (!column.words.empty()) return sql_quoted(column.words.front());
  const bool key = column.unique || column.primary;
  if (key && column.type == "t") return fmt::format("left(md5({}), 20)", sql_quoted(id(row)));
  if (key && column.type == "uuid") return sql_quoted(id(row));
  if (key) return std::to_string(30000 + number_ * 100 + row);
  return of_type(column);
}

std::string FactRows::value_of(const std::string& column) const {
  return value(*std::ranges::find(facts_.columns, column, &FactColumn::name), 1);
}

Values FactRows::needed(int row) const {
  Values values;
  for (const FactColumn& column : facts_.columns) {
    const bool named = column.name == "id" || !column.example.empty();
    if (has(column) && (named || (column.required && column.standard.empty())))
      values.emplace_back(column.name, value(column, row));
  }
  return values;
}

std::string FactRows::insert(int row, const Values& changes) const {
  return insert_statement(catalogue_, facts_.table, changed(needed(row), changes));
}

std::string FactRows::user(int row) const {
  const std::string own = sql_quoted(id(row));
  return insert_statement(catalogue_, "users",
                          {{"id", own}, {"email", own}, {"full_name", "'x'"}, {"firebase_uid", own}});
}

std::string FactRows::where(int row, const Values& changes) const {
  const Values values = changed(needed(row), changes);
  std::string text;
  for (const FactColumn& column : facts_.columns) {
    if (!column.primary || !has(column)) continue;
    const auto given = std::ranges::find(values, column.name, &Values::value_type::first);
    if (given == values.end() || given->second == "NULL") continue;
    text += (text.empty() ? "" : " AND ") + identifier(column.name) + " = " + given->second;
  }
  return text.empty() ? "true" : text;
}

const Column& FactRows::found(const FactColumn& column) const {
  const Table& table = catalogue_.tables.at(facts_.table);
  return *std::ranges::find(table.columns, column.name, &Column::name);
}

bool FactRows::has_unknown_requirements() const {
  return std::ranges::any_of(catalogue_.tables.at(facts_.table).columns, [&](const Column& column) {
    return column.required &&
           std::ranges::find(facts_.columns, column.name, &FactColumn::name) == facts_.columns.end();
  });
}

}  // namespace loadgen::attack
