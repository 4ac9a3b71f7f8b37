#include "loadgen/attack/attempts.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <span>

#include "loadgen/attack/births.h"
#include "loadgen/attack/column_facts.h"
#include "loadgen/attack/eligibility.h"
#include "loadgen/attack/evidence.h"
#include "loadgen/attack/function_facts.h"
#include "loadgen/attack/story.h"
#include "loadgen/attack/verification.h"
#include "model/vocabulary/states.h"

namespace loadgen::attack {
namespace {

struct Target {
  std::string_view table, id, rule;
  std::span<const std::string_view> states;
};

constexpr std::array kTargets{Target{"tasks", ids::kTask, "TERM-TASK", model::kTaskStateNames},
                              Target{"escrows", ids::kEscrow, "TERM-ESCROW", model::kEscrowStateNames},
                              Target{"proofs", ids::kProof, "TERM-PROOF", model::kProofStateNames},
                              Target{"disputes", ids::kDispute, "TERM-DISPUTE", model::kDisputeStateNames}};

// What a guard reads, written in the same statement as the state: {table, assignment, rule}.
struct Companion {
  std::string_view table, assignment, rule;
};
constexpr std::array kCompanions{
    Companion{"tasks", "requires_proof = false", "INV-3"},
    Companion{"tasks", "requires_proof = NULL", "INV-3"},
    Companion{"tasks", "worker_id = '00000000-0000-4000-8000-000000000004'", "NO-SELF"},
    Companion{"tasks", "worker_id = poster_id", "NO-SELF"},
    Companion{"tasks", "worker_id = NULL", "Q18"},
    Companion{"tasks", "worker_id = '00000000-0000-4000-8000-000000009099', accepted_at = now()",
              "references"},
    Companion{"proofs", "reviewed_by = '00000000-0000-4000-8000-000000009099', reviewed_at = now()",
              "references"},
    Companion{"disputes", "resolved_by = '00000000-0000-4000-8000-000000009099', resolved_at = now()",
              "references"},
    Companion{"tasks", "poster_id = '00000000-0000-4000-8000-000000000004'", "NO-SELF"},
    Companion{"tasks", "price = price + 100", "INV-4"},
    Companion{"tasks", "mode = 'LIVE'", "MODE-FIX"},
    Companion{"tasks", "deadline = now() - interval '1 day'", "TERM-TASK"},
    Companion{"escrows", "amount = amount + 100", "INV-4"},
    Companion{"escrows", "task_id = '00000000-0000-4000-8000-000000000210'", "TERM-ESCROW"},
    Companion{"escrows", "task_id = '00000000-0000-4000-8000-000000000110'", "INV-2"},
    Companion{"escrows", "release_amount = 3000, refund_amount = 2000", "ESCROW-PARTIAL"},
    Companion{"escrows", "release_amount = 3000, refund_amount = 1999", "ESCROW-PARTIAL"},
    Companion{"escrows", "release_amount = release_amount - 1, refund_amount = refund_amount + 1",
              "TERM-ESCROW"},
    Companion{"escrows", "release_amount = 5000, refund_amount = NULL", "ESCROW-PARTIAL"},
    Companion{"escrows", "release_amount = 6000, refund_amount = -1000", "ESCROW-PARTIAL"},
    Companion{"escrows", "release_amount = -1000, refund_amount = 6000", "ESCROW-PARTIAL"},
    Companion{"escrows", "stripe_payment_intent_id = NULL", "money.md §2"},
    Companion{"proofs", "reviewed_by = submitter_id, reviewed_at = now()", "NO-SELF"},
    Companion{"proofs", "reviewed_by = '00000000-0000-4000-8000-000000000001', reviewed_at = now()",
              "TERM-PROOF"},
    Companion{"proofs", "task_id = '00000000-0000-4000-8000-000000000110'", "INV-3"},
    Companion{"proofs", "submitter_id = '00000000-0000-4000-8000-000000000004'", "Q19"},
    Companion{"disputes", "resolved_by = poster_id, resolution = 'CLIENT_WINS', resolved_at = now()",
              "NO-SELF"},
    Companion{"disputes", "resolved_by = worker_id, resolution = 'HUSTLER_WINS', resolved_at = now()",
              "NO-SELF"},
    Companion{"disputes", "resolution = 'SPLIT', outcome_escrow_action = 'SPLIT'", "TERM-DISPUTE"}};

struct LedgerRow {
  std::string_view table, key, id, rule, code;
};
constexpr std::array kLedgerRows{
    LedgerRow{"xp_ledger", "id", ids::kXp, "LEDGER-XP", "HX102"},
    LedgerRow{"badges", "id", ids::kBadge, "INV-BADGE-2", "HX401"},
    LedgerRow{"admin_actions", "id", ids::kAction, "AUDIT-5", "HX801"},
    LedgerRow{"trust_ledger", "user_id", ids::kWorker, "INV-TRUST-3", "HX801"},
    LedgerRow{"processed_stripe_events", "event_id", "evt_attack", "INV-STRIPE-1", ""}};

std::string where(std::string_view id, std::string_view key = "id") {
  return " WHERE " + std::string(key) + " = " + sql_quoted(id);
}

class Generator {
 public:
  Generator(const Catalogue& catalogue, const Stage& stage) : catalogue_(catalogue), stage_(stage) {}

