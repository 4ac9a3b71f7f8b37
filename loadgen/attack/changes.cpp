#include <algorithm>
#include <array>
#include <string_view>

#include "loadgen/attack/rules.h"
#include "loadgen/attack/verification.h"

namespace loadgen::attack {
namespace {

struct Edge {
  std::string_view table, from, to;
};

// state-machines.md §1-§4. Preconditions that one row cannot show are judged by broken_state.
constexpr std::array kEdges{Edge{"tasks", "OPEN", "ACCEPTED"},
                            Edge{"tasks", "ACCEPTED", "PROOF_SUBMITTED"},
                            Edge{"tasks", "PROOF_SUBMITTED", "ACCEPTED"},
                            Edge{"tasks", "PROOF_SUBMITTED", "COMPLETED"},
                            Edge{"tasks", "PROOF_SUBMITTED", "DISPUTED"},
                            Edge{"tasks", "ACCEPTED", "DISPUTED"},
                            Edge{"tasks", "DISPUTED", "COMPLETED"},
                            Edge{"tasks", "DISPUTED", "CANCELLED"},
                            Edge{"tasks", "OPEN", "CANCELLED"},
                            Edge{"tasks", "ACCEPTED", "CANCELLED"},
                            Edge{"tasks", "OPEN", "EXPIRED"},
                            Edge{"tasks", "ACCEPTED", "EXPIRED"},
                            Edge{"escrows", "PENDING", "FUNDED"},
                            Edge{"escrows", "PENDING", "REFUNDED"},
                            Edge{"escrows", "FUNDED", "RELEASED"},
                            Edge{"escrows", "FUNDED", "REFUNDED"},
                            Edge{"escrows", "FUNDED", "LOCKED_DISPUTE"},
                            Edge{"escrows", "LOCKED_DISPUTE", "RELEASED"},
                            Edge{"escrows", "LOCKED_DISPUTE", "REFUNDED"},
                            Edge{"escrows", "LOCKED_DISPUTE", "REFUND_PARTIAL"},
                            Edge{"proofs", "PENDING", "SUBMITTED"},
                            Edge{"proofs", "PENDING", "EXPIRED"},
                            Edge{"proofs", "SUBMITTED", "ACCEPTED"},
                            Edge{"proofs", "SUBMITTED", "REJECTED"},
                            Edge{"proofs", "REJECTED", "ACCEPTED"},  // P5, only in a dispute: judged below
                            Edge{"disputes", "OPEN", "EVIDENCE_REQUESTED"},
                            Edge{"disputes", "EVIDENCE_REQUESTED", "OPEN"},
                            Edge{"disputes", "OPEN", "ESCALATED"},
                            Edge{"disputes", "EVIDENCE_REQUESTED", "ESCALATED"},
                            Edge{"disputes", "OPEN", "RESOLVED"},
                            Edge{"disputes", "EVIDENCE_REQUESTED", "RESOLVED"},
                            Edge{"disputes", "ESCALATED", "RESOLVED"}};

struct Frozen {
  std::string_view table, column, rule;
};

// Columns that never change after the insert.
constexpr std::array kFrozen{Frozen{"escrows", "amount", "INV-4"},
                             Frozen{"escrows", "task_id", "TERM-ESCROW"},
                             Frozen{"tasks", "price", "INV-4"},
                             Frozen{"tasks", "mode", "MODE-FIX"},
                             Frozen{"tasks", "requires_proof", "INV-3"},
                             Frozen{"tasks", "poster_id", "NO-SELF"},
                             Frozen{"tasks", "required_trust_tier", "P5"},
                             Frozen{"tasks", "required_trade", "P5"},
                             Frozen{"tasks", "risk_level", "P5"},
                             Frozen{"tasks", "task_category", "P5"},
                             Frozen{"tasks", "insurance_required", "P5"},
                             Frozen{"tasks", "background_check_required", "P5"},
                             Frozen{"tasks", "location_state", "P5"},
                             Frozen{"tasks", "urgency", "P5"},
                             Frozen{"proof_uploads", "task_id", "PRF-7"},
                             Frozen{"proof_uploads", "user_id", "PRF-7"},
                             Frozen{"proof_uploads", "photo_type", "PRF-7"},
                             Frozen{"proof_uploads", "content_type", "PRF-7"},
                             Frozen{"proof_uploads", "file_size_bytes", "PRF-7"},
                             Frozen{"proof_uploads", "checksum_sha256", "PRF-7"},
                             Frozen{"proof_uploads", "expires_at", "PRF-7"}};

// Final states and what freezes with them (TERM-*, the stricter picks). "*": everything but updated_at.
struct Final {
  std::string_view table, state, rule;
  std::array<std::string_view, 7> columns;
};
constexpr std::array<std::string_view, 7> kEverything{"*"};
constexpr std::array<std::string_view, 7> kMoney{
    "state", "amount", "task_id", "refund_amount", "release_amount", "released_at", "refunded_at"};
constexpr std::array<std::string_view, 7> kVerdict{"state", "resolution", "outcome_escrow_action",
                                                   "resolved_by", "resolved_at"};
constexpr std::array<std::string_view, 7> kReview{"state",       "task_id",     "submitter_id",
                                                  "reviewed_by", "reviewed_at", "submitted_at"};
constexpr std::array kFinals{Final{"tasks", "COMPLETED", "TERM-TASK", kEverything},
                             Final{"tasks", "CANCELLED", "TERM-TASK", kEverything},
                             Final{"tasks", "EXPIRED", "TERM-TASK", kEverything},
                             Final{"escrows", "RELEASED", "TERM-ESCROW", kMoney},
                             Final{"escrows", "REFUNDED", "TERM-ESCROW", kMoney},
                             Final{"escrows", "REFUND_PARTIAL", "TERM-ESCROW", kMoney},
                             Final{"proofs", "ACCEPTED", "TERM-PROOF", kReview},
                             Final{"disputes", "RESOLVED", "TERM-DISPUTE", kVerdict}};

struct Ledger {
  std::string_view table, rule;
};
constexpr std::array kLedgers{
    Ledger{"xp_ledger", "LEDGER-XP"},      Ledger{"badges", "INV-BADGE-2"},
    Ledger{"trust_ledger", "INV-TRUST-3"}, Ledger{"admin_actions", "AUDIT-5"},
    Ledger{"photo_bindings", "PRF-13"},    Ledger{"proof_locations", "GPS evidence"},
    Ledger{"fraud_events", "fraud signal"}};

// What only a later step may write (decision 26).
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kLater{{{"escrows", "funded_at"},
                                                                               {"escrows", "released_at"},
                                                                               {"escrows", "refunded_at"},
                                                                               {"proofs", "reviewed_by"},
                                                                               {"proofs", "reviewed_at"},
                                                                               {"proofs", "rejection_reason"},
                                                                               {"disputes", "resolved_by"},
                                                                               {"disputes", "resolved_at"}}};

struct Birth {
  std::string_view table;
  std::array<std::string_view, 2> states;
};
// decision 26
constexpr std::array kBirths{Birth{"tasks", {"OPEN", "OPEN"}}, Birth{"escrows", {"PENDING", "PENDING"}},
                             Birth{"proofs", {"PENDING", "SUBMITTED"}}, Birth{"disputes", {"OPEN", "OPEN"}}};

std::string_view removal_rule(std::string_view table) {
  for (const Ledger& ledger : kLedgers) {
    if (ledger.table == table) return ledger.rule;
  }
  if (table == "tasks") return "TERM-TASK";
  if (table == "escrows") return "TERM-ESCROW";
  if (table == "proofs") return "TERM-PROOF";
  if (table == "disputes") return "TERM-DISPUTE";
  if (table == "processed_stripe_events") return "INV-STRIPE-1";
  return "";
}

std::string what(std::string_view table, const std::string& id) {
  return std::string(table) + " " + id;
}

// NULL is another value than the empty text.
bool differs(const Row& old, const Row& now, std::string_view column) {
  return get(old, column) != get(now, column) ||
         old.contains(std::string(column)) != now.contains(std::string(column));
}

bool has_ended(const Row& task) {
  const std::string state = get(task, "state");
  return state == "COMPLETED" || state == "CANCELLED" || state == "EXPIRED";
}

class Changes {
 public:
  Changes(const Snapshot& before, const Snapshot& after) : before_(before), after_(after) {}

