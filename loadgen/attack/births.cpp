#include "loadgen/attack/births.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "loadgen/attack/fact_rows.h"
#include "model/vocabulary/states.h"

namespace loadgen::attack {
namespace {

struct Domain {
  std::string_view stage, table, id, assignment, rule;
};
constexpr std::array kDomains{
    Domain{"open_pending", "tasks", ids::kBareTask, "state = 'DONE'", "state names"},
    Domain{"open_pending", "tasks", ids::kBareTask, "mode = 'FAST'", "state names"},
    Domain{"open_pending", "tasks", ids::kBareTask, "price = 0", "INV-4"},
    Domain{"open_pending", "escrows", ids::kEscrow, "state = 'PAID'", "state names"},
    Domain{"open_pending", "escrows", ids::kEscrow, "amount = 0", "INV-4"},
    Domain{"open_pending", "escrows", ids::kEscrow, "amount = -5000", "INV-4"},
    Domain{"awarded", "proofs", ids::kProof, "state = 'FINE'", "state names"},
    Domain{"awarded", "users", ids::kWorker, "trust_tier = 5", "tier range"},
    Domain{"awarded", "users", ids::kWorker, "trust_tier = 0", "tier range"},
    Domain{"awarded", "users", ids::kWorker, "xp_total = -1", "INV-XP-4"},
    Domain{"awarded", "users", ids::kWorker, "current_level = 11", "INV-XP-4"},
    Domain{"awarded", "users", ids::kWorker, "account_status = 'GONE'", "state names"}};

std::string fresh(int number) {
  return "00000000-0000-4000-8000-00000000" + std::to_string(8000 + number);
}

std::string where(std::string_view id) {
  return " WHERE id = " + sql_quoted(id);
}

// A row that has everything its state would have brought with it, so that only the birth itself is wrong.
Values lived(const std::string& table, Values row, std::string_view state) {
  if (table == "tasks" && state != "OPEN") {
    row = changed(std::move(row), {{"worker_id", sql_quoted(ids::kWorker)}, {"accepted_at", "now()"}});
    if (state == "COMPLETED") row.emplace_back("completed_at", "now()");
    if (state == "CANCELLED") row.emplace_back("cancelled_at", "now()");
    if (state == "EXPIRED") row.emplace_back("expired_at", "now()");
  }
  if (table == "escrows" && state != "PENDING") {
    row = changed(std::move(row), {{"funded_at", "now()"}, {"stripe_payment_intent_id", "'pi_born'"}});
    if (state == "RELEASED") row.emplace_back("released_at", "now()");
    if (state == "REFUNDED" || state == "REFUND_PARTIAL") row.emplace_back("refunded_at", "now()");
    if (state == "REFUND_PARTIAL")
      row = changed(std::move(row), {{"refund_amount", "2000"}, {"release_amount", "3000"}});
  }
  if (table == "disputes" && state == "RESOLVED") {
    row = changed(std::move(row), {{"resolution", "'CLIENT_WINS'"},
                                   {"outcome_escrow_action", "'REFUND'"},
                                   {"resolved_by", sql_quoted(ids::kAdmin)},
                                   {"resolved_at", "now()"}});
  }
  return row;
}

class Births {
 public:
  Births(const Catalogue& catalogue, const Stage& stage) : catalogue_(catalogue), stage_(stage) {}

  std::vector<Attempt> all() {
    if (stage_.name == "open_pending") {
      for (const auto state : model::kTaskStateNames)
        born("tasks", task_values(fresh(4), ids::kPoster, state), state);
      for (const auto state : model::kEscrowStateNames) {
        born("escrows", escrow_values(fresh(5), ids::kBareTask, state), state);
      }
      wrong_amounts();
      live();
      twins();
      add("TERM-TASK", "DELETE of a task without dependants", "DELETE FROM tasks" + where(ids::kBareTask));
    }
    if (stage_.name == "accepted") {
      for (const auto state : model::kProofStateNames) {
        born("proofs", proof_values(fresh(6), ids::kTask, ids::kWorker, state), state);
        born("proofs", proof_values(fresh(6), ids::kTask, ids::kStranger, state), state);
      }
      bare_proofs();
    }
    if (stage_.name == "proof_pending" || stage_.name == "submitted") second_proof();
    if (stage_.name == "submitted" || stage_.name == "disputed") {
      for (const auto state : model::kDisputeStateNames)
        born("disputes", dispute_values(fresh(7), state), state);
    }
    late_births();
    born_decided();
    if (stage_.name == "disputed") outcomes();
    if (stage_.name == "disputed" && catalogue_.has("disputes")) second_disputes();
    if (stage_.name == "awarded") queues();
    if (stage_.name == "open_pending") demands();
    if (stage_.name == "proof_pending") submitted_too_late();
    domains();
    people();
    return std::move(attempts_);
  }

