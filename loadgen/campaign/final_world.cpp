#include "loadgen/campaign/final_world.h"

#include "loadgen/campaign/proof_evidence.h"

#include <algorithm>
#include <iterator>
#include <unordered_map>

#include <fmt/format.h>

#include "model/rules/apply.h"

namespace loadgen {
namespace {

constexpr std::size_t kRowsPerQuery = 5000;

constexpr std::string_view kTaskRows =
    "SELECT t.id, t.state, e.state, e.amount, e.release_amount, e.refund_amount, e.id FROM tasks t"
    " LEFT JOIN escrows e ON e.task_id = t.id WHERE t.id = ANY($1::uuid[])";
constexpr std::string_view kWorkerRows =
    "SELECT id, xp_total, current_level, current_streak, trust_tier FROM users WHERE id = ANY($1::uuid[])";

bool terminal(model::EscrowState state) {
  return state == model::EscrowState::released || state == model::EscrowState::refunded ||
         state == model::EscrowState::refund_partial;
}

bool settled(const FinalWorld& world) {
  return std::ranges::all_of(world.tasks, [](const FinalTask& task) { return terminal(task.escrow); });
}

struct Difference {
  std::string rule, spec, sentence, expected, observed;
};

class Comparison {
 public:
  explicit Comparison(std::vector<model::Finding>& findings) : findings_(findings) {}

  void compare(const FinalTask& want, const Row& row) {
    const auto text = [&](std::size_t i) { return row[i].value_or("none"); };
    const std::vector<std::string> entities{"task " + want.id, "escrow " + text(6)};
    differ(entities, {"final state", "state-machines.md §1-§2",
                      "a task or its escrow ended in a state that its calls do not lead to",
                      fmt::format("task {}, escrow {}", name(want.state), name(want.escrow)),
                      fmt::format("task {}, escrow {}", text(1), text(2))});
    differ(entities,
           {"money.md §3", "money.md §3", "an escrow holds another amount than its task was made for",
            fmt::format("{} cents", want.amount), fmt::format("{} cents", text(3))});
    if (want.escrow != model::EscrowState::refund_partial || text(2) != name(want.escrow)) return;
    differ(
        entities,
        {"money.md §3", "money.md §3",
         fmt::format("a split of {} cents gave the worker's side {} and the poster's side {} cents, but the "
                     "administrator's percentage means {} and {}",
                     want.amount, text(4), text(5), want.release_amount, want.refund_amount),
         parts(std::to_string(want.release_amount), std::to_string(want.refund_amount)),
         parts(text(4), text(5))});
  }

  void compare(const FinalWorker& want, const Row& row) {
    const auto text = [&](std::size_t i) { return row[i].value_or("none"); };
    const std::vector<std::string> entities{"user " + want.id};
    differ(entities,
           {"money.md §5", "money.md §5", "a worker's progress is not what the completed tasks give",
            fmt::format("xp {}, level {}, streak {}", want.xp_total, want.level, want.streak),
            fmt::format("xp {}, level {}, streak {}", text(1), text(2), text(3))});
    differ(entities, {"INV-TRUST", "invariants.md §1", "a worker's tier is not what the completed tasks give",
                      fmt::format("tier {}", want.tier), fmt::format("tier {}", text(4))});
  }

  void missing(const std::string& entity) {
    differ({entity}, {"final state", "state-machines.md §1-§2", "a row that the target named is gone",
                      entity.substr(0, entity.find(' ')) + " row", "none"});
  }

 private:
  static std::string parts(const std::string& release, const std::string& refund) {
    return fmt::format("release {} cents, refund {} cents", release, refund);
  }

  void differ(std::vector<std::string> entities, Difference difference) {
    if (difference.expected == difference.observed) return;
    model::Finding finding;
    finding.rule = std::move(difference.rule);
    finding.spec = std::move(difference.spec);
    finding.judge = kFinalWorldJudge;
    finding.headline = std::move(difference.sentence);
    finding.expected = std::move(difference.expected);
    finding.observed = std::move(difference.observed);
    finding.entities = std::move(entities);
    finding.evidence.emplace_back("model", "after the calls of the case: " + finding.expected);
    finding.evidence.emplace_back("database", "at rest: " + finding.observed);
    findings_.push_back(std::move(finding));
  }