  std::vector<Broken> judge() {
    for (const auto& [table, rows] : before_) {
      for (const auto& [id, row] : rows) {
        const Row* now = find(table, id);
        if (now == nullptr) {
          gone(table, id);
        } else if (*now != row) {
          changed(table, id, row, *now);
        }
      }
    }
    for (const auto& [table, rows] : after_) {
      const auto old = before_.find(table);
      for (const auto& [id, row] : rows) {
        if (old == before_.end() || !old->second.contains(id)) born(table, id, row);
      }
    }
    return std::move(broken_);
  }

 private:
  static constexpr std::string_view kIntent = "stripe_payment_intent_id";

  static const Row* find_in(const Snapshot& rows_of, const std::string& table, const std::string& id) {
    const auto rows = rows_of.find(table);
    if (rows == rows_of.end()) return nullptr;
    const auto row = rows->second.find(id);
    return row == rows->second.end() ? nullptr : &row->second;
  }

  const Row* find(const std::string& table, const std::string& id) const {
    return find_in(after_, table, id);
  }

  void add(std::string_view rule, std::string sentence) {
    broken_.push_back({std::string(rule), std::move(sentence)});
  }

  void gone(const std::string& table, const std::string& id) {
    const std::string_view rule = removal_rule(table);
    if (!rule.empty()) add(rule, what(table, id) + " is gone (decision 27, append-only ledgers)");
  }

