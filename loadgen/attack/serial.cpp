#include "loadgen/attack/serial.h"

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <ranges>
#include <set>
#include <stdexcept>

#include "loadgen/attack/attempts.h"
#include "loadgen/attack/copies.h"

namespace loadgen::attack {
namespace {

// A schema without guards breaks thousands of times: committed rows are shown for the first of each rule.
constexpr int kConfirmedPerRule = 5;

class Serial {
 public:
  Serial(const std::string& url, const AttackOptions& options)
      : options_(options), session_(url), url_(url), catalogue_(read_catalogue(session_)) {}

  std::vector<AttackResult> run() {
    for (const Pass pass : {Pass::one_of_each, Pass::rest}) {
      for (const Stage& each : all_stages()) {
        if (stopped()) break;
        attack_stage(each, pass);
      }
    }
    session_variables();
    return std::move(results_);
  }

 private:
  // One attempt for each rule, table and kind of statement first: a damaged schema is known after a moment.
  enum class Pass { one_of_each, rest };

  bool stopped() const { return options_.stop && options_.stop(); }

  bool is_turn_of(Pass pass, const Stage& at, const Attempt& attempt) {
    const std::string key =
        std::string(at.name) + "/" + attempt.name + "/" + attempt.sql + "/" + attempt.shows;
    if (pass == Pass::rest) return !done_.contains(key);
    const std::size_t verb = attempt.name.find(' ');
    const std::size_t object = attempt.name.find_first_of(" .", verb + 1);
    if (!kinds_.insert(attempt.rule + "/" + attempt.name.substr(0, object)).second) return false;
    done_.insert(key);
    return true;
  }

  // Without attempts a stage is not set up; its legal writes are attempts too.
  std::vector<Attempt> wanted_at(const Stage& at, Pass pass) {
    std::vector<Attempt> wanted = attempts_at(catalogue_, at.name);
    std::erase_if(wanted, [&](const Attempt& attempt) {
      return (!options_.only.empty() && !options_.only.contains(attempt.name)) ||
             !is_turn_of(pass, at, attempt);
    });
    return wanted;
  }

  void attack_stage(const Stage& at, Pass pass) {
    const std::vector<Attempt> wanted = wanted_at(at, pass);
    const bool legal_wanted = options_.only.empty() || options_.only.contains(title(at));
    if (wanted.empty() && (pass == Pass::rest || !legal_wanted)) return;
    session_.run("BEGIN");
    const auto path = path_to(catalogue_, at.name);
    const std::size_t told = results_.size();
    const bool reached = walk(path, at);
    if (pass == Pass::rest) results_.resize(told);  // said before
    const std::string setup = script_of(path);
    if (reached) {
      // Deferred checks fire here, so that what is pending belongs to the attempt alone.
      session_.run("SET CONSTRAINTS ALL IMMEDIATE");
      session_.run("SET CONSTRAINTS ALL DEFERRED");
      const Snapshot before = snapshot(session_, catalogue_);
      session_.run("SAVEPOINT attempt");
      for (const Attempt& attempt : wanted) {
        if (stopped()) break;
        attack_once(attempt, setup, before);
        if (options_.progress) options_.progress(results_.size(), attempt.name);
      }
    }
    session_.run("ROLLBACK");
    // Only now: a committed repetition must not wait for the locks of this transaction.
    for (const auto& [index, attempt] : to_confirm_) {
      if (++confirmed_[results_[index].rule] <= kConfirmedPerRule) confirm(attempt, setup, results_[index]);
    }
    to_confirm_.clear();
    for (; options_.broken && told_ < results_.size(); ++told_) {
      if (results_[told_].verdict == AttackVerdict::broken) options_.broken(results_[told_]);
    }
  }

  static std::string title(const Stage& at) { return "legal writes up to " + std::string(at.name); }

