#include "loadgen/attack/catalogue.h"

#include <algorithm>

namespace loadgen::attack {
namespace {

constexpr const char* kColumnsSql = R"sql(
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
       a.attnotnull AND NOT a.atthasdef AND a.attidentity = '' AS required, a.attgenerated <> '' AS generated,
       coalesce((SELECT f.relname FROM pg_constraint k JOIN pg_class f ON f.oid = k.confrelid
                  WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.conkey = ARRAY[a.attnum] LIMIT 1), '')
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
 WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
 ORDER BY c.relname, a.attnum)sql";

bool starts_with_any(const std::string& text, std::initializer_list<const char*> prefixes) {
  return std::ranges::any_of(prefixes, [&](const char* prefix) { return text.starts_with(prefix); });
}

// A legal-looking value for a required column that the vocabulary does not know.
std::string filler(const Column& column) {
  if (!column.references.empty()) return "(SELECT id FROM " + identifier(column.references) + " LIMIT 1)";
  if (starts_with_any(column.type, {"character", "text"})) return "'x'";
  if (starts_with_any(column.type, {"timestamp", "date"})) return "now()";
  if (column.type == "uuid") return "gen_random_uuid()";
  if (column.type == "boolean") return "false";
  if (starts_with_any(column.type, {"json"})) return "'{}'";
  if (column.type.ends_with("[]")) return "'{}'";
  return "1";
}

}  // namespace

bool Table::has(const std::string& column) const {
  return std::ranges::find(columns, column, &Column::name) != columns.end();
}

bool Catalogue::has(const std::string& table, const std::string& column) const {
  const auto found = tables.find(table);
  return found != tables.end() && found->second.has(column);
}

Catalogue read_catalogue(Session& session) {
  Catalogue catalogue;
  const Answer answer = session.run(kColumnsSql);
  for (const auto& row : answer.rows) {
    Table& table = catalogue.tables[row[0]];
    table.name = row[0];
    table.columns.push_back({row[1], row[2], row[3] == "t", row[4] == "t", row[5]});
  }
  return catalogue;
}

std::string insert_statement(const Catalogue& catalogue, const std::string& table, const Values& values) {
  const auto known = catalogue.tables.find(table);
  if (known == catalogue.tables.end()) return {};
  std::string names;
  std::string expressions;
  const auto add = [&](const std::string& name, const std::string& expression) {
    names += (names.empty() ? "" : ", ") + identifier(name);
    expressions += (expressions.empty() ? "" : ", ") + expression;
  };
  for (const Column& column : known->second.columns) {
    const auto given = std::ranges::find(values, column.name, &Values::value_type::first);
    if (given != values.end()) {
      add(column.name, given->second);
    } else if (column.required) {
      add(column.name, filler(column));
    }
  }
  return "INSERT INTO " + table + " (" + names + ") VALUES (" + expressions + ")";
}

std::string different_value(const Column& column) {
  const std::string name = identifier(column.name);
  if (column.type == "boolean") return "NOT coalesce(" + name + ", false)";
  if (starts_with_any(column.type, {"timestamp", "date"}))
    return "coalesce(" + name + ", now()) + interval '1 day'";
  if (column.type == "uuid") return "gen_random_uuid()";
  if (starts_with_any(column.type, {"integer", "bigint", "smallint", "numeric"}))
    return "coalesce(" + name + ", 0) + 1";
  if (starts_with_any(column.type, {"json"})) return "'{\"attack\": true}'";
  if (column.type.ends_with("[]")) return "'{attack}'";
  if (column.type.starts_with("character(2)")) return "CASE WHEN " + name + " = 'WA' THEN 'OR' ELSE 'WA' END";
  return "left(coalesce(" + name + ", '') || 'x', 20)";
}

}  // namespace loadgen::attack