  void born(const std::string& table, const std::string& id, const Row& row) {
    for (const Birth& birth : kBirths) {
      if (birth.table == table && std::ranges::find(birth.states, get(row, "state")) == birth.states.end()) {
        add("decision 26", what(table, id) + " was inserted in state " + get(row, "state"));
      }
    }
    const std::string state = get(row, "state");
    for (const auto& [of, column] : kLater) {
      const bool starts = state == "PENDING" || state == "SUBMITTED" || state == "OPEN";
      if (of == table && starts && !get(row, column).empty())
        add("decision 26", what(table, id) + " was inserted with " + std::string(column));
    }
    if (table == "proofs" || table == "proof_photos" || table == "escrows") misplaced(table, id, row);
    if (table == "tasks" && !get(row, "worker_id").empty() && get(row, "state") == "OPEN") {
      add("decision 26", what(table, id) + " was inserted OPEN with a worker");
    }
  }

  // P1, E0: rows whose task or proof has gone on without them; a decided proof keeps its photos.
  void misplaced(const std::string& table, const std::string& id, const Row& row) {
    const Row* task = find("tasks", get(row, "task_id"));
    const std::string state = task == nullptr ? "" : get(*task, "state");
    if (table == "proofs" && task != nullptr && state != "ACCEPTED" && state != "PROOF_SUBMITTED")
      add("P1", what(table, id) + " was inserted while its task is " + state);
    if (table == "escrows" && (state == "CANCELLED" || state == "EXPIRED"))
      add("Q07", what(table, id) + " was inserted while its task is " + state);
    const Row* proof = table == "proof_photos" ? find("proofs", get(row, "proof_id")) : nullptr;
    if (proof != nullptr && get(*proof, "state") != "PENDING" && get(*proof, "state") != "SUBMITTED")
      add("TERM-PROOF", what(table, id) + " joined a proof that is " + get(*proof, "state"));
  }

  void changed(const std::string& table, const std::string& id, const Row& old, const Row& now) {
    if (table == "proof_photos" && get(old, "proof_id") != get(now, "proof_id")) misplaced(table, id, now);
    if (table == "escrows" && get(old, "state") != "PENDING" && old.contains(std::string(kIntent)) &&
        differs(old, now, kIntent))
      add("money.md §2", column_sentence(table, id, kIntent, old, now) + " after the payment");
    state_changed(table, id, old, now);
    for (const Frozen& frozen : kFrozen) {
      if (frozen.table == table && differs(old, now, frozen.column)) {
        add(frozen.rule, column_sentence(table, id, frozen.column, old, now));
      }
    }
    for (const Final& final : kFinals) {
      if (final.table == table && get(old, "state") == final.state) frozen_row(final, id, old, now);
    }
    for (const Ledger& ledger : kLedgers) {
      if (ledger.table == table && !animation_only(table, old, now)) {
        add(ledger.rule, what(table, id) + " was changed");
      }
    }
    if (table == "proofs") verdict_lost(id, old, now);
    if (table == "proof_uploads" && old.contains("proof_id") && get(old, "proof_id") != get(now, "proof_id"))
      add("PRF-7", column_sentence(table, id, "proof_id", old, now));
    if (table == "tasks" && differs(old, now, "worker_id") &&
        !(get(old, "state") == "OPEN" && get(now, "state") == "ACCEPTED")) {
      add("T2", column_sentence(table, id, "worker_id", old, now) + " without an acceptance");
    }
  }

