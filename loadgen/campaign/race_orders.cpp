#include "loadgen/campaign/race_orders.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace loadgen {
namespace {

using model::Action;
using model::Operation;

struct Pair {
  Action one, other;
};
constexpr std::array kPairs{Pair{Action::task_accept, Action::task_accept},
                            Pair{Action::task_accept, Action::task_cancel},
                            Pair{Action::task_accept, Action::job_task_expiry},
                            Pair{Action::task_submit_proof, Action::task_cancel},
                            Pair{Action::proof_accept, Action::proof_reject},
                            Pair{Action::task_complete, Action::task_complete},
                            Pair{Action::task_complete, Action::dispute_create},
                            Pair{Action::task_complete, Action::task_cancel},
                            Pair{Action::escrow_release, Action::escrow_refund},
                            Pair{Action::dispute_create, Action::dispute_create},
                            Pair{Action::dispute_resolve, Action::dispute_resolve},
                            Pair{Action::webhook_deliver, Action::task_cancel},
                            Pair{Action::webhook_deliver, Action::webhook_deliver},
                            Pair{Action::task_complete, Action::escrow_release}};

std::string counter(Action first, Action second, bool first_sent) {
  if (first != second) return fmt::format("race {} before {}", name(first), name(second));
  return fmt::format("race {} twice, the {} sent wins", name(first), first_sent ? "first" : "second");
}

Action side_of(Action action) {  // two names of one call
  return action == Action::proof_submit ? Action::task_submit_proof : action;
}

bool is_race(Action a, Action b) {
  return std::ranges::any_of(
      kPairs, [&](const Pair& p) { return (p.one == a && p.other == b) || (p.one == b && p.other == a); });
}

bool same_subject(const model::Command& a, const model::Command& b) {
  const auto task = [](const model::Command& c) { return c.task.present() ? c.task : task_of(c.escrow); };
  return task(a) == task(b);
}

bool fair(const Operation& o) {
  return o.command.credential == model::Credential::valid && o.command.input_fault == 0 &&
         o.command.flavour == model::EventFlavour::genuine;
}

// `a` was sent before `b`.
bool a_came_first(const Operation& a, const Operation& b, std::size_t place_a, std::size_t place_b) {
  const bool a_won = a.outcome.kind == model::Outcome::Kind::accepted;
  const bool b_won = b.outcome.kind == model::Outcome::Kind::accepted;
  if (a_won != b_won && a.command.action != Action::job_task_expiry &&
      b.command.action != Action::job_task_expiry)
    return a_won;
  if (a_won && b_won && a.command.action != b.command.action) return place_a < place_b;
  return a.returned_us <= b.returned_us;
}

}  // namespace

const std::vector<std::string>& all_race_orders() {
  static const std::vector<std::string> all = [] {
    std::vector<std::string> names;
    for (const auto& [one, other] : kPairs) {
      names.push_back(counter(one, other, true));
      names.push_back(counter(other, one, false));
    }
    return names;
  }();
  return all;
}

void count_race_orders(const CaseRecord& record, const model::Linearization& search, Tally& tally) {
  const auto& operations = record.history.operations;
  std::vector<std::size_t> place(operations.size(), operations.size());
  for (std::size_t i = 0; i < search.order.size(); ++i) place[search.order[i]] = i;
  for (std::size_t i = 0; i < operations.size(); ++i) {
    for (std::size_t k = i + 1; k < operations.size() && operations[k].step == operations[i].step; ++k) {
      const Operation &a = operations[i], &b = operations[k];
      const Action of_a = side_of(a.command.action), of_b = side_of(b.command.action);
      if (!is_race(of_a, of_b) || !same_subject(a.command, b.command) || !fair(a) || !fair(b)) continue;
      if (a.outcome.kind == model::Outcome::Kind::unknown || b.outcome.kind == model::Outcome::Kind::unknown)
        continue;
      const bool lower_lane_is_a = a.lane < b.lane;
      const bool a_first = a_came_first(a, b, place[i], place[k]);
      ++tally[a_first ? counter(of_a, of_b, lower_lane_is_a) : counter(of_b, of_a, !lower_lane_is_a)];
    }
  }
}

}  // namespace loadgen
