#include "model/judge/partition.h"

#include <algorithm>
#include <numeric>

namespace model {
namespace {

class UnionFind {
 public:
  explicit UnionFind(std::size_t n) : parent_(n) { std::iota(parent_.begin(), parent_.end(), 0U); }
  std::uint32_t find(std::uint32_t x) {
    while (parent_[x] != x) x = parent_[x] = parent_[parent_[x]];
    return x;
  }
  void join(std::uint32_t a, std::uint32_t b) { parent_[find(a)] = find(b); }

 private:
  std::vector<std::uint32_t> parent_;
};

// Dense node numbers for every aggregate that ids can name.
class Nodes {
 public:
  explicit Nodes(const World& w)
      : tasks_(w.tasks.size()),
        proofs_(w.proofs.size()),
        disputes_(w.disputes.size()),
        events_(w.events.size()),
        pictures_(w.pictures.size()),
        users_(w.users.size()) {}
  std::size_t count() const { return tasks_ + proofs_ + disputes_ + events_ + pictures_ + users_; }
  // Calls f(node) for each aggregate that the command names. Users are not among them.
  template <class F>
  void each(const Command& c, F f) const {
    if (c.task.value < tasks_) f(c.task.value);
    if (c.escrow.value < tasks_) f(c.escrow.value);
    if (c.proof.value < proofs_) f(tasks_ + c.proof.value);
    if (c.dispute.value < disputes_) f(tasks_ + proofs_ + c.dispute.value);
    if (c.event.value < events_) f(tasks_ + proofs_ + disputes_ + c.event.value);
    if (c.picture.value < pictures_) f(tasks_ + proofs_ + disputes_ + events_ + c.picture.value);
  }
  std::uint32_t user(UserId id) const {
    return static_cast<std::uint32_t>(tasks_ + proofs_ + disputes_ + events_ + pictures_ + id.value);
  }
  bool is_user(UserId id) const { return id.value < users_; }