  std::vector<Attempt> all() {
    for (const Target& target : kTargets) {
      if (state_of(target).empty() || !catalogue_.has(std::string(target.table))) continue;
      states(target);
      columns(target.table, target.id, target.rule);
      companions(target);
      removals(target);
    }
    money();
    disputes();
    ledgers();
    experience();
    photos();
    return std::move(attempts_);
  }

 private:
  void add(std::string_view rule, std::string name, std::string sql, std::string_view code = "") {
    attempts_.push_back({std::string(rule), std::move(name), std::move(sql), std::string(code), {}, {}});
  }

  std::string_view state_of(const Target& target) const {
    if (target.table == "tasks") return stage_.task;
    if (target.table == "escrows") return stage_.escrow;
    if (target.table == "proofs") return stage_.proof;
    return stage_.dispute;
  }

  // Every state-to-state UPDATE, alone and together with each column that a guard reads.
  void states(const Target& target) {
    const std::string table(target.table);
    for (const std::string_view to : target.states) {
      const std::string edge =
          "UPDATE " + table + " " + std::string(state_of(target)) + " -> " + std::string(to);
      const std::string update = "UPDATE " + table + " SET state = " + sql_quoted(to);
      if (to != state_of(target))
        add(edge_rule(target, to), edge, update + where(target.id), edge_code(target, to));
      for (const Companion& companion : kCompanions) {
        if (companion.table != target.table) continue;
        const bool cent = target.table == "escrows" && to == "REFUND_PARTIAL" &&
                          stage_.escrow == "LOCKED_DISPUTE" && companion.assignment.ends_with("= 1999");
        add(companion.rule, edge + " together with " + std::string(companion.assignment),
            update + ", " + std::string(companion.assignment) + where(target.id), cent ? "HX006" : "");
      }
      add(target.rule, "INSERT ON CONFLICT DO UPDATE " + table + " to " + std::string(to),
          upsert(target, to));
    }
  }

  // Several columns at once that only together keep up appearances, with no step of the state.
  void companions(const Target& target) {
    for (const Companion& companion : kCompanions) {
      if (companion.table != target.table) continue;
      const std::string update =
          "UPDATE " + std::string(target.table) + " SET " + std::string(companion.assignment);
      add(companion.rule, update + " at " + std::string(stage_.name), update + where(target.id));
    }
  }

  std::string_view edge_rule(const Target& target, std::string_view to) const {
    if (target.table == "escrows" && to == "RELEASED") return "INV-2";
    if (target.table == "tasks" && to == "COMPLETED") return "INV-3";
    if (target.table == "tasks" && to == "ACCEPTED") return "Q07";
    return target.rule;
  }

