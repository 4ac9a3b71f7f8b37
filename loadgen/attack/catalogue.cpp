#include "loadgen/attack/catalogue.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace loadgen::attack {
namespace {

// A domain counts as the type that it is made of, with its CHECKs and its NOT NULL.
constexpr const char* kColumnsSql = R"sql(
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
       CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) ELSE format_type(a.atttypid, a.atttypmod) END,
       a.attnotnull OR t.typnotnull,
       EXISTS (SELECT 1 FROM pg_index x WHERE x.indrelid = c.oid AND x.indisunique AND x.indkey::text = a.attnum::text),
       (a.attnotnull OR t.typnotnull) AND NOT a.atthasdef AND t.typdefault IS NULL AND a.attidentity = '' AS required,
       a.attgenerated <> '' AS generated, coalesce(f.parent, ''), coalesce(f.key, ''), a.attidentity = 'a' AS identity,
       coalesce((SELECT string_agg(enumlabel, E'\x1f' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid IN (t.oid, t.typbasetype)),
                (SELECT string_agg(m[1], E'\x1f') FROM pg_constraint k,
                        regexp_matches(concat(pg_get_constraintdef(k.oid), (SELECT string_agg(p.prosrc, ' ')
                            FROM pg_depend d JOIN pg_proc p ON p.oid = d.refobjid
                           WHERE d.classid = 'pg_constraint'::regclass AND d.objid = k.oid
                             AND d.refclassid = 'pg_proc'::regclass)), $$'([^']+)'$$, 'g') m
                  WHERE k.contype = 'c' AND (k.contypid = t.oid OR (k.conrelid = c.oid AND a.attnum = ANY (k.conkey)))), '') AS words,
       coalesce((SELECT string_agg(m[1], E'\x1f') FROM pg_constraint k,
                        regexp_matches(pg_get_constraintdef(k.oid), $$[ (](-?\d+(?:\.\d+)?)\M$$, 'g') m
                  WHERE k.contype = 'c' AND (k.contypid = t.oid OR (k.conrelid = c.oid AND k.conkey = ARRAY[a.attnum]))), '') AS numbers
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_type t ON t.oid = a.atttypid
  LEFT JOIN LATERAL (SELECT p.relname AS parent, b.attname AS key FROM pg_constraint k JOIN pg_class p ON p.oid = k.confrelid
                       JOIN pg_attribute b ON b.attrelid = p.oid AND b.attnum = k.confkey[1]
                      WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.conkey = ARRAY[a.attnum] LIMIT 1) f ON true
 WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = current_schema()::regnamespace
 ORDER BY c.relname, a.attnum)sql";

constexpr const char* kSettingsSql = R"sql(
SELECT DISTINCT m[1], m[2] FROM pg_proc p, regexp_matches(p.prosrc,
       $$current_setting\('([^']+)'[^)]*\)\s*(?:IS DISTINCT FROM|IS NOT DISTINCT FROM|<>|=)\s*'([^']+)'$$, 'g') m
 WHERE p.pronamespace = current_schema()::regnamespace AND m[1] LIKE '%.%')sql";

// Column, comparison, literal: in trigger functions, WHEN clauses, CHECKs and conditions of unique indexes.
constexpr const char* kSpokenSql = R"sql(
SELECT DISTINCT c.relname || '.' || lower(m[1]), coalesce(m[2], m[3])
  FROM (SELECT t.tgrelid AS rel, p.prosrc AS text FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal
        UNION ALL SELECT tgrelid, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
        UNION ALL SELECT conrelid, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'c'
        UNION ALL SELECT indrelid, pg_get_indexdef(indexrelid) FROM pg_index WHERE indisunique AND indpred IS NOT NULL) s
  JOIN pg_class c ON c.oid = s.rel AND c.relnamespace = current_schema()::regnamespace,
       regexp_matches(s.text, $$(\w+)[\s)]*(?:::[\w ]+)?(?:,\s*'?\w*'?\))?[\s)]*(?:[<>=]+|IS (?:NOT )?DISTINCT FROM|IN|~~?)\s*\(?\s*(?:'([^']*)'|(-?\d{1,9})\M)$$, 'gi') m
 ORDER BY 1, 2)sql";

bool starts_with_any(const std::string& text, std::initializer_list<const char*> prefixes) {
  return std::ranges::any_of(prefixes, [&](const char* prefix) { return text.starts_with(prefix); });
}

struct Filler {
  std::string_view type, value;  // types that begin so
};
constexpr std::array kFillers{Filler{"character", "'x'"},
                              Filler{"text", "'x'"},
                              Filler{"citext", "'x'"},
                              Filler{"timestamp", "now()"},
                              Filler{"date", "now()"},
                              Filler{"time", "'04:05:06'"},
                              Filler{"interval", "'1 hour'"},
                              Filler{"uuid", "gen_random_uuid()"},
                              Filler{"boolean", "false"},
                              Filler{"json", "'{}'"},
                              Filler{"bytea", "'x'"},
                              Filler{"inet", "'127.0.0.1'"},
                              Filler{"point", "'(1,1)'"},
                              Filler{"geography", "'POINT(-122.33 47.6)'"},
                              Filler{"geometry", "'POINT(-122.33 47.6)'"},
                              Filler{"tstzrange", "tstzrange(now(), NULL)"}};

// A legal-looking value for a required column that the vocabulary does not know.
std::string filler(const Column& column) {
  if (!column.references.empty())
    return "(SELECT " + identifier(column.referenced) + " FROM " + identifier(column.references) +
           " LIMIT 1)";
  if (column.unique && starts_with_any(column.base, {"character", "text", "citext"}))
    return "left(gen_random_uuid()::text, 20)";
  if (!column.words.empty()) return quoted(column.words.front());
  if (column.base.ends_with("[]")) return "'{}'";
  for (const Filler& each : kFillers) {
    if (column.base.starts_with(each.type)) return std::string(each.value);
  }
  if (column.unique) return "(random() * 1000000000)::int";
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

Keys keys_of(const Catalogue& catalogue) {
  const auto tasks = catalogue.tables.find("tasks");
  if (tasks == catalogue.tables.end()) return Keys::uuids;
  const auto id = std::ranges::find(tasks->second.columns, "id", &Column::name);
  const bool number =
      id != tasks->second.columns.end() && starts_with_any(id->base, {"int", "bigint", "numeric"});
  return number ? Keys::numbers : Keys::uuids;
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
    table.columns.push_back({.name = row[1],
                             .type = row[2],
                             .base = row[3],
                             .not_null = row[4] == "t",
                             .unique = row[5] == "t",
                             .required = row[6] == "t",
                             .generated = row[7] == "t",
                             .references = row[8],
                             .referenced = row[9],
                             .identity = row[10] == "t",
                             .words = parts_of(row[11]),
                             .numbers = parts_of(row[12])});
  }
  for (const auto& row : session.run(kSettingsSql).rows) catalogue.settings.push_back({row[0], row[1]});
  for (const auto& row : session.run(kSpokenSql).rows) catalogue.spoken[row[0]].push_back(row[1]);
  catalogue.keys = keys_of(catalogue);
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
  if (names.empty()) return "INSERT INTO " + table + " DEFAULT VALUES";
  return "INSERT INTO " + table + " (" + names + ")" + (overriding ? " OVERRIDING SYSTEM VALUE" : "") +
         " VALUES (" + expressions + ")";
}

}  // namespace loadgen::attack