  void state_changed(const std::string& table, const std::string& id, const Row& old, const Row& now) {
    const std::string from = get(old, "state");
    const std::string to = get(now, "state");
    if (from == to || from.empty()) return;
    const bool listed = std::ranges::any_of(
        kEdges, [&](const Edge& edge) { return edge.table == table && edge.from == from && edge.to == to; });
    if (!listed)
      add("life cycle",
          what(table, id) + " went from " + from + " to " + to + ", an edge that does not exist");
    if (table == "proofs" && to == "SUBMITTED") submitted(id, now);
    if (table == "proofs" && from == "REJECTED" && to == "ACCEPTED") {
      const Row* task = find("tasks", get(now, "task_id"));
      if (task == nullptr || get(*task, "state") != "DISPUTED") {
        add("TERM-PROOF", what(table, id) + " went from REJECTED to ACCEPTED outside a dispute (P5)");
      }
    }
  }

  // P1: by the task as it stood before. A task may be cancelled after the half step that only submits.
  void submitted(const std::string& id, const Row& proof) {
    const Row* task = find_in(before_, "tasks", get(proof, "task_id"));
    if (task != nullptr && has_ended(*task))
      add("P1", what("proofs", id) + " became SUBMITTED after its task was " + get(*task, "state"));
  }

  // Q19: a proof that stays decided keeps the instant of its verdict, and a rejection its reason.
  void verdict_lost(const std::string& id, const Row& old, const Row& now) {
    const std::string state = get(old, "state");
    if (state != get(now, "state") || (state != "ACCEPTED" && state != "REJECTED")) return;
    for (const char* column : {"reviewed_at", "rejection_reason"}) {
      const bool due = state == "REJECTED" || std::string_view(column) == "reviewed_at";
      if (due && !get(old, column).empty() && get(now, column).empty())
        add("Q19", column_sentence("proofs", id, column, old, now) + " in state " + state);
    }
  }

  void frozen_row(const Final& final, const std::string& id, const Row& old, const Row& now) {
    for (const auto& [column, value] : merged(old, now)) {
      const bool covered = final.columns.front() == "*"
                               ? column != "updated_at"
                               : std::ranges::find(final.columns, column) != final.columns.end();
      if (covered && differs(old, now, column)) {
        add(final.rule,
            column_sentence(final.table, id, column, old, now) + " in state " + std::string(final.state));
      }
    }
  }

  static Row merged(const Row& a, const Row& b) {
    Row all = a;
    all.insert(b.begin(), b.end());
    return all;
  }

  // INV-BADGE-3: the one legal change, from unset to set, once.
  static bool animation_only(std::string_view table, const Row& old, Row now) {
    if (table != "badges" || old.contains("animation_shown_at")) return false;
    now.erase("animation_shown_at");
    return old == now;
  }

  static std::string column_sentence(std::string_view table, const std::string& id, std::string_view column,
                                     const Row& old, const Row& now) {
    return what(table, id) + ": " + std::string(column) + " changed from '" + get(old, column) + "' to '" +
           get(now, column) + "'";
  }

  const Snapshot& before_;
  const Snapshot& after_;
  std::vector<Broken> broken_;
};

}  // namespace

std::vector<Broken> broken_by_change(const Snapshot& before, const Snapshot& after) {
  std::vector<Broken> broken = Changes(before, after).judge();
  judge_derivation(before, after, broken);
  return broken;
}

}  // namespace loadgen::attack