 private:
  void add(std::string_view rule, std::string name, std::string sql, std::string_view code = "") {
    attempts_.push_back({std::string(rule), std::move(name), std::move(sql), std::string(code), {}, {}});
  }

  // INSERT and COPY directly in each state (decision 26).
  void born(const std::string& table, const Values& bare, std::string_view state) {
    const std::string name =
        " " + table + " in state " + std::string(state) + " at " + std::string(stage_.name);
    const Values full = lived(table, bare, state);
    add("decision 26", "INSERT" + name, insert_statement(catalogue_, table, bare));
    if (full != bare)
      add("decision 26", "INSERT" + name + " with its past", insert_statement(catalogue_, table, full));
    attempts_.push_back({"decision 26", "COPY" + name, "-- COPY of the same row", "", table, full});
  }

  // Proofs, photos and disputes where the life of the task leaves no place for them; and a dispute in the
  // making that the end of its task overtakes.
  void late_births() {
    const std::string at = " at " + std::string(stage_.name);
    const std::string dispute = insert_statement(catalogue_, "disputes", dispute_values(fresh(14), "OPEN"));
    if (stage_.name == "open_pending") after_the_end();
    if (stage_.dispute.empty() && catalogue_.has("disputes")) add("Q15", "INSERT a dispute" + at, dispute);
    if (stage_.proof.empty()) return;
    add("P1", "INSERT a proof" + at,
        insert_statement(catalogue_, "proofs", proof_values(fresh(16), ids::kTask, ids::kWorker, "PENDING")));
    add("TERM-PROOF", "INSERT a photo" + at,
        insert_statement(catalogue_, "proof_photos", photo_values(fresh(17), ids::kProof, 3)));
    add("TERM-PROOF", "UPDATE a photo into a decided proof" + at,
        "UPDATE proof_photos SET proof_id = " + sql_quoted(ids::kOtherProof) + ", sequence_number = 3" +
            where(ids::kPhoto));
    if (!stage_.dispute.empty() || !catalogue_.has("disputes")) return;
    for (const auto& [state, instant] :
         {std::pair{"COMPLETED", "completed_at"}, std::pair{"CANCELLED", "cancelled_at"},
          std::pair{"EXPIRED", "expired_at"}}) {
      add("Q15", std::string("UPDATE tasks to ") + state + " while a dispute opens" + at,
          dispute + "; UPDATE tasks SET state = '" + state + "', " + instant + " = now()" +
              where(ids::kTask));
    }
  }

  // Money for a task that has ended already (decision 6: states stay as they are).
  void after_the_end() {
    for (const auto& [state, instant] :
         {std::pair{"CANCELLED", "cancelled_at"}, std::pair{"EXPIRED", "expired_at"}}) {
      const std::string ends =
          std::string("UPDATE tasks SET state = '") + state + "', " + instant + " = now()";
      add("Q07", std::string("escrow for a task that is ") + state,
          ends + where(ids::kBareTask) + "; " +
              insert_statement(catalogue_, "escrows", escrow_values(fresh(15), ids::kBareTask, "PENDING")));
      add("decision 6", std::string("UPDATE escrows to FUNDED after the task is ") + state,
          ends + where(ids::kTask) + "; UPDATE escrows SET state = 'FUNDED', funded_at = now()" +
              where(ids::kEscrow));
      attempts_.back().shows = "SELECT to_jsonb(t) FROM escrows t WHERE id = " + sql_quoted(ids::kEscrow) +
                               " AND state::text = 'FUNDED'";
    }
  }