  // The codes that invariants.md §1 pins; edges out of other states may be refused with any code.
  std::string_view edge_code(const Target& target, std::string_view to) const {
    if (target.table == "escrows") {
      const bool completed = stage_.task == "COMPLETED";
      if (to == "RELEASED" && !completed && stage_.escrow != "PENDING") return "HX201";
      if (to == "REFUND_PARTIAL" && stage_.escrow == "LOCKED_DISPUTE") return "HX005";
      if (stage_.escrow == "RELEASED" || stage_.escrow == "REFUNDED" || stage_.escrow == "REFUND_PARTIAL")
        return "HX002";
    }
    if (target.table == "tasks") {
      if (to == "COMPLETED" && stage_.task == "PROOF_SUBMITTED" && stage_.proof != "ACCEPTED") return "HX301";
      const bool terminal =
          stage_.task == "COMPLETED" || stage_.task == "CANCELLED" || stage_.task == "EXPIRED";
      if (terminal && to != "COMPLETED") return "HX001";
    }
    return "";
  }

  std::string upsert(const Target& target, std::string_view to) const {
    return insert_statement(catalogue_, std::string(target.table),
                            row_of(target.table, target.id, target.states.front())) +
           " ON CONFLICT (id) DO UPDATE SET state = " + sql_quoted(to);
  }

  static Values row_of(std::string_view table, std::string_view id, std::string_view state) {
    if (table == "tasks") return task_values(id, ids::kPoster, state);
    if (table == "escrows") return escrow_values(id, ids::kTask, state);
    if (table == "proofs") return proof_values(id, ids::kTask, ids::kWorker, state);
    return dispute_values(id, state);
  }

  // Every other column alone, with another value and without one, and every foreign key re-pointed to a row
  // of strangers.
  void columns(std::string_view table, std::string_view id, std::string_view rule,
               std::string_view key = "id") {
    for (const Column& column : catalogue_.tables.at(std::string(table)).columns) {
      if (column.generated || column.name == "state" || column.name == "updated_at") continue;
      const std::string update = "UPDATE " + std::string(table) + " SET " + identifier(column.name) + " = ";
      const std::string name =
          "UPDATE " + std::string(table) + "." + column.name + " at " + std::string(stage_.name);
      const std::string without = emptied(std::string(table), column, where(id, key));
      if (!without.empty()) add(rule, name + " to NULL", without);
      const std::string value =
          column.references.empty() ? different_value(column) : foreign(column.references);
      if (value.empty()) continue;
      const bool pinned = table == "escrows" && column.name == "amount";
      add(pinned ? "INV-4" : rule, name, update + value + where(id, key), pinned ? "HX004" : "");
    }
  }

  static std::string foreign(const std::string& table) {
    if (table == "users") return sql_quoted(ids::kStranger);
    if (table == "tasks") return sql_quoted(ids::kOtherTask);
    if (table == "escrows") return sql_quoted(ids::kOtherEscrow);
    if (table == "proofs") return sql_quoted(ids::kOtherProof);
    return "";
  }

  void removals(const Target& target) {
    const std::string table(target.table);
    const std::string removal = "DELETE FROM " + table + where(target.id);
    add(target.rule, "DELETE FROM " + table + " at " + std::string(stage_.name), removal);
    add(target.rule, "DELETE and reinsert " + table + " at " + std::string(stage_.name),
        removal + "; " +
            insert_statement(catalogue_, table, row_of(table, target.id, target.states.front())));
    add(target.rule, "TRUNCATE " + table + " at " + std::string(stage_.name),
        "TRUNCATE " + table + " CASCADE");
  }

  void money() {
    if (stage_.name == "released") {
      add("INV-2", "release moved to a task that is not COMPLETED",
          "UPDATE escrows SET task_id = " + sql_quoted(ids::kBareTask) + where(ids::kEscrow));
    }
    if (stage_.name == "open_funded") {
      add("ESCROW-ONE", "second escrow for one task",
          insert_statement(catalogue_, "escrows", escrow_values(fresh(1), ids::kTask, "PENDING")), "23505");
      add("INV-4", "price changed while the money is held",
          "UPDATE tasks SET price = 4000" + where(ids::kTask));
    }
  }

