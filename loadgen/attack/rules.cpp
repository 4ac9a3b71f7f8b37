#include "loadgen/attack/rules.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <set>

#include "loadgen/attack/eligibility.h"
#include "loadgen/attack/evidence.h"
#include "model/vocabulary/states.h"

namespace loadgen::attack {
namespace {

const std::map<std::string, Row>& rows_of(const Snapshot& now, const std::string& table) {
  static const std::map<std::string, Row> kNone;
  const auto found = now.find(table);
  return found == now.end() ? kNone : found->second;
}

// Pairs of task and escrow that no later legal write of either row can repair (state-machines.md §5).
constexpr std::array<std::pair<std::string_view, std::string_view>, 16> kBadPairs{{
    {"ACCEPTED", "PENDING"},
    {"ACCEPTED", "REFUNDED"},
    {"ACCEPTED", "RELEASED"},
    {"ACCEPTED", "REFUND_PARTIAL"},
    {"PROOF_SUBMITTED", "PENDING"},
    {"PROOF_SUBMITTED", "REFUNDED"},
    {"PROOF_SUBMITTED", "RELEASED"},
    {"PROOF_SUBMITTED", "REFUND_PARTIAL"},
    {"DISPUTED", "PENDING"},
    {"DISPUTED", "RELEASED"},
    {"COMPLETED", "PENDING"},
    {"COMPLETED", "REFUNDED"},
    {"COMPLETED", "REFUND_PARTIAL"},
    {"CANCELLED", "RELEASED"},
    {"EXPIRED", "RELEASED"},
    {"OPEN", "RELEASED"},
}};

// Q13: what happened has its instant.
void judge_escrow_instants(const std::string& id, const Row& escrow, std::vector<Broken>& broken) {
  const std::string state = get(escrow, "state");
  const auto lacks = [&](const char* column) {
    if (get(escrow, column).empty())
      broken.push_back({"Q13", "escrow " + id + " is " + state + " without " + column});
  };
  if (state != "PENDING" && state != "REFUNDED") lacks("funded_at");
  if (state == "RELEASED") lacks("released_at");
  if (state == "REFUNDED" || state == "REFUND_PARTIAL") lacks("refunded_at");
}

void judge_escrows(const Snapshot& now, std::vector<Broken>& broken) {
  std::set<std::string> tasks_seen;
  for (const auto& [id, escrow] : rows_of(now, "escrows")) {
    const auto& tasks = rows_of(now, "tasks");
    const auto task = tasks.find(get(escrow, "task_id"));
    const std::string state = get(escrow, "state");
    if (!tasks_seen.insert(get(escrow, "task_id")).second)
      broken.push_back({"ESCROW-ONE", "second escrow " + id});
    const std::string parts[2]{get(escrow, "refund_amount"), get(escrow, "release_amount")};
    const long sum = std::atol(parts[0].c_str()) + std::atol(parts[1].c_str());
    if (state == "REFUND_PARTIAL" &&
        (parts[0].empty() || parts[1].empty() || std::to_string(sum) != get(escrow, "amount"))) {
      broken.push_back({"ESCROW-PARTIAL", "escrow " + id + " split " + parts[0] + " + " + parts[1] + " of " +
                                              get(escrow, "amount")});
    }
    if (state != "REFUND_PARTIAL" && !(parts[0].empty() && parts[1].empty()))
      broken.push_back({"Q06", "escrow " + id + " is " + state + " with amounts of a split"});
    if (std::ranges::any_of(parts, [](const std::string& part) { return part.starts_with('-'); }))
      broken.push_back({"ESCROW-PARTIAL", "escrow " + id + " split " + parts[0] + " and " + parts[1]});
    judge_escrow_instants(id, escrow, broken);
    if (task == tasks.end()) continue;
    const std::string task_state = get(task->second, "state");
    if (state == "RELEASED" && task_state != "COMPLETED") {
      broken.push_back({"INV-2", "escrow " + id + " is RELEASED while its task is " + task_state});
    } else if (std::ranges::any_of(kBadPairs, [&](const auto& pair) {
                 return pair.first == task_state && pair.second == state;
               })) {
      broken.push_back(
          {"Q07", "task " + task_state + " with escrow " + state + ": no legal write repairs this pair"});
    }
    if (get(escrow, "amount") != get(task->second, "price")) {
      broken.push_back({"INV-4", "escrow " + id + " holds " + get(escrow, "amount") + ", the task costs " +
                                     get(task->second, "price")});
    }
  }
}

bool has_accepted_proof(const Snapshot& now, const std::string& task) {
  return std::ranges::any_of(rows_of(now, "proofs"), [&](const auto& entry) {
    return get(entry.second, "task_id") == task && get(entry.second, "state") == "ACCEPTED";
  });
}

// Q30: a final state has its instant, and no other state has it.
void judge_task_instants(const std::string& id, const Row& task, std::vector<Broken>& broken) {
  const std::string state = get(task, "state");
  for (const auto& [final, column] :
       {std::pair{"COMPLETED", "completed_at"}, std::pair{"CANCELLED", "cancelled_at"},
        std::pair{"EXPIRED", "expired_at"}}) {
    if ((state == final) == get(task, column).empty())
      broken.push_back(
          {"Q30", "task " + id + " is " + state + ", " + column + " is '" + get(task, column) + "'"});
  }
  const bool taken = state != "OPEN" && state != "CANCELLED" && state != "EXPIRED";
  if (taken && get(task, "accepted_at").empty())
    broken.push_back({"Q30", "task " + id + " is " + state + " without accepted_at"});
}

void judge_tasks(const Snapshot& now, std::vector<Broken>& broken) {
  for (const auto& [id, task] : rows_of(now, "tasks")) {
    const std::string state = get(task, "state");
    judge_task_instants(id, task, broken);
    const bool worked =
        state == "ACCEPTED" || state == "PROOF_SUBMITTED" || state == "DISPUTED" || state == "COMPLETED";
    if (state == "COMPLETED" && get(task, "requires_proof") != "false" && !has_accepted_proof(now, id)) {
      broken.push_back({"INV-3", "task " + id + " is COMPLETED without an ACCEPTED proof"});
    }
    if (!get(task, "worker_id").empty() && get(task, "worker_id") == get(task, "poster_id")) {
      broken.push_back({"NO-SELF", "task " + id + ": worker and poster are the same person"});
    }
    if (worked && get(task, "worker_id").empty())
      broken.push_back({"Q18", "task " + id + " is " + state + " without a worker"});
    if (get(task, "mode") == "LIVE" && std::atol(get(task, "price").c_str()) < 1500) {
      broken.push_back({"LIVE-2", "LIVE task " + id + " costs " + get(task, "price")});
    }
    if (get(task, "mode") == "LIVE" && !get(task, "live_broadcast_started_at").empty()) {
      const auto& escrows = rows_of(now, "escrows");
      const bool funded = std::ranges::any_of(escrows, [&](const auto& entry) {
        return get(entry.second, "task_id") == id && !get(entry.second, "funded_at").empty();
      });
      if (!funded) broken.push_back({"LIVE-1", "LIVE task " + id + " was broadcast without a funded escrow"});
    }
  }
}

void judge_proofs(const Snapshot& now, std::vector<Broken>& broken) {
  std::map<std::string, int> photos;
  std::map<std::string, int> live;
  for (const auto& [id, photo] : rows_of(now, "proof_photos")) ++photos[get(photo, "proof_id")];
  for (const auto& [id, proof] : rows_of(now, "proofs")) {
    const std::string state = get(proof, "state");
    const auto task = rows_of(now, "tasks").find(get(proof, "task_id"));
    if (photos[id] > 5)
      broken.push_back({"PROOF-PHOTO-1", "proof " + id + " has " + std::to_string(photos[id]) + " photos"});
    if ((state == "SUBMITTED" || state == "ACCEPTED" || state == "REJECTED") && photos[id] == 0) {
      broken.push_back({"PROOF-PHOTO-2", "proof " + id + " is " + state + " without a photo"});
    }
    if ((state == "SUBMITTED" || state == "PENDING") && ++live[get(proof, "task_id")] > 1) {
      broken.push_back({"PRF-4", "task " + get(proof, "task_id") + " has two live proofs"});
    }
    if (!get(proof, "reviewed_by").empty() && get(proof, "reviewed_by") == get(proof, "submitter_id")) {
      broken.push_back({"NO-SELF", "proof " + id + " was reviewed by its submitter"});
    }
    if (task != rows_of(now, "tasks").end() && get(task->second, "worker_id") != get(proof, "submitter_id")) {
      broken.push_back({"Q19", "proof " + id + " was not submitted by the worker of its task"});
    }
  }
}

void judge_ledgers(const Snapshot& now, std::vector<Broken>& broken) {
  std::set<std::string> paid;
  for (const auto& [id, xp] : rows_of(now, "xp_ledger")) {
    const auto escrow = rows_of(now, "escrows").find(get(xp, "escrow_id"));
    if (!paid.insert(get(xp, "escrow_id")).second)
      broken.push_back({"INV-5", "second XP row for escrow " + get(xp, "escrow_id")});
    if (!get(xp, "effective_xp").empty() && std::atol(get(xp, "effective_xp").c_str()) < 1)
      broken.push_back({"money.md §5", "XP row " + id + " gives nothing"});
    if (escrow == rows_of(now, "escrows").end() || get(escrow->second, "state") != "RELEASED") {
      broken.push_back({"INV-1", "XP row " + id + " without a RELEASED escrow"});
      continue;
    }
    const auto task = rows_of(now, "tasks").find(get(escrow->second, "task_id"));
    if (task == rows_of(now, "tasks").end() || task->first != get(xp, "task_id") ||
        get(task->second, "worker_id") != get(xp, "user_id")) {
      broken.push_back({"XP-OWNER", "XP row " + id + " does not belong to the worker of the escrow's task"});
    }
  }
  std::set<std::string> badges;
  for (const auto& [id, badge] : rows_of(now, "badges")) {
    if (!badges.insert(get(badge, "user_id") + "/" + get(badge, "badge_type")).second) {
      broken.push_back({"INV-BADGE-2", "badge " + get(badge, "badge_type") + " granted twice"});
    }
  }
}

// A final task whose money was never locked: nobody will decide this dispute any more.
bool came_too_late(const Snapshot& now, const Row& dispute) {
  const auto task = rows_of(now, "tasks").find(get(dispute, "task_id"));
  const auto escrow = rows_of(now, "escrows").find(get(dispute, "escrow_id"));
  if (task == rows_of(now, "tasks").end() || escrow == rows_of(now, "escrows").end()) return false;
  const std::string state = get(task->second, "state");
  return (state == "COMPLETED" || state == "CANCELLED" || state == "EXPIRED") &&
         get(escrow->second, "state") == "FUNDED";
}

// D1: a dispute is between the parties of its task, about the escrow of its task.
bool is_misplaced(const Snapshot& now, const Row& dispute) {
  const auto task = rows_of(now, "tasks").find(get(dispute, "task_id"));
  const auto escrow = rows_of(now, "escrows").find(get(dispute, "escrow_id"));
  if (task == rows_of(now, "tasks").end() || escrow == rows_of(now, "escrows").end()) return false;
  const std::string opener = get(dispute, "initiated_by");
  const bool by_party =
      opener.empty() || opener == get(dispute, "poster_id") || opener == get(dispute, "worker_id");
  return !by_party || get(escrow->second, "task_id") != task->first ||
         get(task->second, "poster_id") != get(dispute, "poster_id") ||
         get(task->second, "worker_id") != get(dispute, "worker_id");
}

void judge_disputes(const Snapshot& now, std::vector<Broken>& broken) {
  std::set<std::string> open;
  for (const auto& [id, dispute] : rows_of(now, "disputes")) {
    if (is_misplaced(now, dispute))
      broken.push_back({"D1", "dispute " + id + " names other parties, or the escrow of another task"});
    if (get(dispute, "state") != "RESOLVED") {
      if (came_too_late(now, dispute)) {
        broken.push_back({"Q15", "dispute " + id + " is open about a task that has ended undisputed"});
      }
      if (!open.insert(get(dispute, "task_id")).second)
        broken.push_back({"Q14", "two open disputes for task " + get(dispute, "task_id")});
      continue;
    }
    constexpr std::array<std::array<std::string_view, 2>, 3> kOutcomes{
        {{"HUSTLER_WINS", "RELEASE"}, {"CLIENT_WINS", "REFUND"}, {"SPLIT", "SPLIT"}}};
    const bool matched = std::ranges::any_of(kOutcomes, [&](const auto& outcome) {
      return outcome[0] == get(dispute, "resolution") && outcome[1] == get(dispute, "outcome_escrow_action");
    });
    // A verdict written in a later statement is the service's affair; one that contradicts itself is not.
    if (!matched && dispute.contains("resolution") && dispute.contains("outcome_escrow_action")) {
      broken.push_back({"Q16", "dispute " + id + " was resolved " + get(dispute, "resolution") +
                                   " with outcome " + get(dispute, "outcome_escrow_action")});
    }
    if (get(dispute, "resolved_by") == get(dispute, "poster_id") ||
        get(dispute, "resolved_by") == get(dispute, "worker_id")) {
      broken.push_back({"NO-SELF", "dispute " + id + " was resolved by one of its parties"});
    }
  }
}

long number(const Row& row, std::string_view column) {
  return std::atol(get(row, column).c_str());
}

// Values that no rule of the vocabulary knows.
void judge_domains(const Snapshot& now, std::vector<Broken>& broken) {
  const auto state_is_known = [&](const char* table, const auto& names) {
    for (const auto& [id, row] : rows_of(now, table)) {
      if (std::ranges::find(names, get(row, "state")) == names.end()) {
        broken.push_back(
            {"state names", std::string(table) + " " + id + " is in state " + get(row, "state")});
      }
    }
  };
  state_is_known("tasks", model::kTaskStateNames);
  state_is_known("escrows", model::kEscrowStateNames);
  state_is_known("proofs", model::kProofStateNames);
  state_is_known("disputes", model::kDisputeStateNames);
  for (const auto& [id, task] : rows_of(now, "tasks")) {
    if (number(task, "price") < 500)
      broken.push_back({"INV-4", "task " + id + " costs " + get(task, "price")});
    if (std::ranges::find(model::kModeNames, get(task, "mode")) == model::kModeNames.end()) {
      broken.push_back({"state names", "task " + id + " is in mode " + get(task, "mode")});
    }
  }
  for (const auto& [id, escrow] : rows_of(now, "escrows")) {
    if (number(escrow, "amount") <= 0)
      broken.push_back({"INV-4", "escrow " + id + " holds " + get(escrow, "amount")});
  }
  std::set<std::string> uids;
  std::set<std::string> mails;
  for (const auto& [id, user] : rows_of(now, "users")) {
    const long tier = number(user, "trust_tier");
    if (tier < 1 || tier > 4)
      broken.push_back({"tier range", "user " + id + " has tier " + get(user, "trust_tier")});
    if (number(user, "xp_total") < 0 || number(user, "current_level") > 10) {
      broken.push_back({"INV-XP-4", "user " + id + " has impossible XP or level"});
    }
    const std::string standing = get(user, "account_status");
    if (!standing.empty() &&
        std::ranges::find(model::kAccountStatusNames, standing) == model::kAccountStatusNames.end()) {
      broken.push_back({"state names", "user " + id + " has standing " + standing});
    }
    const bool same_uid = user.contains("firebase_uid") && !uids.insert(get(user, "firebase_uid")).second;
    if (same_uid || !mails.insert(get(user, "email")).second) {
      broken.push_back({"identity", "user " + id + " shares its sign-in with another user"});
    }
  }
  std::set<std::string> payouts;
  for (const auto& [id, payout] : rows_of(now, "transfer_retry_queue")) {
    const std::string status = get(payout, "status");
    if ((status == "PENDING" || status == "PROCESSING") && !payouts.insert(get(payout, "escrow_id")).second) {
      broken.push_back({"one payout", "escrow " + get(payout, "escrow_id") + " waits for two payouts"});
    }
  }
}

// AUDIT-2, AUDIT-3: the current tier is what the ledger says, and the ledger says nothing that did not
// happen.
void judge_trust(const Snapshot& now, std::vector<Broken>& broken) {
  for (const auto& [id, user] : rows_of(now, "users")) {
    const std::string tier = get(user, "trust_tier");
    if (tier.empty()) continue;
    // The rows are steps of one path from tier 1 to the present one: what enters a tier leaves it, but for
    // the ends.
    std::map<std::string, int> balance{{"1", 1}};
    for (const auto& [row_id, row] : rows_of(now, "trust_ledger")) {
      if (get(row, "user_id") != id) continue;
      ++balance[get(row, "new_tier")];
      --balance[get(row, "old_tier")];
    }
    --balance[tier];
    const bool recorded = std::ranges::all_of(balance, [](const auto& entry) { return entry.second == 0; });
    if (!recorded)
      broken.push_back(
          {"AUDIT-2", "user " + id + " has tier " + tier + ", which the trust_ledger does not say"});
  }
}

// References of the cast's rows to people who do not exist; the other tables are asked directly.
void judge_references(const Snapshot& now, std::vector<Broken>& broken) {
  const auto& users = rows_of(now, "users");
  for (const auto& [table, column] :
       {std::pair{"tasks", "worker_id"}, std::pair{"tasks", "poster_id"}, std::pair{"proofs", "reviewed_by"},
        std::pair{"proofs", "submitter_id"}, std::pair{"disputes", "resolved_by"}}) {
    for (const auto& [id, row] : rows_of(now, table)) {
      const std::string user = get(row, column);
      if (!user.empty() && !users.contains(user))
        broken.push_back({"references", std::string(table) + " " + id + ": " + column + " is nobody"});
    }
  }
}

}  // namespace

std::string get(const Row& row, std::string_view column) {
  const auto found = row.find(std::string(column));
  return found == row.end() ? std::string() : found->second;
}

std::vector<Broken> broken_state(const Snapshot& now) {
  std::vector<Broken> broken;
  judge_escrows(now, broken);
  judge_tasks(now, broken);
  judge_proofs(now, broken);
  judge_ledgers(now, broken);
  judge_disputes(now, broken);
  judge_trust(now, broken);
  judge_domains(now, broken);
  judge_references(now, broken);
  judge_eligibility(now, broken);
  judge_evidence(now, broken);
  return broken;
}

}  // namespace loadgen::attack
