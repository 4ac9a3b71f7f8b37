#include "loadgen/campaign/schema_damages.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <random>
#include <stdexcept>

#include <fmt/format.h>

#include "loadgen/attack/session.h"
#include "loadgen/campaign/guard_edits.h"

namespace loadgen {
namespace {

using attack::identifier;
using attack::Session;

// The migration runner's own tables are no part of the marketplace.
constexpr const char* kOurs =
    " n.nspname NOT LIKE 'pg_%' AND n.nspname <> 'information_schema' AND c.relname !~ "
    "'migration|schema_versions' ";

constexpr const char* kColumns = R"sql(
SELECT c.relname, a.attname, format_type(a.atttypid, NULL), NOT a.attnotnull,
       coalesce((SELECT string_agg(DISTINCT m[1], ',') FROM pg_constraint k,
                        regexp_matches(pg_get_constraintdef(k.oid), $$'([A-Za-z_]+)'$$, 'g') m
                  WHERE k.conrelid = c.oid AND k.contype = 'c' AND k.conkey = ARRAY[a.attnum]), '')
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
 WHERE c.relkind = 'r' AND a.attgenerated = '' AND )sql";
constexpr const char* kTriggers = R"sql(
SELECT c.relname, t.tgname, pg_get_triggerdef(t.oid), t.tgfoid, t.tgtype & 20, t.tgtype & 1
  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE NOT t.tgisinternal AND )sql";
constexpr const char* kFunctions = R"sql(
SELECT p.proname, p.prosrc, pg_get_functiondef(p.oid), coalesce((SELECT min(c.relname) FROM pg_trigger t
        JOIN pg_class c ON c.oid = t.tgrelid WHERE t.tgfoid = p.oid AND NOT t.tgisinternal), ''),
       coalesce((SELECT bool_or(t.tgtype & 4 > 0) FROM pg_trigger t WHERE t.tgfoid = p.oid AND NOT t.tgisinternal), false),
       coalesce((SELECT bool_and(t.tgtype & 1 > 0) FROM pg_trigger t WHERE t.tgfoid = p.oid AND NOT t.tgisinternal), false)
  FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
 WHERE l.lanname = 'plpgsql' AND p.prokind = 'f' AND p.pronamespace = current_schema()::regnamespace
   AND (p.prorettype = 'trigger'::regtype
        OR EXISTS (SELECT 1 FROM pg_proc g WHERE g.prorettype = 'trigger'::regtype AND g.prosrc LIKE '%' || p.proname || '(%')))sql";
constexpr const char* kConstraints = R"sql(
SELECT c.relname, k.conname, k.contype, pg_get_constraintdef(k.oid),
       (SELECT string_agg(quote_ident(a.attname), ',' ORDER BY o) FROM unnest(k.conkey) WITH ORDINALITY u(n, o)
          JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.n)
  FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE k.contype IN ('c', 'u', 'p', 'f') AND )sql";
constexpr const char* kIndexes = R"sql(
SELECT c.relname, i.relname, pg_get_indexdef(x.indexrelid)
  FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE x.indisunique AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = x.indexrelid) AND )sql";

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t to = std::min(text.find(',', from), text.size());
    parts.push_back(text.substr(from, to - from));
    from = to + 1;
  }
  return parts;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  if (const auto at = text.find(from); at != std::string::npos) text.replace(at, from.size(), to);
  return text;
}

class Damages {
 public:
  explicit Damages(const std::string& url) : session_(url) {
    for (const auto& row : rows(std::string(kColumns) + kOurs + "ORDER BY c.relname, a.attnum")) {
      columns_[row[0]].push_back({row[1], row[2], row[3] == "t", split(row[4])});
      if (row[3] == "f") required(row[0], row[1]);
    }
  }

  std::vector<SchemaDamage> all() {
    for (const auto& row : rows(std::string(kTriggers) + kOurs + "ORDER BY 1, 2")) trigger(row);
    for (const auto& row : rows(std::string(kFunctions) + " ORDER BY p.proname")) function(row);
    for (const auto& row : rows(std::string(kConstraints) + kOurs + "ORDER BY 1, 2")) constraint(row);
    for (const auto& row : rows(std::string(kIndexes) + kOurs + "ORDER BY 1, 2")) index(row);
    return std::move(all_);
  }