  std::vector<model::Finding>& findings_;
};

// One query for thousands of rows.
template <class Wanted>
void compare_all(Database& database, std::string_view sql, std::string_view word,
                 const std::vector<const Wanted*>& wanted, Comparison& comparison) {
  for (std::size_t from = 0; from < wanted.size(); from += kRowsPerQuery) {
    const std::size_t to = std::min(wanted.size(), from + kRowsPerQuery);
    std::unordered_map<std::string, const Wanted*> by_id;
    std::string ids;
    for (std::size_t i = from; i < to; ++i) {
      by_id[wanted[i]->id] = wanted[i];
      ids += (ids.empty() ? "" : ",") + wanted[i]->id;
    }
    auto missing = by_id;
    for (const Row& row : database.query(std::string(sql), {"{" + ids + "}"})) {
      const std::string id = row[0].value_or("");
      const auto found = by_id.find(id);
      if (found == by_id.end()) continue;
      comparison.compare(*found->second, row);
      missing.erase(id);
    }
    for (const auto& [id, row] : missing) comparison.missing(fmt::format("{} {}", word, id));
  }
}

bool certain(const CaseRecord& record, const model::Linearization& search) {
  return search.verdict == model::Verdict::holds && record.complete &&
         std::ranges::none_of(record.history.operations, [](const model::Operation& o) {
           return o.outcome.kind == model::Outcome::Kind::unknown;
         });
}

void add_calls(FinalWorld& end, const CaseRecord& record) {
  for (const auto* ids :
       {&record.ids.tasks, &record.ids.escrows, &record.ids.proofs, &record.ids.disputes, &record.ids.users})
    std::ranges::copy_if(*ids, std::back_inserter(end.ids), [](const auto& id) { return !id.empty(); });
  for (const model::Operation& o : record.history.operations) end.calls.push_back(o.now);
  std::ranges::sort(end.calls);
  const auto twice = std::ranges::unique(end.calls);
  end.calls.erase(twice.begin(), twice.end());
}

}  // namespace

std::optional<FinalWorld> final_world_of(const CaseRecord& record, const model::Linearization& search) {
  if (!certain(record, search)) return std::nullopt;
  model::World world = record.plan.start;
  FinalWorld end;
  for (const std::uint32_t i : search.order) {
    const model::Operation& o = record.history.operations[i];
    note_submission(end, record, world, o);
    model::apply_observed(world, o.command, o.now, o.outcome);
  }
  for (std::size_t i = 0; i < world.tasks.size() && i < record.ids.tasks.size(); ++i) {
    const model::Task& task = world.tasks[i];
    const model::Escrow& escrow = world.escrows[i];
    if (!task.exists || record.ids.tasks[i].empty()) continue;
    end.tasks.push_back({record.ids.tasks[i], task.state, escrow.state, escrow.amount, escrow.release_amount,
                         escrow.refund_amount});
    if (i < record.ids.escrows.size() && !record.ids.escrows[i].empty())
      end.escrows.push_back(record.ids.escrows[i]);
    const std::size_t worker = task.worker.value;
    if (!task.worker.present() || worker >= record.ids.users.size() || worker >= world.users.size()) continue;
    const std::string& id = record.ids.users[worker];
    if (id.empty() || std::ranges::find(end.workers, id, &FinalWorker::id) != end.workers.end()) continue;
    const model::User& user = world.users[worker];
    end.workers.push_back({id, user.xp_total, user.level, user.streak, user.tier});
  }
  if (end.tasks.empty()) return std::nullopt;
  add_calls(end, record);
  return end;
}

std::vector<model::Finding> audit_final_worlds(Database& database, std::span<const FinalWorld> worlds,
                                               bool test_clock) {
  std::vector<const FinalTask*> tasks;
  std::vector<const FinalWorker*> workers;
  for (const FinalWorld& world : worlds) {
    if (!test_clock && !settled(world)) continue;
    for (const FinalTask& task : world.tasks) tasks.push_back(&task);
    for (const FinalWorker& worker : world.workers) workers.push_back(&worker);
  }
  std::vector<model::Finding> findings;
  Comparison comparison(findings);
  compare_all(database, kTaskRows, "task", tasks, comparison);
  compare_all(database, kWorkerRows, "user", workers, comparison);
  return findings;
}

}  // namespace loadgen
