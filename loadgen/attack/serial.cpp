#include "loadgen/attack/serial.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <ranges>
#include <set>
#include <stdexcept>

#include "loadgen/attack/attempts.h"
#include "loadgen/attack/story.h"
#include "net/sign.h"

namespace loadgen::attack {
namespace {

struct Watched {
  std::string_view table, key;
};
constexpr std::array kWatched{Watched{"users", "id"},
                              Watched{"tasks", "id"},
                              Watched{"escrows", "id"},
                              Watched{"proofs", "id"},
                              Watched{"proof_photos", "id"},
                              Watched{"disputes", "id"},
                              Watched{"xp_ledger", "id"},
                              Watched{"trust_ledger", "id"},
                              Watched{"badges", "id"},
                              Watched{"admin_actions", "id"},
                              Watched{"processed_stripe_events", "event_id"}};

constexpr std::string_view kIdPrefix = "00000000-0000-4000-8000";

std::string script_of(const std::vector<StageStatement>& statements) {
  std::string script;
  for (const StageStatement& each : statements) {
    if (!each.sql.empty()) script += each.sql + ";\n";
  }
  return script;
}

// cast, then the stages from the first to this one
std::vector<StageStatement> path_to(const Catalogue& catalogue, std::string_view name) {
  std::vector<std::string_view> path;
  for (std::string_view at = name; !at.empty(); at = stage(at).parent) path.push_back(at);
  std::vector<StageStatement> all = cast_statements(catalogue);
  for (const std::string_view each : path | std::views::reverse) {
    for (StageStatement& statement : stage_statements(catalogue, each)) all.push_back(std::move(statement));
  }
  return all;
}

std::string fresh_ids(std::string sql, const std::string& prefix) {
  for (auto at = sql.find(kIdPrefix); at != std::string::npos; at = sql.find(kIdPrefix, at)) {
    sql.replace(at, kIdPrefix.size(), prefix);
    at += prefix.size();
  }
  for (const std::string_view word : {"@attack.invalid", "evt_attack"}) {
    for (auto at = sql.find(word); at != std::string::npos; at = sql.find(word, at + word.size() + 9)) {
      sql.insert(at, prefix.substr(0, 8) + ".");
    }
  }
  return sql;
}

std::string rows_text(const Snapshot& before, const Snapshot& after) {
  std::string text;
  for (const auto& [table, rows] : after) {
    const auto old = before.find(table);
    for (const auto& [id, row] : rows) {
      if (old != before.end() && old->second.contains(id) && old->second.at(id) == row) continue;
      text += table + " " + nlohmann::json(row).dump() + "\n";
    }
  }
  for (const auto& [table, rows] : before) {
    for (const auto& [id, row] : rows) {
      const auto now = after.find(table);
      if (now == after.end() || !now->second.contains(id)) text += table + " " + id + ": no row any more\n";
    }
  }
  return text;
}

class Serial {
 public:
  Serial(const std::string& url, const AttackOptions& options)
      : options_(options), session_(url), url_(url), catalogue_(read_catalogue(session_)) {}

  std::vector<AttackResult> run() {
    for (const Stage& each : all_stages()) {
      if (stopped()) break;
      attack_stage(each);
    }
    session_variables();
    return std::move(results_);
  }

 private:
  bool stopped() const { return options_.stop && options_.stop(); }

  void attack_stage(const Stage& at) {
    session_.run("BEGIN");
    const auto path = path_to(catalogue_, at.name);
    const bool reached = walk(path, at);
    const std::string setup = script_of(path);
    if (reached) {
      // Deferred checks fire here, so that what is pending belongs to the attempt alone.
      session_.run("SET CONSTRAINTS ALL IMMEDIATE");
      session_.run("SET CONSTRAINTS ALL DEFERRED");
      const Snapshot before = snapshot(session_, catalogue_);
      for (const Attempt& attempt : attempts_at(catalogue_, at.name)) {
        if (stopped()) break;
        attack_once(attempt, setup, before);
        if (options_.progress) options_.progress(results_.size(), attempt.name);
      }
    }
    session_.run("ROLLBACK");
    // Only now: a committed repetition must not wait for the locks of this transaction.
    for (const auto& [index, attempt] : to_confirm_) confirm(attempt, setup, results_[index]);
    to_confirm_.clear();
  }

  // The legal writes: a schema that refuses everything fails too.
  bool walk(const std::vector<StageStatement>& path, const Stage& at) {
    std::string done;
    for (const StageStatement& statement : path) {
      if (statement.sql.empty()) continue;
      const Answer answer = session_.run(statement.sql);
      done += statement.sql + ";\n";
      if (!answer.ok) {
        results_.push_back({std::string(statement.rule), "legal write on the way to " + std::string(at.name),
                            AttackVerdict::broken, done,
                            "refused with " + answer.sqlstate + ": " + answer.message});
        return false;
      }
    }
    results_.push_back({std::string(at.rule), "legal writes up to " + std::string(at.name),
                        AttackVerdict::held, done, "accepted"});
    return true;
  }

  Answer perform(Session& session, const Attempt& attempt) {
    if (attempt.copy_table.empty()) return session.run(attempt.sql);
    std::vector<std::string> columns;
    std::vector<std::optional<std::string>> values;
    for (const auto& [column, expression] : attempt.copy_row) {
      if (!catalogue_.has(attempt.copy_table, column)) continue;
      columns.push_back(column);
      values.emplace_back(session.value("SELECT (" + expression + ")::text"));
    }
    return session.copy_row(attempt.copy_table, columns, values);
  }