 private:
  std::size_t tasks_, proofs_, disputes_, events_, pictures_, users_;
};

bool shows_user(Action a) {
  return a == Action::user_get_profile || a == Action::user_update_profile || a == Action::user_get_xp ||
         a == Action::user_get_badges || a == Action::user_get_trust_tier;
}

bool may_complete(Action a) {
  return a == Action::task_complete || a == Action::dispute_resolve || a == Action::job_review_timeout ||
         a == Action::escrow_release;
}

// Feeds, checks and acceptances of special tasks look at everything that this case holds (eligibility.md §7):
// such a history is judged as a whole. Ordinary tasks ask nothing that a command could change.
bool looks_at_everything(const World& w, const History& history) {
  const auto special = [](const Operation& op) {
    const Action a = op.command.action;
    if (op.command.input_fault != 0 || op.command.credential != Credential::valid) return false;
    return (a >= Action::feed_get && a <= Action::onboarding_complete) ||
           (a == Action::task_create && static_cast<std::size_t>(op.command.category) >= kPlainCategories);
  };
  return std::ranges::any_of(history.operations, special) ||
         std::ranges::any_of(w.tasks, [](const Task& t) { return t.exists && t.tier > 1; });
}

Partition whole(const World& start, const History& history) {
  Partition result;
  result.users_matter.assign(start.users.size(), true);
  result.components.emplace_back(history.operations.size());
  std::iota(result.components.front().begin(), result.components.front().end(), 0U);
  std::ranges::stable_sort(result.components.front(), {},
                           [&](std::uint32_t i) { return history.operations[i].invoked_us; });
  return result;
}

void join_named(UnionFind& sets, const Nodes& nodes, const World& w, const History& history) {
  for (const Operation& op : history.operations) {
    std::uint32_t first = UINT32_MAX;
    nodes.each(op.command, [&](std::size_t node) {
      const auto n = static_cast<std::uint32_t>(node);
      if (first == UINT32_MAX) first = n;
      sets.join(first, n);
    });
  }
  Command existing;
  for (std::size_t i = 0; i < w.proofs.size(); ++i) {
    if (!w.proofs[i].exists) continue;
    existing = {};
    existing.task = w.proofs[i].task;
    existing.proof = ProofId{static_cast<std::uint16_t>(i)};
    nodes.each(existing,
               [&](std::size_t n) { sets.join(existing.task.value, static_cast<std::uint32_t>(n)); });
  }
  for (std::size_t i = 0; i < w.disputes.size(); ++i) {
    if (!w.disputes[i].exists) continue;
    existing = {};
    existing.task = w.disputes[i].task;
    existing.dispute = DisputeId{static_cast<std::uint16_t>(i)};
    nodes.each(existing,
               [&](std::size_t n) { sets.join(existing.task.value, static_cast<std::uint32_t>(n)); });
  }
  for (std::size_t i = 0; i < w.events.size(); ++i) {
    if (!w.events[i].exists || !w.events[i].escrow.present()) continue;
    existing = {};
    existing.task = task_of(w.events[i].escrow);
    existing.event = EventId{static_cast<std::uint16_t>(i)};
    nodes.each(existing,
               [&](std::size_t n) { sets.join(existing.task.value, static_cast<std::uint32_t>(n)); });
  }
}

// The users who may be worker of each task at some moment.
using Workers = std::vector<std::vector<UserId>>;

Workers possible_workers(const World& w, const History& history) {
  Workers workers(w.tasks.size());
  for (std::size_t t = 0; t < w.tasks.size(); ++t) {
    if (w.tasks[t].worker.present()) workers[t].push_back(w.tasks[t].worker);
  }
  for (const Operation& op : history.operations) {
    if (op.command.action == Action::task_accept && op.command.task.value < w.tasks.size()) {
      workers[op.command.task.value].push_back(op.command.actor);
    }
  }
  return workers;
}

std::vector<bool> users_that_matter(UnionFind& sets, const Nodes& nodes, const World& w,
                                    const History& history, const Workers& workers) {
  std::vector<bool> completes(nodes.count(), false);  // by root of the task's component
  std::vector<bool> matter(w.users.size(), false);
  std::vector<int> submissions(w.users.size(), 0);
  for (const Operation& op : history.operations) {
    const Command& c = op.command;
    if (shows_user(c.action)) {
      if (nodes.is_user(c.actor)) matter[c.actor.value] = true;
      if (nodes.is_user(c.user)) matter[c.user.value] = true;
    }
    // GPS-7: the fix of one submission is judged by the fix of the one before.
    const bool submits = c.action == Action::task_submit_proof || c.action == Action::proof_submit;
    if (submits && nodes.is_user(c.actor) && ++submissions[c.actor.value] > 1) matter[c.actor.value] = true;
    if (may_complete(c.action) && op.outcome.kind != Outcome::Kind::refused) {
      nodes.each(c, [&](std::size_t n) { completes[sets.find(static_cast<std::uint32_t>(n))] = true; });
    }
  }
  for (std::size_t t = 0; t < workers.size(); ++t) {
    if (!completes[sets.find(static_cast<std::uint32_t>(t))]) continue;
    for (const UserId worker : workers[t]) {
      if (nodes.is_user(worker)) matter[worker.value] = true;
    }
  }
  return matter;
}

}  // namespace

Partition partition(const World& start, const History& history) {
  if (looks_at_everything(start, history)) return whole(start, history);
  const Nodes nodes(start);
  UnionFind sets(nodes.count() + history.operations.size());
  join_named(sets, nodes, start, history);
  const Workers workers = possible_workers(start, history);
  Partition result;
  result.users_matter = users_that_matter(sets, nodes, start, history, workers);
  for (std::size_t t = 0; t < workers.size(); ++t) {
    for (const UserId worker : workers[t]) {
      if (nodes.is_user(worker) && result.users_matter[worker.value]) {
        sets.join(static_cast<std::uint32_t>(t), nodes.user(worker));
      }
    }
  }
  std::vector<std::uint32_t> component_of(nodes.count() + history.operations.size(), UINT32_MAX);
  for (std::uint32_t i = 0; i < history.operations.size(); ++i) {
    const Command& c = history.operations[i].command;
    const auto self = static_cast<std::uint32_t>(nodes.count()) + i;
    nodes.each(c, [&](std::size_t n) { sets.join(self, static_cast<std::uint32_t>(n)); });
    if (shows_user(c.action)) {
      for (const UserId user : {c.actor, c.user}) {
        if (nodes.is_user(user) && result.users_matter[user.value]) sets.join(self, nodes.user(user));
      }
    }
  }
  for (std::uint32_t i = 0; i < history.operations.size(); ++i) {
    const std::uint32_t root = sets.find(static_cast<std::uint32_t>(nodes.count()) + i);
    if (component_of[root] == UINT32_MAX) {
      component_of[root] = static_cast<std::uint32_t>(result.components.size());
      result.components.emplace_back();
    }
    result.components[component_of[root]].push_back(i);
  }
  for (auto& component : result.components) {
    std::ranges::stable_sort(component, {},
                             [&](std::uint32_t i) { return history.operations[i].invoked_us; });
  }
  return result;
}

}  // namespace model