  // The legal writes: a schema that refuses everything fails too.
  bool walk(const std::vector<StageStatement>& path, const Stage& at) {
    std::string done;
    for (const StageStatement& statement : path) {
      if (statement.sql.empty()) continue;
      const Answer answer = session_.run(statement.sql);
      done += statement.sql + ";\n";
      if (!answer.ok) {
        results_.push_back({std::string(statement.rule), title(at), AttackVerdict::broken, done,
                            "refused with " + answer.sqlstate + ": " + answer.message});
        return false;
      }
    }
    results_.push_back({std::string(at.rule), title(at), AttackVerdict::held, done, "accepted"});
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

  // The savepoint is the stage's: each attempt begins by taking back the one before it.
  void attack_once(const Attempt& attempt, const std::string& setup, const Snapshot& before) {
    constexpr const char* kBack = "ROLLBACK TO SAVEPOINT attempt";
    if (!attempt.copy_table.empty()) session_.run(kBack);
    Answer answer = attempt.copy_table.empty() ? session_.run(std::string(kBack) + "; " + attempt.sql)
                                               : perform(session_, attempt);
    if (answer.ok) answer = session_.run("SET CONSTRAINTS ALL IMMEDIATE");
    AttackResult result{attempt.rule, attempt.name, AttackVerdict::held, setup + attempt.sql + ";\n", ""};
    if (!answer.ok) {
      judge_refusal(attempt, answer, result);
    } else if (!attempt.shows.empty()) {
      judge_shown(session_.run(attempt.shows), result);
    } else {
      judge_success(attempt, before, snapshot(session_, catalogue_), result);
    }
    if (result.verdict == AttackVerdict::broken && answer.ok)
      to_confirm_.emplace_back(results_.size(), attempt);
    results_.push_back(std::move(result));
  }

  // ESCROW-PARTIAL: a trigger's code or that of the CHECK behind it, a tester accepts either.
  static bool pinned(std::string_view code, std::string_view told) {
    return told == code || ((code == "HX005" || code == "HX006") && told == "23514");
  }

  static void judge_refusal(const Attempt& attempt, const Answer& answer, AttackResult& result) {
    result.evidence = "refused with " + answer.sqlstate + ": " + answer.message;
    // 42xxx: the statement does not fit this schema (a column or table is missing), so nothing was tried.
    if (answer.sqlstate.starts_with("42")) {
      result.verdict = AttackVerdict::not_applicable;
    } else if (attempt.wanted == Wanted::accepted ||
               (attempt.wanted == Wanted::fitting && answer.sqlstate.starts_with("22"))) {
      result.verdict = AttackVerdict::broken;
      result.evidence += "; the specification allows it";
    } else if (!attempt.expected_code.empty() && !pinned(attempt.expected_code, answer.sqlstate)) {
      result.verdict = AttackVerdict::broken;
      result.evidence += "; the specification demands " + attempt.expected_code;
    }
  }

  // What the attempt itself asks for after its statement.
  static void judge_shown(const Answer& shown, AttackResult& result) {
    if (!shown.ok) {
      result.verdict =
          shown.sqlstate.starts_with("42") ? AttackVerdict::not_applicable : AttackVerdict::unknown;
      result.evidence = "the rows could not be read: " + shown.message;
      return;
    }
    result.evidence = "accepted; no rule of the database is broken by it";
    if (shown.rows.empty()) return;
    result.verdict = AttackVerdict::broken;
    result.evidence =
        result.rule + ": " + std::to_string(shown.rows.size()) + " row(s) that no rule allows:\n";
    for (const auto& row : shown.rows) result.evidence += row.front() + "\n";
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
    const std::string prefix = random_prefix();
    Session other(url_);
    Attempt again = attempt;
    again.sql = under_prefix(attempt.sql, prefix);
    for (auto& [column, expression] : again.copy_row) expression = under_prefix(expression, prefix);
    const Answer prepared = other.run(under_prefix(setup, prefix));
    const Snapshot before = snapshot(other, catalogue_, prefix);
    const Answer answer = prepared.ok ? perform(other, again) : prepared;
    if (answer.ok && !attempt.shows.empty()) {
      result.evidence += "committed:\n";
      for (const auto& row : other.run(under_prefix(attempt.shows, prefix)).rows)
        result.evidence += row.front() + "\n";
    } else if (answer.ok) {
      result.evidence += "committed:\n" + difference(before, snapshot(other, catalogue_, prefix));
    } else if (!prepared.ok) {
      result.evidence += "not repeated with commits: " + prepared.message + "\n";
    } else {
      result.verdict = AttackVerdict::held;
      result.evidence = "accepted by the statement, refused at commit with " + answer.sqlstate;
    }
  }

  // Guards can be switched off by whoever owns the tables: a fact about the role, not about the schema.
  void session_variables() {
    struct Power {
      std::string_view name, sql, says;
    };
    static constexpr std::array kPowers{
        Power{"session_replication_role = replica", "SET LOCAL session_replication_role = 'replica'",
              "this role may switch every trigger off"},
        Power{"ALTER TABLE escrows DISABLE TRIGGER", "ALTER TABLE escrows DISABLE TRIGGER USER",
              "this role may disable the triggers of escrows"},
        Power{"DROP of a unique index", "ALTER TABLE escrows DROP CONSTRAINT IF EXISTS escrows_task_id_key",
              "this role may drop the index that keeps one escrow a task"},
        Power{"GRANT UPDATE (amount)", "GRANT UPDATE (amount) ON escrows TO PUBLIC",
              "this role may hand out the right to change amounts"}};
    for (const Power& power : kPowers) {
      const Answer answer = session_.run("BEGIN; " + std::string(power.sql) + "; ROLLBACK");
      results_.push_back({"§3", std::string(power.name),
                          answer.ok ? AttackVerdict::not_applicable : AttackVerdict::held,
                          std::string(power.sql) + ";",
                          answer.ok ? std::string(power.says) + "; the application must not use such a role"
                                    : "refused with " + answer.sqlstate});
      if (!answer.ok) session_.run("ROLLBACK");
    }
  }

  const AttackOptions& options_;
  Session session_;
  std::string url_;
  Catalogue catalogue_;
  std::vector<AttackResult> results_;
  std::vector<std::pair<std::size_t, Attempt>> to_confirm_;
  std::map<std::string, int> confirmed_;
  std::set<std::string> kinds_, done_;  // of the first pass
  std::size_t told_ = 0;                // results up to here are certain and told
};

}  // namespace

std::vector<AttackResult> attack_serially(const std::string& copy_url, const AttackOptions& options) {
  return Serial(copy_url, options).run();
}

}  // namespace loadgen::attack
