#include "loadgen/attack/catalogue.h"

#include <algorithm>

namespace loadgen::attack {
namespace {

constexpr const char* kColumnsSql = R"sql(
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
       a.attnotnull AND NOT a.atthasdef AND a.attidentity = '' AS required, a.attgenerated <> '' AS generated,
       coalesce((SELECT f.relname FROM pg_constraint k JOIN pg_class f ON f.oid = k.confrelid
                  WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.conkey = ARRAY[a.attnum] LIMIT 1), ''),
       a.attidentity = 'a' AS identity,
       coalesce((SELECT string_agg(enumlabel, E'\x1f' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = a.atttypid),
                (SELECT string_agg(m[1], E'\x1f') FROM pg_constraint k,
                        regexp_matches(concat(pg_get_constraintdef(k.oid), (SELECT string_agg(p.prosrc, ' ')
                            FROM pg_depend d JOIN pg_proc p ON p.oid = d.refobjid
                           WHERE d.classid = 'pg_constraint'::regclass AND d.objid = k.oid
                             AND d.refclassid = 'pg_proc'::regclass)), $$'([^']+)'$$, 'g') m
                  WHERE k.conrelid = c.oid AND k.contype = 'c' AND a.attnum = ANY (k.conkey)), '') AS words,
       coalesce((SELECT string_agg(m[1], E'\x1f') FROM pg_constraint k,
                        regexp_matches(pg_get_constraintdef(k.oid), $$[ (](-?\d+(?:\.\d+)?)\M$$, 'g') m
                  WHERE k.conrelid = c.oid AND k.contype = 'c' AND k.conkey = ARRAY[a.attnum]), '') AS numbers,
       coalesce((SELECT string_agg(pg_get_constraintdef(k.oid), E'\x1f') FROM pg_constraint k
                  WHERE k.conrelid = c.oid AND k.contype = 'c' AND k.conkey = ARRAY[a.attnum]), '') AS checks,
       NOT a.attnotnull AS nullable
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
 WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = current_schema()::regnamespace
 ORDER BY c.relname, a.attnum)sql";

constexpr const char* kSettingsSql = R"sql(
SELECT DISTINCT m[1], m[2] FROM pg_proc p, regexp_matches(p.prosrc,
       $$current_setting\('([^']+)'[^)]*\)\s*(?:IS DISTINCT FROM|IS NOT DISTINCT FROM|<>|=)\s*'([^']+)'$$, 'g') m
 WHERE p.pronamespace = current_schema()::regnamespace AND m[1] LIKE '%.%')sql";

bool starts_with_any(const std::string& text, std::initializer_list<const char*> prefixes) {
  return std::ranges::any_of(prefixes, [&](const char* prefix) { return text.starts_with(prefix); });
}

// A legal-looking value for a required column that the vocabulary does not know.
std::string filler(const Column& column) {
  if (!column.words.empty() && column.references.empty()) return sql_quoted(column.words.front());
  if (!column.references.empty()) return "(SELECT id FROM " + identifier(column.references) + " LIMIT 1)";
  if (starts_with_any(column.type, {"character", "text"})) return "'x'";
  if (starts_with_any(column.type, {"timestamp", "date"})) return "now()";
  if (column.type == "uuid") return "gen_random_uuid()";
  if (column.type == "boolean") return "false";
  if (starts_with_any(column.type, {"json"})) return "'{}'";
  if (column.type.ends_with("[]")) return "'{}'";
  for (const std::string& number : column.numbers) {
    if (number.front() != '-' && number != "0") return number;
  }
  return "1";
}

std::vector<std::string> parts_of(const std::string& joined) {
  std::vector<std::string> parts;
  for (std::size_t from = 0; from < joined.size();) {
    const std::size_t end = std::min(joined.find('\x1f', from), joined.size());
    parts.push_back(joined.substr(from, end - from));
    from = end + 1;
  }
  return parts;
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
    table.columns.push_back({row[1], row[2], row[3] == "t", row[4] == "t", row[5], row[6] == "t",
                             parts_of(row[7]), parts_of(row[8]), parts_of(row[9]), row[10] == "t"});
  }
  for (const auto& row : session.run(kSettingsSql).rows) catalogue.settings.push_back({row[0], row[1]});
  return catalogue;
}

std::string insert_statement(const Catalogue& catalogue, const std::string& table, const Values& values) {
  const auto known = catalogue.tables.find(table);
  if (known == catalogue.tables.end()) return {};
  std::string names;
  std::string expressions;
  bool overriding = false;
  const auto add = [&](const std::string& name, const std::string& expression) {
    names += (names.empty() ? "" : ", ") + identifier(name);
    expressions += (expressions.empty() ? "" : ", ") + expression;
  };
  for (const Column& column : known->second.columns) {
    const auto given = std::ranges::find(values, column.name, &Values::value_type::first);
    if (given != values.end()) {
      add(column.name, given->second);
      overriding |= column.identity;
    } else if (column.required) {
      add(column.name, filler(column));
    }
  }
  return "INSERT INTO " + table + " (" + names + ")" + (overriding ? " OVERRIDING SYSTEM VALUE" : "") +
         " VALUES (" + expressions + ")";
}

std::string different_value(const Column& column) {
  const std::string name = identifier(column.name);
  if (column.words.size() > 1) {
    return "(CASE WHEN " + name + "::text = " + sql_quoted(column.words[0]) + " THEN " +
           sql_quoted(column.words[1]) + " ELSE " + sql_quoted(column.words[0]) + " END)::" + column.type;
  }
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

std::string emptied(const std::string& table, const Column& column, const std::string& where) {
  if (!column.nullable || column.generated) return {};
  const std::string name = identifier(column.name);
  return "UPDATE " + table + " SET " + name + " = NULL" + where + " AND " + name + " IS NOT NULL";
}

}  // namespace loadgen::attack
