#include "model/judge/linearize.h"

#include <algorithm>
#include <deque>
#include <limits>

#include "model/judge/footprint.h"
#include "model/judge/memo.h"
#include "model/judge/partition.h"
#include "model/judge/state_table.h"
#include "model/rules/apply.h"
#include "model/vocabulary/contract.h"

namespace model {
namespace {

using Clock = std::chrono::steady_clock;

struct Limits {
  std::uint64_t states_left = 0;
  Clock::time_point deadline;
};

bool only_reads(Action a) {
  return is_procedure(a) && procedure(a).kind == Kind::query;
}

// Of the operations that fit and change nothing now, which are taken at once, without an alternative?
enum class Eager : std::uint8_t {
  all,         // quick, and nearly always enough to find an order
  pure_alone,  // those that can change nothing later either: then no order is missed
};

// A job or a webhook that is answered alike with an effect and without one may have had it later, when a lost
// call had prepared it. A refusal never has one, but for the processor's word (apply_observed).
bool is_pure(const Operation& o) {
  return only_reads(o.command.action) ||
         (o.outcome.kind == Outcome::Kind::refused && o.command.action != Action::processor_cancel_intent);
}

// The search over one component. Positions are indexes into `ops_`, which are in order of invocation.
class Search {
 public:
  Search(World& world, const History& history, const std::vector<std::uint32_t>& component,
         const std::vector<bool>& users_matter, Limits& limits, Eager eager);
  Verdict run();

  std::vector<std::uint32_t> taken_in_order() const;
  const std::vector<std::uint32_t>& longest_prefix() const { return best_; }
  std::uint32_t stuck() const { return stuck_; }
  std::uint64_t visited() const { return visited_; }

 private:
  enum class Fit : std::uint8_t { wrong_answer, without_effect, with_effect };
  struct Taken {
    std::uint32_t position;
    std::size_t changes_before;
    bool has_undo;
  };
  struct Node {
    std::size_t trail;          // what to keep when the node is given up
    std::size_t choices_begin;  // its part of choices_
    std::size_t next;
    std::size_t choices_end;
  };

