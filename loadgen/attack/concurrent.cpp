#include "loadgen/attack/concurrent.h"

#include <array>
#include <set>

#include "loadgen/attack/copies.h"
#include "loadgen/attack/moves.h"
#include "loadgen/attack/session.h"

namespace loadgen::attack {
namespace {

constexpr std::array<std::string_view, 3> kLevels{"READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"};

struct Schedule {
  std::string_view stage;
  const Move& held;    // runs `point` statements, waits for the other, then goes on
  const Move& runner;  // runs as far as it gets while the other is held
  std::size_t point;
  std::string_view level;
};

// One side of a schedule: sends its statements one by one and knows whether it waits for a lock.
class Side {
 public:
  Side(Session& session, const Move& move, const std::string& prefix, std::string_view level)
      : session_(session) {
    pending_.push_back("BEGIN ISOLATION LEVEL " + std::string(level));
    for (const std::string& statement : move.statements) pending_.push_back(under_prefix(statement, prefix));
    pending_.emplace_back("COMMIT");
  }

  bool done() const { return next_ == pending_.size() && !waiting_; }
  bool waiting() const { return waiting_; }
  bool committed() const { return done() && !failed_; }
  std::size_t position() const { return next_; }
  const std::string& error() const { return error_; }

  // Sends the next statement, or looks again at the one that waits. True when it has been answered.
  bool advance(Session& monitor) {
    if (!waiting_) session_.send(pending_[next_]);
    waiting_ = true;
    for (int round = 0;; ++round) {
      const auto answer = session_.receive(std::chrono::milliseconds(round == 0 ? 3 : 20));
      if (answer) {
        answered(*answer);
        return true;
      }
      if (blocked(monitor)) return false;
    }
  }

 private:
  bool blocked(Session& monitor) const {
    return monitor.value("SELECT cardinality(pg_blocking_pids(" + std::to_string(session_.backend_pid()) +
                         ")) > 0") == "t";
  }

  void answered(const Answer& answer) {
    waiting_ = false;
    ++next_;
    if (answer.ok && !failed_) return;
    if (!failed_) error_ = answer.sqlstate + " " + answer.message;
    if (!failed_ && next_ < pending_.size()) session_.run("ROLLBACK");
    failed_ = true;
    next_ = pending_.size();
  }

  Session& session_;
  std::vector<std::string> pending_;
  std::size_t next_ = 0;
  bool waiting_ = false;
  bool failed_ = false;
  std::string error_;
};

class Concurrent {
 public:
  Concurrent(const std::string& url, const AttackOptions& options)
      : options_(options), first_(url), second_(url), monitor_(url), catalogue_(read_catalogue(monitor_)) {
    for (Session* each : {&first_, &second_}) each->run("SET deadlock_timeout = '20ms'");
  }

  std::vector<AttackResult> run() {
    for (const std::string_view level : kLevels) {
      for (const Stage& at : all_stages()) pairs_at(at.name, level);
      if (!options_.all_levels) break;
    }
    return std::move(results_);
  }

 private:
  void pairs_at(std::string_view at, std::string_view level) {
    const std::vector<Move> moves = moves_at(catalogue_, at);
    for (const Move& held : moves) {
      for (const Move& runner : moves) {
        // Point 0 is the serial order; holding after the last statement means before its COMMIT.
        for (std::size_t point = 1; point <= held.statements.size(); ++point) {
          if (options_.stop && options_.stop()) return;
          execute({at, held, runner, point, level});
        }
      }
    }
  }

  void execute(const Schedule& schedule) {
    const std::string prefix = random_prefix();
    const std::string setup = script_of(path_to(catalogue_, schedule.stage));
    AttackResult result{"write skew", title(schedule), AttackVerdict::held, script(schedule, setup), ""};
    const Answer prepared = monitor_.run(under_prefix(setup, prefix));
    if (!prepared.ok) {
      result.verdict = AttackVerdict::unknown;
      result.evidence = "the stage could not be set up: " + prepared.message;
    } else {
      interleave(schedule, prefix, result);
    }
    results_.push_back(std::move(result));
    if (options_.progress) options_.progress(results_.size(), results_.back().attempt);
  }

  void interleave(const Schedule& schedule, const std::string& prefix, AttackResult& result) {
    Side held(first_, schedule.held, prefix, schedule.level);
    Side runner(second_, schedule.runner, prefix, schedule.level);
    before_ = snapshot(monitor_, catalogue_, prefix);
    broken_.clear();
    while (!held.done() && held.position() < schedule.point + 1) held.advance(monitor_);
    while (!runner.done() && runner.advance(monitor_)) look(runner, prefix);
    while (!held.done() || !runner.done()) {
      bool moved = false;
      for (Side* side : {&held, &runner}) {
        if (!side->done() && side->advance(monitor_)) {
          moved = true;
          look(*side, prefix);
        }
      }
      if (!moved) continue;  // both wait: the database breaks the deadlock and answers one of them
    }
    result.evidence = (held.committed() ? "first committed; " : "first refused: " + held.error() + "; ") +
                      (runner.committed() ? "second committed" : "second refused: " + runner.error());
    if (broken_.empty()) return;
    result.verdict = AttackVerdict::broken;
    result.rule = broken_.front().rule;
    for (const Broken& each : broken_) result.evidence += "\n" + each.rule + ": " + each.sentence;
    result.evidence += "\ncommitted:\n" + difference({}, before_);
  }

  // After each commit: judged against what stood before it, so that merged edges are seen one by one.
  void look(const Side& side, const std::string& prefix) {
    if (!side.committed()) return;
    Snapshot now = snapshot(monitor_, catalogue_, prefix);
    std::set<std::string> known;
    for (const Broken& old : broken_state(before_)) known.insert(old.rule + old.sentence);
    for (Broken& each : broken_by_change(before_, now)) broken_.push_back(std::move(each));
    for (Broken& each : broken_state(now)) {
      if (!known.contains(each.rule + each.sentence)) broken_.push_back(std::move(each));
    }
    before_ = std::move(now);
  }

  static std::string title(const Schedule& schedule) {
    return std::string(schedule.stage) + ": " + schedule.held.name + " held after statement " +
           std::to_string(schedule.point) + " || " + schedule.runner.name + " at " +
           std::string(schedule.level);
  }

  // Two psql windows, told in order.
  static std::string script(const Schedule& schedule, const std::string& setup) {
    const std::string begin = "BEGIN ISOLATION LEVEL " + std::string(schedule.level) + ";\n";
    std::string text = setup + "-- session 1\n" + begin;
    for (std::size_t i = 0; i < schedule.point; ++i) text += schedule.held.statements[i] + ";\n";
    text += "-- session 2 (as far as it gets)\n" + begin;
    for (const std::string& statement : schedule.runner.statements) text += statement + ";\n";
    text += "COMMIT;\n-- session 1\n";
    for (std::size_t i = schedule.point; i < schedule.held.statements.size(); ++i)
      text += schedule.held.statements[i] + ";\n";
    return text + "COMMIT;\n";
  }

  const AttackOptions& options_;
  Session first_, second_, monitor_;
  Catalogue catalogue_;
  Snapshot before_;
  std::vector<Broken> broken_;
  std::vector<AttackResult> results_;
};

}  // namespace

std::vector<AttackResult> attack_concurrently(const std::string& copy_url, const AttackOptions& options) {
  return Concurrent(copy_url, options).run();
}

}  // namespace loadgen::attack
