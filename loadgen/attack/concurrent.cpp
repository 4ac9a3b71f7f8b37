#include "loadgen/attack/concurrent.h"

#include <algorithm>
#include <array>
#include <set>

#include "loadgen/attack/copies.h"
#include "loadgen/attack/moves.h"
#include "loadgen/attack/session.h"

namespace loadgen::attack {
namespace {

constexpr std::array<std::string_view, 3> kLevels{"READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"};

// Above READ COMMITTED a session reads right after its BEGIN: whatever it reads fixes its snapshot, so that
// it writes on an old one whenever the other commits before its turn. No table, because SERIALIZABLE would
// remember a read that the move does not make.
std::string beginning(std::string_view level) {
  const std::string begin = "BEGIN ISOLATION LEVEL " + std::string(level);
  return level == kLevels.front() ? begin : begin + ";\nSELECT 1";
}

// Who sends the next statement, '1' or '2', up to both COMMITs. BEGIN is nobody's turn: it locks nothing and
// reads no row.
struct Schedule {
  std::string_view stage;
  const Move& first;
  const Move& second;
  std::string order;
  std::string_view level;
};

// One side of a schedule: sends its statements one by one and knows whether it waits for a lock.
class Side {
 public:
  Side(Session& session, const Move& move, const std::string& prefix, std::string_view level)
      : session_(session) {
    session_.run(beginning(level));
    for (const std::string& statement : move.statements) pending_.push_back(under_prefix(statement, prefix));
    pending_.emplace_back("COMMIT");
  }

  bool done() const { return next_ == pending_.size() && !waiting_; }
  bool waiting() const { return waiting_; }
  bool committed() const { return done() && !failed_; }
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
      if (!is_wanted(level)) continue;
      for (const Stage& at : all_stages()) pairs_at(at.name, level);
    }
    return std::move(results_);
  }

 private:
  bool is_wanted(std::string_view level) const {
    return options_.all_levels || level == kLevels.front() ||
           (options_.repeatable_read && level == "REPEATABLE READ");
  }

  void pairs_at(std::string_view at, std::string_view level) {
    const std::vector<Move> moves = moves_at(catalogue_, at);
    for (std::size_t i = 0; i < moves.size(); ++i) {
      for (std::size_t j = i; j < moves.size(); ++j) {
        options_.all_orders ? every_order(at, moves[i], moves[j], level)
                            : held_at_each(at, moves[i], moves[j], level);
      }
    }
  }

  bool stopped() const { return options_.stop && options_.stop(); }

  // Either of them is held after each of its statements: after the last one means before its COMMIT. Above
  // READ COMMITTED also before the first, when it has its snapshot already.
  void held_at_each(std::string_view at, const Move& a, const Move& b, std::string_view level) {
    const auto hold = [&](char held, std::size_t its, std::size_t others) {
      for (std::size_t point = level == kLevels.front() ? 1 : 0; point <= its && !stopped(); ++point) {
        const char other = held == '1' ? '2' : '1';
        execute(
            {at, a, b,
             std::string(point, held) + std::string(others + 1, other) + std::string(its + 1 - point, held),
             level});
      }
    };
    hold('1', a.statements.size(), b.statements.size());
    if (&a != &b) hold('2', b.statements.size(), a.statements.size());
  }

  // All merges of the two sequences, but for those in which somebody who waits for a lock would have the next
  // turn: the database does not let them happen.
  void every_order(std::string_view at, const Move& a, const Move& b, std::string_view level) {
    impossible_.clear();
    std::string order = std::string(a.statements.size() + 1, '1') + std::string(b.statements.size() + 1, '2');
    do {
      if (stopped()) return;
      const bool possible = std::ranges::none_of(
          impossible_, [&](const std::string& prefix) { return order.starts_with(prefix); });
      if (possible) execute({at, a, b, order, level});
      // Two sessions with the same statements: the second half of the orders mirrors the first.
    } while (std::ranges::next_permutation(order).found && (&a != &b || order.front() == '1'));
  }

  void execute(const Schedule& schedule) {
    if (!options_.only.empty() && !options_.only.contains(title(schedule))) return;
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
    if (result.verdict == AttackVerdict::broken && options_.broken) options_.broken(result);
    results_.push_back(std::move(result));
    if (options_.progress) options_.progress(results_.size(), results_.back().attempt);
  }

  void interleave(const Schedule& schedule, const std::string& prefix, AttackResult& result) {
    Side first(first_, schedule.first, prefix, schedule.level);
    Side second(second_, schedule.second, prefix, schedule.level);
    before_ = snapshot(monitor_, catalogue_, prefix);
    broken_.clear();
    for (std::size_t turn = 0; turn < schedule.order.size(); ++turn) {
      Side& side = schedule.order[turn] == '1' ? first : second;
      Side& other = schedule.order[turn] == '1' ? second : first;
      const bool waited = side.waiting();
      if (!advance(side, prefix) && waited) impossible_.push_back(schedule.order.substr(0, turn + 1));
      if (other.waiting()) advance(other, prefix);  // what it waited for may be gone
    }
    while (!first.done() || !second.done()) {
      // When both wait, the database breaks the deadlock and answers one of them.
      advance(first, prefix);
      advance(second, prefix);
    }
    result.evidence = (first.committed() ? "first committed; " : "first refused: " + first.error() + "; ") +
                      (second.committed() ? "second committed" : "second refused: " + second.error());
    if (broken_.empty()) return;
    result.verdict = AttackVerdict::broken;
    result.rule = broken_.front().rule;
    for (const Broken& each : broken_) result.evidence += "\n" + each.rule + ": " + each.sentence;
    result.evidence += "\ncommitted:\n" + difference({}, before_);
  }

  // False when it waits for a lock.
  bool advance(Side& side, const std::string& prefix) {
    if (side.done()) return true;
    if (!side.advance(monitor_)) return false;
    look(side, prefix);
    return true;
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
    return std::string(schedule.stage) + ": " + schedule.first.name + " || " + schedule.second.name +
           " in the order " + schedule.order + " at " + std::string(schedule.level);
  }

  // Two psql windows, told in order.
  static std::string script(const Schedule& schedule, const std::string& setup) {
    const std::string begin = beginning(schedule.level) + ";\n";
    std::string text = setup + "-- session 1\n" + begin + "-- session 2\n" + begin;
    std::array<std::size_t, 2> next{};
    char speaker = '2';
    for (const char turn : schedule.order) {
      const std::vector<std::string>& statements =
          turn == '1' ? schedule.first.statements : schedule.second.statements;
      std::size_t& at = next[turn == '1' ? 0 : 1];
      if (turn != speaker) text += std::string("-- session ") + turn + " (goes on when it waits no more)\n";
      text += (at < statements.size() ? statements[at] : "COMMIT") + ";\n";
      speaker = turn;
      ++at;
    }
    return text;
  }

  const AttackOptions& options_;
  Session first_, second_, monitor_;
  Catalogue catalogue_;
  Snapshot before_;
  std::vector<Broken> broken_;
  std::vector<std::string> impossible_;  // beginnings of orders
  std::vector<AttackResult> results_;
};

}  // namespace

std::vector<AttackResult> attack_concurrently(const std::string& copy_url, const AttackOptions& options) {
  return Concurrent(copy_url, options).run();
}

}  // namespace loadgen::attack