  // Q14: one dispute at a time, whichever state the first is in as long as it is not resolved.
  void second_disputes() {
    const std::string second =
        "; " + insert_statement(catalogue_, "disputes", dispute_values(fresh(8), "OPEN"));
    for (const std::string_view state : model::kDisputeStateNames) {
      if (state == "RESOLVED") continue;
      add("Q14", fmt::format("a second dispute beside one that is {}", state),
          "UPDATE disputes SET state = " + sql_quoted(state) + where(ids::kDispute) + second, "23505");
    }
  }

  // Decision 27 holds also where no row of another table stands in the way: a proof without photos.
  void bare_proofs() {
    const std::string born =
        insert_statement(catalogue_, "proofs", proof_values(fresh(9), ids::kTask, ids::kWorker, "PENDING")) +
        "; ";
    const std::string expires = "UPDATE proofs SET state = 'EXPIRED'" + where(fresh(9)) + "; ";
    for (const bool expired : {false, true}) {
      add("TERM-PROOF",
          fmt::format("DELETE a proof without photos that is {}", expired ? "EXPIRED" : "PENDING"),
          born + (expired ? expires : "") + "DELETE FROM proofs" + where(fresh(9)));
      attempts_.back().shows =
          "SELECT 'the row is gone' WHERE NOT EXISTS (SELECT 1 FROM proofs" + where(fresh(9)) + ")";
    }
  }

  // A row that brings a part of its future along (decision 26).
  void born_decided() {
    const auto each = [&](const std::string& table, const Values& row, const Values& parts) {
      for (const auto& part : parts)
        add("decision 26", "INSERT " + table + " with " + part.first,
            insert_statement(catalogue_, table, changed(row, {part})));
    };
    if (stage_.name == "open_pending")
      each("escrows", escrow_values(fresh(18), ids::kBareTask, "PENDING"),
           {{"funded_at", "now()"}, {"released_at", "now()"}, {"refunded_at", "now()"}});
    if (stage_.name == "accepted")
      each("proofs", proof_values(fresh(19), ids::kTask, ids::kWorker, "PENDING"),
           {{"reviewed_by", sql_quoted(ids::kPoster)},
            {"reviewed_at", "now()"},
            {"rejection_reason", "'no'"}});
    if (stage_.name != "submitted") return;
    each("disputes", dispute_values(fresh(22), "OPEN"),
         {{"resolved_by", sql_quoted(ids::kAdmin)}, {"resolved_at", "now()"}});
    add("D1", "INSERT a dispute about the held money of another task",
        insert_statement(catalogue_, "escrows", escrow_values(fresh(23), ids::kBareTask, "PENDING")) +
            "; UPDATE escrows SET state = 'FUNDED', funded_at = now(), stripe_payment_intent_id = "
            "'pi_other'" +
            where(fresh(23)) + "; " +
            insert_statement(
                catalogue_, "disputes",
                changed(dispute_values(fresh(24), "OPEN"), {{"escrow_id", sql_quoted(fresh(23))}})));
  }

  void wrong_amounts() {
    const Values escrow = escrow_values(fresh(5), ids::kBareTask, "PENDING");
    for (const char* amount : {"4999", "5001", "0", "-5000"}) {
      add("INV-4", std::string("INSERT escrow of ") + amount + " for a task of 5000",
          insert_statement(catalogue_, "escrows", changed(escrow, {{"amount", amount}})),
          std::string_view(amount) == "4999" ? "HX003" : "");
    }
  }

  void live() {
    const Values task = task_values(fresh(8), ids::kPoster, "OPEN");
    const auto insert = [&](const Values& changes) {
      return insert_statement(catalogue_, "tasks", changed(task, changes));
    };
    const Values cheap{{"mode", "'LIVE'"}, {"price", "1499"}};
    const Values fine{{"mode", "'LIVE'"}, {"price", "1500"}};
    add("LIVE-2", "LIVE task for 1499 cents", insert(cheap), "HX902");
    add("LIVE-1", "LIVE task broadcast without money",
        insert(fine) + "; UPDATE tasks SET live_broadcast_started_at = now()" + where(fresh(8)), "HX901");
    add("LIVE-1", "LIVE task inserted as broadcast",
        insert({{"mode", "'LIVE'"}, {"price", "1500"}, {"live_broadcast_started_at", "now()"}}));
    broadcasts(insert(fine) + "; ");
    add("INV-4", "STANDARD task for 499 cents", insert({{"price", "499"}}), "23514");
    add("NO-SELF", "task inserted with its poster as worker",
        insert({{"worker_id", sql_quoted(ids::kPoster)}}));
  }