 private:
  std::vector<std::vector<std::string>> rows(const std::string& sql) {
    const attack::Answer answer = session_.run(sql);
    if (!answer.ok) throw std::runtime_error("database: " + answer.message);
    return answer.rows;
  }

  void add(std::string kind, std::string object, std::string what, std::string sql) {
    all_.push_back({std::move(kind), std::move(object), std::move(what), std::move(sql)});
  }

  void required(const std::string& table, const std::string& column) {
    add("required", table + "." + column, "NOT NULL dropped",
        fmt::format("ALTER TABLE {} ALTER COLUMN {} DROP NOT NULL", identifier(table), identifier(column)));
  }

  void trigger(const std::vector<std::string>& row) {
    const std::string table = identifier(row[0]);
    const std::string name = identifier(row[1]);
    const auto damage = [&](const std::string& what, const std::string& sql) {
      add("trigger", row[0] + "." + row[1], what, sql);
    };
    const std::string drop = fmt::format("DROP TRIGGER {} ON {}", name, table);
    damage("dropped", drop);
    damage("disabled", fmt::format("ALTER TABLE {} DISABLE TRIGGER {}", table, name));
    damage("on replicas only", fmt::format("ALTER TABLE {} ENABLE REPLICA TRIGGER {}", table, name));
    const std::string& definition = row[2];
    const auto other = [&](const std::string& what, const std::string& text) {
      if (text != definition) damage(what, drop + "; " + text);
    };
    other("only on INSERT", replaced(definition, "INSERT OR UPDATE", "INSERT"));
    other("only on UPDATE", replaced(definition, "INSERT OR UPDATE", "UPDATE"));
    other("only on UPDATE", replaced(definition, "INSERT OR DELETE OR UPDATE", "UPDATE"));
    other("not on DELETE", replaced(definition, "DELETE OR ", ""));
    if (row[5] != "1") return;  // of statements
    for (const GuardedColumn& column : columns_[row[0]]) {
      if (definition.contains(" UPDATE ON "))
        other("only for " + column.name,
              replaced(definition, " UPDATE ON ", " UPDATE OF " + column.name + " ON "));
    }
    if (definition.contains(" WHEN ")) {
      const std::size_t from = definition.find(" WHEN (") + 6;
      const std::size_t to = definition.rfind(") EXECUTE");
      for (const GuardEdit& edit : edits_of_condition(definition.substr(from, to + 1 - from), {}))
        other(edit.what, definition.substr(0, from) + edit.text + definition.substr(to + 1));
      return;
    }
    const bool has_new = row[4] != "0";
    for (const std::string& fact : facts_of_a_row(columns_[row[0]], has_new ? "new." : "old."))
      other("only where " + fact, replaced(definition, " EXECUTE ", " WHEN (" + fact + ") EXECUTE "));
  }

  void function(const std::vector<std::string>& row) {
    const std::size_t at = row[2].find(row[1]);
    if (at == std::string::npos) return;
    std::vector<std::string> records;
    if (!row[3].empty() && row[5] == "t")
      records = row[4] == "t" ? std::vector<std::string>{"NEW."} : std::vector<std::string>{"NEW.", "OLD."};
    for (const GuardEdit& edit : edits_of_body(row[1], columns_[row[3]], records)) {
      std::string text = row[2];
      text.replace(at, row[1].size(), edit.text);
      add("function", row[0], edit.what, text);
    }
  }

  void constraint(const std::vector<std::string>& row) {
    const std::string start =
        fmt::format("ALTER TABLE {} DROP CONSTRAINT {} CASCADE", identifier(row[0]), identifier(row[1]));
    const std::string object = row[0] + "." + row[1];
    const std::string& definition = row[3];
    const std::string kind = row[2] == "c" ? "check" : row[2] == "f" ? "reference" : "unique";
    add(kind, object, "dropped", start);
    if (row[2] == "c") {
      for (const GuardEdit& edit : edits_of_condition(definition.substr(6), columns_[row[0]]))
        add(kind, object, edit.what,
            fmt::format("{}; ALTER TABLE {} ADD CONSTRAINT {} CHECK {}", start, identifier(row[0]),
                        identifier(row[1]), edit.text));
    } else if (row[2] == "f") {
      const std::string base = definition.substr(0, definition.find(" ON DELETE"));
      add(kind, object, "deletes cascade",
          fmt::format("{}; ALTER TABLE {} ADD {} ON DELETE CASCADE", start, identifier(row[0]), base));
    } else {
      keys(kind, object, row[0], split(row[4]), start, "");
    }
  }