  const Operation& op(std::uint32_t position) const { return history_.operations[ops_[position]]; }
  Fit fit(std::uint32_t position);
  void take(std::uint32_t position, bool with_effect);
  void give_back(std::size_t keep);
  void unlink(std::uint32_t position);
  void relink(std::uint32_t position);
  std::int64_t earliest_return() const;
  void absorb_and_collect();
  void sort_choices(std::size_t begin);
  bool open_node(std::size_t trail_before);
  bool seen_before();
  void remember_dead_end();
  bool exhausted();
  bool complete() const { return next_[end_] == end_; }
  World& world_;
  const History& history_;
  std::vector<std::uint32_t> ops_;
  const std::vector<bool>& users_matter_;
  Limits& limits_;
  Eager eager_;
  std::uint32_t end_;  // sentinel of the list of pending answered operations
  std::vector<std::uint32_t> next_, prev_;
  std::vector<std::uint32_t> lost_;  // positions whose answer is unknown
  std::vector<bool> read_, taken_;
  std::vector<std::uint32_t> twin_;  // positions with equal command, clock and answer share a number
  std::vector<std::uint64_t> done_;  // bitset of taken positions
  std::uint64_t done_hash_ = 0;
  StateTable state_;
  std::vector<StateTable::Change> changes_;
  std::deque<Undo> undo_;  // one per operation with effect on the trail, reused
  std::size_t undo_used_ = 0;
  Undo probe_;
  std::vector<Taken> trail_;
  std::vector<std::uint32_t> choices_;
  std::vector<Node> nodes_;
  std::vector<std::uint64_t> tested_;  // node number in which the position was last tried
  std::uint64_t visited_ = 0;
  Memo memo_;
  std::vector<std::uint32_t> key_;
  std::vector<std::uint32_t> best_;
  std::uint32_t stuck_ = 0;
  std::size_t answered_taken_ = 0, best_answered_ = 0;
  bool have_best_ = false;
};

Search::Search(World& world, const History& history, const std::vector<std::uint32_t>& component,
               const std::vector<bool>& users_matter, Limits& limits, Eager eager)
    : world_(world),
      history_(history),
      ops_(component),
      users_matter_(users_matter),
      limits_(limits),
      eager_(eager),
      end_(static_cast<std::uint32_t>(component.size())),
      next_(component.size() + 1),
      prev_(component.size() + 1),
      read_(component.size()),
      taken_(component.size()),
      twin_(component.size()),
      done_((component.size() + 63) / 64),
      state_(world, users_matter),
      tested_(component.size(), 0) {
  std::uint32_t last = end_;
  for (std::uint32_t i = 0; i < end_; ++i) {
    const Operation& o = op(i);
    read_[i] = only_reads(o.command.action);
    state_.track(world_, footprint_of(world_, o.command));
    twin_[i] = i;
    for (std::uint32_t back = 1; back <= i && back <= 128; ++back) {  // twins further apart only cost time
      const Operation& other = op(i - back);
      if (other.now == o.now && other.outcome == o.outcome && other.command == o.command) {
        twin_[i] = twin_[i - back];
        break;
      }
    }
    if (o.outcome.kind == Outcome::Kind::unknown) {
      lost_.push_back(i);
      continue;
    }
    next_[last] = i;
    prev_[i] = last;
    last = i;
  }
  next_[last] = end_;
  prev_[end_] = last;
}

void Search::unlink(std::uint32_t i) {
  next_[prev_[i]] = next_[i];
  prev_[next_[i]] = prev_[i];
}

void Search::relink(std::uint32_t i) {
  next_[prev_[i]] = i;
  prev_[next_[i]] = i;
}

// Applies the operation to see what it would do, and takes it back.
Search::Fit Search::fit(std::uint32_t i) {
  const Operation& o = op(i);
  const bool lost = o.outcome.kind == Outcome::Kind::unknown;
  if (read_[i]) {
    if (lost) return Fit::without_effect;
    return acceptable(o.command, apply(world_, o.command, o.now), o.outcome) ? Fit::without_effect
                                                                             : Fit::wrong_answer;
  }
  probe_.save(world_, footprint_of(world_, o.command));
  const Outcome expected = apply_observed(world_, o.command, o.now, o.outcome);
  const bool effect = probe_.changed(world_, users_matter_);
  probe_.restore(world_);
  if (!lost && !acceptable(o.command, expected, o.outcome)) return Fit::wrong_answer;
  return effect ? Fit::with_effect : Fit::without_effect;
}

void Search::take(std::uint32_t i, bool with_effect) {
  trail_.push_back({i, changes_.size(), with_effect});
  if (with_effect) {
    if (undo_used_ == undo_.size()) undo_.emplace_back();
    Undo& undo = undo_[undo_used_++];
    undo.save(world_, footprint_of(world_, op(i).command));
    apply_observed(world_, op(i).command, op(i).now, op(i).outcome);
    state_.update(world_, undo.footprint(), changes_);
  }
  taken_[i] = true;
  done_[i / 64] |= std::uint64_t{1} << (i % 64);
  done_hash_ ^= mix(i + 0x5bd1e995ULL);
  if (op(i).outcome.kind != Outcome::Kind::unknown) {
    unlink(i);
    ++answered_taken_;
  }
}

void Search::give_back(std::size_t keep) {
  while (trail_.size() > keep) {
    const Taken t = trail_.back();
    trail_.pop_back();
    if (op(t.position).outcome.kind != Outcome::Kind::unknown) {
      relink(t.position);
      --answered_taken_;
    }
    taken_[t.position] = false;
    done_[t.position / 64] &= ~(std::uint64_t{1} << (t.position % 64));
    done_hash_ ^= mix(t.position + 0x5bd1e995ULL);
    if (t.has_undo) {
      undo_[--undo_used_].restore(world_);
      state_.revert(changes_, t.changes_before);
    }
  }
}

// Whatever is taken next must have been invoked before the first pending operation returned (Lowe).
std::int64_t Search::earliest_return() const {
  std::int64_t earliest = std::numeric_limits<std::int64_t>::max();
  for (std::uint32_t i = next_[end_]; i != end_ && op(i).invoked_us <= earliest; i = next_[i]) {
    earliest = std::min(earliest, op(i).returned_us);
  }
  return earliest;
}

// Takes what fits here without effect and may be taken at once; appends what else fits to choices_.
void Search::absorb_and_collect() {
  ++visited_;
  const std::size_t begin = choices_.size();
  for (bool again = true; again;) {
    again = false;
    const std::int64_t limit = earliest_return();
    for (std::uint32_t i = next_[end_]; i != end_ && op(i).invoked_us <= limit;) {
      const std::uint32_t following = next_[i];
      if (tested_[i] != visited_) {
        tested_[i] = visited_;
        const Fit f = fit(i);
        if (f == Fit::without_effect && (eager_ == Eager::all || is_pure(op(i)))) {
          take(i, false);
          again = true;
        } else if (f != Fit::wrong_answer) {
          choices_.push_back(i);
        }
      }
      i = following;
    }
  }
  if (complete()) return;
  const std::int64_t limit = earliest_return();
  for (const std::uint32_t i : lost_) {
    if (op(i).invoked_us > limit) break;
    if (!taken_[i] && fit(i) == Fit::with_effect) choices_.push_back(i);
  }
  sort_choices(begin);
}

// Answered before lost, earliest return first; of twins only the first, because they may swap places.
void Search::sort_choices(std::size_t begin) {
  const auto first = choices_.begin() + static_cast<std::ptrdiff_t>(begin);
  std::stable_sort(first, choices_.end(), [&](std::uint32_t a, std::uint32_t b) {
    const bool lost_a = op(a).outcome.kind == Outcome::Kind::unknown;
    const bool lost_b = op(b).outcome.kind == Outcome::Kind::unknown;
    return lost_a != lost_b ? lost_b : op(a).returned_us < op(b).returned_us;
  });
  std::size_t kept = begin;
  for (std::size_t i = begin; i < choices_.size(); ++i) {
    const std::uint32_t twin = twin_[choices_[i]];
    const auto same = [&](std::uint32_t other) { return twin_[other] == twin; };
    if (std::none_of(first, choices_.begin() + static_cast<std::ptrdiff_t>(kept), same)) {
      choices_[kept++] = choices_[i];
    }
  }
  choices_.resize(kept);
}

// The bitset without its full words in front and its empty words behind, then the state.
bool Search::seen_before() {
  std::size_t from = 0;
  std::size_t to = done_.size();
  while (from < to && done_[from] == ~std::uint64_t{0}) ++from;
  while (to > from && done_[to - 1] == 0) --to;
  key_.clear();
  key_.push_back(static_cast<std::uint32_t>(from));
  for (std::size_t w = from; w < to; ++w) {
    key_.push_back(static_cast<std::uint32_t>(done_[w]));
    key_.push_back(static_cast<std::uint32_t>(done_[w] >> 32));
  }
  key_.insert(key_.end(), state_.numbers().begin(), state_.numbers().end());
  return !memo_.insert(done_hash_ ^ state_.hash(), key_);
}

void Search::remember_dead_end() {
  if (have_best_ && answered_taken_ <= best_answered_) return;
  have_best_ = true;
  best_answered_ = answered_taken_;
  best_ = taken_in_order();
  const std::int64_t limit = earliest_return();
  for (std::uint32_t i = next_[end_]; i != end_; i = next_[i]) {
    if (op(i).returned_us == limit) {
      stuck_ = ops_[i];
      return;
    }
  }
}

// After something was taken: true if a node with choices was opened, false at the end or where no way leads
// on.
bool Search::open_node(std::size_t trail_before) {
  const std::size_t begin = choices_.size();
  absorb_and_collect();
  if (complete()) return false;
  if (choices_.size() == begin) {
    remember_dead_end();
    return false;
  }
  const bool alternatives = choices_.size() - begin > 1 || !nodes_.empty();
  if (alternatives && seen_before()) {
    choices_.resize(begin);
    return false;
  }
  nodes_.push_back({trail_before, begin, begin, choices_.size()});
  return true;
}

bool Search::exhausted() {
  if (memo_.size() >= limits_.states_left) return true;
  return visited_ % 64 == 0 && Clock::now() >= limits_.deadline;
}

Verdict Search::run() {
  open_node(0);
  while (!complete()) {
    if (nodes_.empty()) return Verdict::broken;
    if (exhausted()) return Verdict::unknown;
    Node& node = nodes_.back();
    if (node.next == node.choices_end) {
      const std::size_t keep = node.trail;
      choices_.resize(node.choices_begin);
      nodes_.pop_back();
      give_back(keep);
      continue;
    }
    const std::uint32_t choice = choices_[node.next++];
    const std::size_t before = trail_.size();
    take(choice, true);
    if (!open_node(before) && !complete()) give_back(before);
  }
  limits_.states_left -= std::min<std::uint64_t>(limits_.states_left, memo_.size());
  return Verdict::holds;
}

std::vector<std::uint32_t> Search::taken_in_order() const {
  std::vector<std::uint32_t> order;
  order.reserve(trail_.size());
  for (const Taken& t : trail_) order.push_back(ops_[t.position]);
  return order;
}

}  // namespace

Linearization linearize(const World& start, const History& history, const SearchBudget& budget) {
  const Partition parts = partition(start, history);
  World world = start;
  Limits limits{budget.states, Clock::now() + budget.time};
  Linearization result;
  result.verdict = Verdict::holds;
  for (const auto& component : parts.components) {
    const auto search_with = [&](Eager eager) {
      Search search(world, history, component, parts.users_matter, limits, eager);
      const Verdict verdict = search.run();
      result.states += search.visited();
      if (verdict == Verdict::holds) {
        const std::vector<std::uint32_t> order = search.taken_in_order();
        result.order.insert(result.order.end(), order.begin(), order.end());
      } else if (verdict == Verdict::broken) {
        result.prefix = search.longest_prefix();
        result.stuck = search.stuck();
      }
      return verdict;
    };
    Verdict verdict = search_with(Eager::all);
    if (verdict == Verdict::broken) {
      world = start;
      verdict = search_with(Eager::pure_alone);
    }
    if (verdict == Verdict::holds) continue;
    if (verdict == Verdict::broken || result.verdict == Verdict::holds) result.component = component;
    result.verdict = verdict;
    if (verdict == Verdict::broken) break;
    world = start;  // an unfinished search leaves its component half applied; components are disjoint
  }
  if (result.verdict != Verdict::holds) result.order.clear();
  if (result.verdict != Verdict::broken) {
    result.prefix.clear();
    result.stuck.reset();
  }
  return result;
}

}  // namespace model