  // LIVE-1 holds for every change of the instant: the first start, another one, and one after it was taken
  // back; in every state of the money but FUNDED.
  void broadcasts(const std::string& born) {
    constexpr std::string_view kAgain = "2031-02-03 04:05:06+00";
    const std::string escrow = where(fresh(25));
    const std::string start = "UPDATE tasks SET live_broadcast_started_at = {}" + where(fresh(8));
    const auto started = [&](std::string_view at) { return fmt::format(fmt::runtime(start), at) + "; "; };
    const std::string pending =
        insert_statement(catalogue_, "escrows",
                         changed(escrow_values(fresh(25), fresh(8), "PENDING"), {{"amount", "1500"}})) +
        "; ";
    const std::string funded = pending +
                               "UPDATE escrows SET state = 'FUNDED', funded_at = now(), "
                               "stripe_payment_intent_id = 'pi_live'" +
                               escrow + "; ";
    const std::string refunded = "UPDATE escrows SET state = 'REFUNDED', refunded_at = now()" + escrow + "; ";
    const std::array<std::pair<const char*, std::string>, 4> courses{
        {{"its money is pending", pending},
         {"its money was returned", funded + refunded},
         {"its money was returned after a first start", funded + started("now()") + refunded},
         {"its money was returned after a start that was taken back",
          funded + started("now()") + started("NULL") + refunded}}};
    for (const auto& [course, before] : courses) {
      add("LIVE-1", fmt::format("LIVE task broadcast when {}", course),
          born + before + fmt::format(fmt::runtime(start), sql_quoted(kAgain)));
      attempts_.back().shows =
          fmt::format("SELECT to_jsonb(t) FROM tasks t WHERE id = {} AND live_broadcast_started_at = {}",
                      sql_quoted(fresh(8)), sql_quoted(kAgain));
    }
  }

  // Two accounts that one sign-in would lead to.
  void twins() {
    add("identity", "second user with the same Firebase uid",
        insert_statement(catalogue_, "users",
                         {{"id", sql_quoted(fresh(20))},
                          {"email", "'twin@attack.invalid'"},
                          {"full_name", "'twin'"},
                          {"firebase_uid", "'worker@attack.invalid'"}}));
    add("identity", "second user with the same mail address",
        insert_statement(catalogue_, "users",
                         {{"id", sql_quoted(fresh(21))},
                          {"email", "'worker@attack.invalid'"},
                          {"full_name", "'twin'"},
                          {"firebase_uid", "'twin'"}}));
  }

  void second_proof() {
    const std::string submit =
        "UPDATE proofs SET state = 'SUBMITTED', submitted_at = now()" + where(fresh(9));
    const std::string first =
        "UPDATE proofs SET state = 'SUBMITTED', submitted_at = now()" + where(ids::kProof) + "; ";
    add("PRF-4", "second proof submitted at " + std::string(stage_.name),
        insert_statement(catalogue_, "proofs", proof_values(fresh(9), ids::kTask, ids::kWorker, "PENDING")) +
            "; " + insert_statement(catalogue_, "proof_photos", photo_values(fresh(10), fresh(9), 1)) + "; " +
            (stage_.proof == "PENDING" ? first : "") + submit);
  }

  // P1: nobody reviews the proof of a task that has ended.
  void submitted_too_late() {
    for (const auto& [state, instant] :
         {std::pair{"CANCELLED", "cancelled_at"}, std::pair{"EXPIRED", "expired_at"}}) {
      add("P1", std::string("UPDATE proofs to SUBMITTED after the task is ") + state,
          std::string("UPDATE tasks SET state = '") + state + "', " + instant + " = now()" +
              where(ids::kTask) + "; UPDATE proofs SET state = 'SUBMITTED', submitted_at = now()" +
              where(ids::kProof));
      attempts_.back().shows = "SELECT to_jsonb(t) FROM proofs t WHERE id = " + sql_quoted(ids::kProof) +
                               " AND state::text = 'SUBMITTED'";
    }
  }