  void index(const std::vector<std::string>& row) {
    const std::size_t open = row[2].find(" USING btree (") + 14;
    const std::size_t close = row[2].find(')', open);
    const std::size_t where = row[2].find(" WHERE ");
    const std::string object = row[0] + "." + row[1];
    const std::string start = "DROP INDEX " + identifier(row[1]);
    add("unique", object, "dropped", start);
    std::string columns = row[2].substr(open, close - open);
    std::erase(columns, ' ');
    if (columns.contains('(')) return;
    keys("unique", object, row[0], split(columns), start,
         where == std::string::npos ? "" : row[2].substr(where + 7));
    if (where != std::string::npos)
      add("unique", object, "for all rows", start + "; " + row[2].substr(0, where));
  }

  // A key made partial, narrower or wider.
  void keys(const std::string& kind, const std::string& object, const std::string& table,
            const std::vector<std::string>& key, const std::string& start, const std::string& where) {
    const auto other = [&](const std::string& what, const std::vector<std::string>& columns,
                           const std::string& condition) {
      add(kind, object, what,
          fmt::format("{}; CREATE UNIQUE INDEX damaged ON {} ({}){}", start, identifier(table),
                      fmt::join(columns, ", "), condition.empty() ? "" : " WHERE " + condition));
    };
    for (const std::string& fact : facts_of_a_row(columns_[table], ""))
      other("only where " + fact, key, where.empty() ? fact : fmt::format("({}) AND {}", where, fact));
    for (const GuardedColumn& column : columns_[table]) {
      if (std::ranges::find(key, column.name) != key.end() || column.name == "id") continue;
      std::vector<std::string> more = key;
      more.push_back(identifier(column.name));
      other("with " + column.name, more, where);
    }
    for (const std::string& column : key) {
      std::vector<std::string> fewer = key;
      std::erase(fewer, column);
      if (!fewer.empty()) other("without " + column, fewer, where);
    }
  }

  Session session_;
  std::map<std::string, std::vector<GuardedColumn>> columns_;
  std::vector<SchemaDamage> all_;
};

// Guards carry the most rules, so their functions and triggers come up most often.
constexpr std::array<std::string_view, 12> kTurns{"function", "trigger",  "function",  "check",
                                                  "function", "unique",   "function",  "trigger",
                                                  "function", "required", "reference", "check"};

}  // namespace

std::vector<SchemaDamage> draw_damages(const std::string& database_url, std::size_t count, std::uint64_t seed,
                                       const std::string& kind, const std::string& only) {
  std::vector<SchemaDamage> all = Damages(database_url).all();
  std::erase_if(all,
                [&](const SchemaDamage& each) { return !(each.object + ": " + each.what).contains(only); });
  std::mt19937_64 generator(seed);
  std::ranges::shuffle(all, generator);
  // An object's second damage comes after the first of every other one.
  std::map<std::string, std::map<int, std::vector<SchemaDamage>>> rounds;
  std::map<std::string, int> taken;
  for (SchemaDamage& each : all) {
    const int round = taken[each.kind + each.object]++;
    rounds[each.kind][round].push_back(std::move(each));
  }
  std::map<std::string, std::vector<SchemaDamage>> of_kind;
  for (auto& [of, by_round] : rounds) {
    for (auto& [number, round] : by_round) std::ranges::move(round, std::back_inserter(of_kind[of]));
  }
  std::vector<SchemaDamage> drawn;
  std::map<std::string, std::size_t> next;
  for (std::size_t turn = 0; drawn.size() < count && turn < 1000 * kTurns.size(); ++turn) {
    const std::string wanted = kind.empty() ? std::string(kTurns.at(turn % kTurns.size())) : kind;
    std::vector<SchemaDamage>& from = of_kind[wanted];
    if (next[wanted] < from.size()) drawn.push_back(std::move(from[next[wanted]++]));
  }
  return drawn;
}

}  // namespace loadgen