  // D1: poster and worker of the task, about the task's own escrow.
  void disputes() {
    if (stage_.name != "submitted" || !catalogue_.has("disputes")) return;
    const auto with = [&](std::string_view column, std::string_view value) {
      Values values = dispute_values(fresh(8), "OPEN");
      for (auto& [name, text] : values) {
        if (name == column) text = sql_quoted(value);
      }
      add("D1", "dispute with another " + std::string(column),
          insert_statement(catalogue_, "disputes", values));
    };
    with("poster_id", ids::kStranger);
    with("worker_id", ids::kStranger);
    with("initiated_by", ids::kStranger);
    with("escrow_id", ids::kOtherEscrow);
  }

  void ledgers() {
    if (stage_.name != "awarded") return;
    add("AUDIT-2", "a step of the tier recorded twice",
        insert_statement(catalogue_, "trust_ledger",
                         {{"user_id", sql_quoted(ids::kWorker)},
                          {"old_tier", "1"},
                          {"new_tier", "2"},
                          {"reason", "'again'"},
                          {"changed_by", "'system'"}}));
    for (const LedgerRow& row : kLedgerRows) {
      const std::string table(row.table);
      if (!catalogue_.has(table)) continue;
      columns(row.table, row.id, row.rule, row.key);
      add(row.rule, "DELETE FROM " + table, "DELETE FROM " + table + where(row.id, row.key), row.code);
      add(row.rule, "TRUNCATE " + table, "TRUNCATE " + table, row.code);
      add(row.rule, "TRUNCATE " + table + " CASCADE", "TRUNCATE " + table + " CASCADE", row.code);
    }
    add("INV-BADGE-2", "badge granted twice",
        insert_statement(
            catalogue_, "badges",
            {{"user_id", sql_quoted(ids::kWorker)}, {"badge_type", "'first-task'"}, {"badge_tier", "1"}}));
    animations();
    add("INV-STRIPE-1", "the same Stripe event recorded twice",
        insert_statement(catalogue_, "processed_stripe_events",
                         {{"event_id", "'evt_attack'"}, {"event_type", "'x'"}, {"result", "'applied'"}}),
        "23505");
    add("INV-5", "second XP row for one escrow",
        insert_statement(catalogue_, "xp_ledger",
                         xp_values(fresh(2), ids::kWorker, ids::kTask, ids::kEscrow)),
        "23505");
    add("INV-5", "XP row replaced by an upsert",
        insert_statement(catalogue_, "xp_ledger",
                         xp_values(fresh(2), ids::kWorker, ids::kTask, ids::kEscrow)) +
            " ON CONFLICT (escrow_id) DO UPDATE SET effective_xp = 5000");
  }

  // INV-BADGE-3: shown once, and only that.
  void animations() {
    const auto shown = [&](const std::string& more) {
      return "UPDATE badges SET animation_shown_at = '2031-01-01'" + more + where(ids::kBadge);
    };
    const auto again = [&](const std::string& value) {
      add("INV-BADGE-3", "UPDATE badges twice, to " + value,
          shown("") + "; UPDATE badges SET animation_shown_at = " + value + where(ids::kBadge));
      attempts_.back().shows = "SELECT to_jsonb(t) FROM badges t" + where(ids::kBadge) +
                               " AND animation_shown_at IS NOT DISTINCT FROM " + value;
    };
    again("'2032-01-01'");
    again("NULL");
    add("INV-BADGE-2", "UPDATE badges.badge_tier with its animation", shown(", badge_tier = 2"));
    add("INV-BADGE-3", "UPDATE badges once", shown(""));
    attempts_.back().shows = "SELECT 1 WHERE false";
    attempts_.back().wanted = Wanted::accepted;
  }