  // P5, eligibility.md §2.7: what a task demands of its worker neither changes nor goes. A task of its own,
  // because whoever accepts the one of the stages would have to meet the demands (§6.3).
  void demands() {
    if (!catalogue_.has("tasks")) return;
    const Values demanded{{"task_category", "'plumbing'"}, {"risk_level", "'medium'"},
                          {"required_trade", "'plumber'"}, {"required_trust_tier", "2"},
                          {"insurance_required", "true"},  {"background_check_required", "false"},
                          {"location_state", "'WA'"}};
    const std::string insert = insert_statement(
        catalogue_, "tasks", changed(task_values(fresh(25), ids::kPoster, "OPEN"), demanded));
    const std::string condition = "id = " + sql_quoted(fresh(25));
    for (const Column& column : catalogue_.tables.at("tasks").columns) {
      if (std::ranges::find(demanded, column.name, &Values::value_type::first) == demanded.end()) continue;
      const auto update = [&](const std::string& how, const std::string& sql) {
        if (sql.empty()) return;
        add("P5", fmt::format("UPDATE tasks.{} of a demanding task{}", column.name, how),
            fmt::format("{}; {}; {}", insert, noted("tasks", column.name, condition), sql));
        attempts_.back().shows = altered("tasks", column.name, condition);
      };
      update("", fmt::format("UPDATE tasks SET {} = {} WHERE {}", identifier(column.name),
                             different_value(column), condition));
      update(" to NULL", emptied("tasks", column, " WHERE " + condition));
    }
  }

  // A verdict that says one thing and does another (Q16).
  void outcomes() {
    for (const auto resolution : model::kResolutionNames) {
      for (const char* action : {"RELEASE", "REFUND", "SPLIT"}) {
        add("Q16", "dispute resolved " + std::string(resolution) + " with outcome " + action,
            "UPDATE disputes SET state = 'RESOLVED', resolution = " + sql_quoted(resolution) +
                ", outcome_escrow_action = " + sql_quoted(action) + ", resolved_by = " +
                sql_quoted(ids::kAdmin) + ", resolved_at = now()" + where(ids::kDispute));
      }
    }
  }

  // One live payout per escrow.
  void queues() {
    const auto row = [&](int number) {
      return insert_statement(catalogue_, "transfer_retry_queue",
                              {{"id", sql_quoted(fresh(number))},
                               {"escrow_id", sql_quoted(ids::kEscrow)},
                               {"task_id", sql_quoted(ids::kTask)},
                               {"worker_id", sql_quoted(ids::kWorker)},
                               {"amount", "4250"},
                               {"status", "'PENDING'"}});
    };
    if (catalogue_.has("transfer_retry_queue")) {
      add("one payout", "two live rows in the transfer retry queue", row(11) + "; " + row(12));
    }
  }

  // Values outside the vocabulary (the CHECKs of schema.md §1).
  void domains() {
    for (const Domain& domain : kDomains) {
      if (domain.stage != stage_.name) continue;
      add(domain.rule, std::string(domain.table) + " with " + std::string(domain.assignment),
          "UPDATE " + std::string(domain.table) + " SET " + std::string(domain.assignment) +
              where(domain.id));
    }
  }

  void people() {
    if (stage_.name != "awarded" && stage_.name != "accepted") return;
    for (const std::string_view user : {ids::kPoster, ids::kWorker}) {
      add("LEDGER-XP", "DELETE a user at " + std::string(stage_.name), "DELETE FROM users" + where(user));
      add("LEDGER-XP", "user id changed at " + std::string(stage_.name),
          "UPDATE users SET id = " + sql_quoted(fresh(30)) + where(user));
    }
    add("AUDIT-2", "tier raised silently", "UPDATE users SET trust_tier = 4" + where(ids::kStranger));
  }

  const Catalogue& catalogue_;
  const Stage& stage_;
  std::vector<Attempt> attempts_;
};

}  // namespace

std::vector<Attempt> births_at(const Catalogue& catalogue, const Stage& stage) {
  return Births(catalogue, stage).all();
}

}  // namespace loadgen::attack