  void attack_once(const Attempt& attempt, const std::string& setup, const Snapshot& before) {
    session_.run("SAVEPOINT attempt");
    Answer answer = perform(session_, attempt);
    if (answer.ok) answer = session_.run("SET CONSTRAINTS ALL IMMEDIATE");
    AttackResult result{attempt.rule, attempt.name, AttackVerdict::held, setup + attempt.sql + ";\n", ""};
    if (!answer.ok) {
      judge_refusal(attempt, answer, result);
    } else {
      judge_success(attempt, before, snapshot(session_, catalogue_), result);
    }
    session_.run("ROLLBACK TO SAVEPOINT attempt");
    if (result.verdict == AttackVerdict::broken && answer.ok)
      to_confirm_.emplace_back(results_.size(), attempt);
    results_.push_back(std::move(result));
  }

  static void judge_refusal(const Attempt& attempt, const Answer& answer, AttackResult& result) {
    result.evidence = "refused with " + answer.sqlstate + ": " + answer.message;
    // 42xxx: the statement does not fit this schema (a column or table is missing), so nothing was tried.
    if (answer.sqlstate.starts_with("42")) {
      result.verdict = AttackVerdict::not_applicable;
    } else if (!attempt.expected_code.empty() && answer.sqlstate != attempt.expected_code) {
      result.verdict = AttackVerdict::broken;
      result.evidence += "; the specification demands " + attempt.expected_code;
    }
  }

  static void judge_success(const Attempt& attempt, const Snapshot& before, const Snapshot& after,
                            AttackResult& result) {
    std::vector<Broken> broken = broken_by_change(before, after);
    std::set<std::string> known;
    for (const Broken& old : broken_state(before)) known.insert(old.rule + old.sentence);
    for (Broken& now : broken_state(after)) {
      if (!known.contains(now.rule + now.sentence)) broken.push_back(std::move(now));
    }
    result.evidence = "accepted; no rule of the database is broken by it";
    if (broken.empty()) return;
    result.verdict = AttackVerdict::broken;
    const auto aimed = std::ranges::find(broken, attempt.rule, &Broken::rule);
    result.rule = aimed != broken.end() ? aimed->rule : broken.front().rule;
    result.evidence.clear();
    for (const Broken& each : broken) result.evidence += each.rule + ": " + each.sentence + "\n";
  }

  // Once more with fresh ids and real commits: the rows that prove it.
  void confirm(const Attempt& attempt, const std::string& setup, AttackResult& result) {
    const std::string prefix = net::random_hex(4) + "-0000-4000-8000";
    Session other(url_);
    Attempt again = attempt;
    again.sql = fresh_ids(attempt.sql, prefix);
    for (auto& [column, expression] : again.copy_row) expression = fresh_ids(expression, prefix);
    const Answer prepared = other.run(fresh_ids(setup, prefix));
    const Snapshot before = snapshot(other, catalogue_);
    const Answer answer = prepared.ok ? perform(other, again) : prepared;
    if (answer.ok) {
      result.evidence += "committed:\n" + rows_text(before, snapshot(other, catalogue_));
    } else if (!prepared.ok) {
      result.evidence += "not repeated with commits: " + prepared.message + "\n";
    } else {
      result.verdict = AttackVerdict::held;
      result.evidence = "accepted by the statement, refused at commit with " + answer.sqlstate;
    }
  }

  // Triggers can be switched off by whoever owns the tables: a fact about the role, not about the schema.
  void session_variables() {
    const Answer answer = session_.run("BEGIN; SET LOCAL session_replication_role = 'replica'; ROLLBACK");
    results_.push_back(
        {"§3", "session_replication_role = replica",
         answer.ok ? AttackVerdict::not_applicable : AttackVerdict::held,
         "SET session_replication_role = 'replica';",
         answer.ok ? "this role may switch every trigger off; the application must not use such a role"
                   : "refused with " + answer.sqlstate});
    if (!answer.ok) session_.run("ROLLBACK");
  }

  const AttackOptions& options_;
  Session session_;
  std::string url_;
  Catalogue catalogue_;
  std::vector<AttackResult> results_;
  std::vector<std::pair<std::size_t, Attempt>> to_confirm_;
};

}  // namespace

Snapshot snapshot(Session& session, const Catalogue& catalogue) {
  std::string sql;
  for (const Watched& each : kWatched) {
    if (!catalogue.has(std::string(each.table))) continue;
    sql += (sql.empty() ? "" : " UNION ALL ") + std::string("SELECT '") + std::string(each.table) + "', " +
           std::string(each.key) + "::text, to_jsonb(t)::text FROM " + std::string(each.table) + " t";
  }
  Snapshot result;
  const Answer answer = session.run(sql);
  if (!answer.ok) throw std::runtime_error("database: snapshot failed: " + answer.message);
  for (const auto& row : answer.rows) {
    Row& cells = result[row[0]][row[1]];
    for (const auto& [column, value] : nlohmann::json::parse(row[2]).items()) {
      if (!value.is_null()) cells[column] = value.is_string() ? value.get<std::string>() : value.dump();
    }
  }
  return result;
}

std::vector<AttackResult> attack_serially(const std::string& copy_url, const AttackOptions& options) {
  return Serial(copy_url, options).run();
}

}  // namespace loadgen::attack