  void experience() {
    const auto xp = [&](std::string_view user, std::string_view task, std::string_view escrow) {
      return insert_statement(catalogue_, "xp_ledger", xp_values(fresh(3), user, task, escrow));
    };
    if (stage_.escrow != "RELEASED") {
      add("INV-1", "XP while the escrow is " + std::string(stage_.escrow),
          xp(ids::kWorker, ids::kTask, ids::kEscrow), "HX101");
    } else if (stage_.name == "released") {
      add("XP-OWNER", "XP for somebody else", xp(ids::kStranger, ids::kTask, ids::kEscrow));
      add("XP-OWNER", "XP for the poster", xp(ids::kPoster, ids::kTask, ids::kEscrow));
      add("XP-OWNER", "XP with another task", xp(ids::kWorker, ids::kOtherTask, ids::kEscrow));
      Values nothing = xp_values(fresh(3), ids::kWorker, ids::kTask, ids::kEscrow);
      for (auto& [name, text] : nothing) {
        if (name == "effective_xp") text = "0";
      }
      add("money.md §5", "an XP row of nothing", insert_statement(catalogue_, "xp_ledger", nothing));
      add("INV-1", "XP for an escrow that does not exist", xp(ids::kWorker, ids::kTask, fresh(9)), "HX101");
    }
  }

  void photos() {
    const auto photo = [&](std::string_view proof, int sequence) {
      return insert_statement(catalogue_, "proof_photos",
                              photo_values(fresh(40 + sequence), proof, sequence));
    };
    if (stage_.proof.empty() || !catalogue_.has("proof_photos")) return;
    std::string five;
    for (int sequence = 2; sequence <= 6; ++sequence)
      five += photo(ids::kProof, std::min(sequence, 5)) + "; ";
    add("PROOF-PHOTO-1", "six photos at " + std::string(stage_.name), five);
    std::string unnumbered;  // a unique (proof_id, sequence_number) does not count rows without a number
    for (int extra = 7; extra <= 11; ++extra) {
      Values values = photo_values(fresh(40 + extra), ids::kProof, extra);
      values.back().second = "NULL";
      unnumbered += insert_statement(catalogue_, "proof_photos", values) + "; ";
    }
    add("PROOF-PHOTO-1", "six photos without numbers at " + std::string(stage_.name), unnumbered);
    add("PROOF-PHOTO-2", "last photo deleted at " + std::string(stage_.name),
        "DELETE FROM proof_photos WHERE proof_id = " + sql_quoted(ids::kProof) +
            (stage_.proof == "PENDING" ? "; UPDATE proofs SET state = 'SUBMITTED'" + where(ids::kProof)
                                       : ""));
    add("PROOF-PHOTO-2", "photo moved to another proof at " + std::string(stage_.name),
        "UPDATE proof_photos SET proof_id = " + sql_quoted(ids::kOtherProof) + ", sequence_number = 2" +
            where(ids::kPhoto) +
            (stage_.proof == "PENDING" ? "; UPDATE proofs SET state = 'SUBMITTED'" + where(ids::kProof)
                                       : ""));
    add("PROOF-PHOTO-2", "TRUNCATE proof_photos at " + std::string(stage_.name),
        std::string("TRUNCATE proof_photos") +
            (stage_.proof == "PENDING" ? "; UPDATE proofs SET state = 'SUBMITTED'" + where(ids::kProof)
                                       : ""));
  }

  static std::string fresh(int number) {
    const std::string digits = std::to_string(9000 + number);
    return "00000000-0000-4000-8000-00000000" + digits;
  }

  const Catalogue& catalogue_;
  const Stage& stage_;
  std::vector<Attempt> attempts_;
};

}  // namespace

std::vector<Attempt> attempts_at(const Catalogue& catalogue, std::string_view name) {
  std::vector<Attempt> attempts = Generator(catalogue, stage(name)).all();
  std::ranges::move(births_at(catalogue, stage(name)), std::back_inserter(attempts));
  std::ranges::move(eligibility_attempts(catalogue, stage(name)), std::back_inserter(attempts));
  std::ranges::move(verification_attempts(catalogue, stage(name)), std::back_inserter(attempts));
  std::ranges::move(function_attempts(stage(name)), std::back_inserter(attempts));
  std::ranges::move(evidence_attempts(catalogue, stage(name)), std::back_inserter(attempts));
  std::ranges::move(fact_attempts(catalogue, stage(name)), std::back_inserter(attempts));
  return attempts;
}

}  // namespace loadgen::attack
