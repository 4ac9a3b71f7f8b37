#include "loadgen/attack/story.h"

#include <array>
#include <stdexcept>

#include "loadgen/attack/eligibility.h"
#include "loadgen/attack/evidence.h"
#include "loadgen/attack/parents.h"

namespace loadgen::attack {
namespace {

// state-machines.md §1-§5: every pair of task and escrow that may rest, and the proof and dispute beside it.
constexpr std::array kStages{
    Stage{"open_pending", "", "OPEN", "PENDING", "", "", "T1 E0"},
    Stage{"qualified", "open_pending", "OPEN", "PENDING", "", "", "R0 R1"},
    Stage{"open_funded", "open_pending", "OPEN", "FUNDED", "", "", "E1"},
    Stage{"open_refunded", "open_pending", "OPEN", "REFUNDED", "", "", "E2"},
    Stage{"cancelled_unfunded", "open_pending", "CANCELLED", "REFUNDED", "", "", "T10 E2"},
    Stage{"cancelled_refunded", "open_funded", "CANCELLED", "REFUNDED", "", "", "T10 E4"},
    Stage{"expired_refunded", "open_funded", "EXPIRED", "REFUNDED", "", "", "T12 E4"},
    Stage{"accepted", "open_funded", "ACCEPTED", "FUNDED", "", "", "T2"},
    Stage{"proof_pending", "accepted", "ACCEPTED", "FUNDED", "PENDING", "", "P1"},
    Stage{"proof_expired", "proof_pending", "ACCEPTED", "FUNDED", "EXPIRED", "", "P7"},
    Stage{"submitted", "proof_pending", "PROOF_SUBMITTED", "FUNDED", "SUBMITTED", "", "T3 P1"},
    Stage{"rejected", "submitted", "ACCEPTED", "FUNDED", "REJECTED", "", "T4 P3"},
    Stage{"proof_accepted", "submitted", "PROOF_SUBMITTED", "FUNDED", "ACCEPTED", "", "P2"},
    Stage{"completed", "proof_accepted", "COMPLETED", "FUNDED", "ACCEPTED", "", "T5"},
    Stage{"released", "completed", "COMPLETED", "RELEASED", "ACCEPTED", "", "E3"},
    Stage{"awarded", "released", "COMPLETED", "RELEASED", "ACCEPTED", "", "INV-1 counterpart"},
    Stage{"disputed", "submitted", "DISPUTED", "LOCKED_DISPUTE", "SUBMITTED", "OPEN", "T6 E5 D1"},
    Stage{"disputed_after_rejection", "rejected", "DISPUTED", "LOCKED_DISPUTE", "REJECTED", "OPEN",
          "T7 E5 D1"},
    Stage{"evidence_requested", "disputed", "DISPUTED", "LOCKED_DISPUTE", "SUBMITTED", "EVIDENCE_REQUESTED",
          "D2"},
    Stage{"escalated", "disputed", "DISPUTED", "LOCKED_DISPUTE", "SUBMITTED", "ESCALATED", "D3"},
    Stage{"resolved_for_worker", "disputed", "COMPLETED", "RELEASED", "ACCEPTED", "RESOLVED", "T8 E6 P5 D4"},
    Stage{"resolved_for_poster", "disputed", "CANCELLED", "REFUNDED", "REJECTED", "RESOLVED", "T9 E7 P6 D4"},
    Stage{"split", "disputed", "CANCELLED", "REFUND_PARTIAL", "REJECTED", "RESOLVED", "T9 E8 P6 D4"},
    // Other ways to an end that has been attacked above: they only have to be open.
    Stage{"expired_unfunded", "open_pending", "EXPIRED", "REFUNDED", "", "", "T12 E2", true},
    Stage{"withdrawn", "accepted", "CANCELLED", "REFUNDED", "", "", "T11 E4", true},
    Stage{"overdue", "accepted", "EXPIRED", "REFUNDED", "", "", "T13 E4", true},
    Stage{"withdrawn_after_rejection", "rejected", "CANCELLED", "REFUNDED", "REJECTED", "", "T11 E4", true},
    Stage{"tried_again", "rejected", "PROOF_SUBMITTED", "FUNDED", "ACCEPTED", "", "P1 T3 P2", true},
    Stage{"resolved_after_rejection", "disputed_after_rejection", "COMPLETED", "RELEASED", "ACCEPTED",
          "RESOLVED", "T8 E6 P5 D4", true},
    Stage{"refunded_after_rejection", "disputed_after_rejection", "CANCELLED", "REFUNDED", "REJECTED",
          "RESOLVED", "T9 E7 D4", true},
    Stage{"resolved_after_evidence", "evidence_requested", "COMPLETED", "RELEASED", "ACCEPTED", "RESOLVED",
          "T8 E6 P5 D4", true},
    Stage{"escalated_after_evidence", "evidence_requested", "DISPUTED", "LOCKED_DISPUTE", "SUBMITTED",
          "ESCALATED", "D2 D2 D3", true},
    Stage{"split_after_escalation", "escalated", "CANCELLED", "REFUND_PARTIAL", "REJECTED", "RESOLVED",
          "T9 E8 P6 D4", true},
};

constexpr std::array<std::string_view, 12> kTables{
    "users",        "admin_roles", "tasks",  "escrows",      "proofs",        "disputes",
    "proof_photos", "xp_ledger",   "badges", "trust_ledger", "admin_actions", "processed_stripe_events"};

std::string q(std::string_view text) {
  return quoted(text);
}

Values user_values(std::string_view id, std::string_view name) {
  const std::string mail = std::string(name) + "@attack.invalid";
  return {{"id", q(id)}, {"email", q(mail)}, {"full_name", q(name)}, {"firebase_uid", q(mail)}};
}

std::string set_task(std::string_view id, std::string_view assignments) {
  return "UPDATE tasks SET " + std::string(assignments) + " WHERE id = " + q(id);
}
std::string set_escrow(std::string_view id, std::string_view assignments) {
  return "UPDATE escrows SET " + std::string(assignments) + " WHERE id = " + q(id);
}
std::string set_proof(std::string_view id, std::string_view assignments) {
  return "UPDATE proofs SET " + std::string(assignments) + " WHERE id = " + q(id);
}

constexpr std::string_view kFund =
    "state = 'FUNDED', funded_at = now(), stripe_payment_intent_id = 'pi_' || replace(id::text, '-', '')";

std::string accept(std::string_view task, std::string_view worker) {
  return set_task(task, "state = 'ACCEPTED', worker_id = " + q(worker) + ", accepted_at = now()");
}
std::string submit_proof(std::string_view proof) {
  return set_proof(
      proof, "state = 'SUBMITTED', submitted_at = now(), review_deadline = now() + interval '48 hours'");
}
std::string review(std::string_view state, std::string_view reviewer, std::string_view more = "",
                   std::string_view proof = ids::kProof) {
  return set_proof(proof, "state = " + q(state) + ", reviewed_by = " + q(reviewer) + ", reviewed_at = now()" +
                              std::string(more));
}
std::string resolve(std::string_view resolution, std::string_view action) {
  return "UPDATE disputes SET state = 'RESOLVED', resolution = " + q(resolution) +
         ", outcome_escrow_action = " + q(action) +
         ", resolution_notes = 'attack', resolved_by = " + q(ids::kAdmin) +
         ", resolved_at = now() WHERE id = " + q(ids::kDispute);
}

std::vector<StageStatement> other_task(const Catalogue& c) {
  using namespace ids;
  return {{"T1", insert_statement(c, "tasks", task_values(c, kOtherTask, kStranger, "OPEN"))},
          {"E0", insert_statement(c, "escrows", escrow_values(c, kOtherEscrow, kOtherTask, "PENDING"))},
          {"E1", set_escrow(kOtherEscrow, kFund)},
          {"T2", accept(kOtherTask, kAdmin)},
          {"P1", insert_statement(c, "proofs", proof_values(c, kOtherProof, kOtherTask, kAdmin, "PENDING"))},
          {"P1", insert_statement(c, "proof_photos",
                                  photo_values(c, "00000000-0000-4000-8000-000000000160", kOtherProof, 1))},
          {"P1", submit_proof(kOtherProof)},
          {"T3", set_task(kOtherTask, "state = 'PROOF_SUBMITTED', proof_submitted_at = now()")},
          {"P2", set_proof(kOtherProof,
                           "state = 'ACCEPTED', reviewed_by = " + q(kStranger) + ", reviewed_at = now()")},
          {"T5", set_task(kOtherTask, "state = 'COMPLETED', completed_at = now()")},
          {"E3", set_escrow(kOtherEscrow, "state = 'RELEASED', released_at = now()")}};
}

// What a released escrow leads to: rows of every append-only ledger.
std::vector<StageStatement> award_statements(const Catalogue& c) {
  using namespace ids;
  const auto row = [&](const std::string& table, const Values& values) {
    return insert_statement(c, table, told(c, table, values));
  };
  return {{"INV-1", insert_statement(c, "xp_ledger", xp_values(c, kXp, kWorker, kTask, kEscrow))},
          {"INV-BADGE-2", row("badges", {{"id", q(kBadge)},
                                         {"user_id", q(kWorker)},
                                         {"badge_type", "'first-task'"},
                                         {"badge_tier", "1"}})},
          {"AUDIT-2",
           "UPDATE users SET trust_tier = " + std::to_string(c.variant.tier) + " WHERE id = " + q(kWorker)},
          {"AUDIT-3", row("admin_actions", {{"id", q(kAction)},
                                            {"admin_user_id", q(kAdmin)},
                                            {"admin_role", "'admin'"},
                                            {"action_type", "'test'"},
                                            {"action_details", "'{}'"},
                                            {"result", "'ok'"}})},
          {"INV-STRIPE-1", row("processed_stripe_events", {{"event_id", "'evt_attack'"},
                                                           {"event_type", "'payment_intent.succeeded'"},
                                                           {"result", "'applied'"}})}};
}

// A proof with its photos, not yet submitted.
std::vector<StageStatement> proof_rows(const Catalogue& c, std::string_view proof, std::string_view photo) {
  std::vector<StageStatement> all{
      {"P1", insert_statement(c, "proofs", proof_values(c, proof, ids::kTask, ids::kWorker, "PENDING"))}};
  for (int sequence = 1; sequence <= c.variant.photos; ++sequence) {
    std::string id(photo);
    id.replace(id.size() - 5, 1, std::to_string(sequence - 1));
    all.push_back({"P1", insert_statement(c, "proof_photos", photo_values(c, id, proof, sequence))});
  }
  return all;
}

std::string start_of_review() {
  return set_task(ids::kTask, "state = 'PROOF_SUBMITTED', proof_submitted_at = now()");
}

constexpr std::string_view kEarlierProof = "00000000-0000-4000-8000-000000000031";
constexpr std::string_view kLaterProof = "00000000-0000-4000-8000-000000000032";
constexpr std::string_view kLaterPhoto = "00000000-0000-4000-8000-000000000063";
constexpr std::string_view kEarlierPhoto = "00000000-0000-4000-8000-000000000062";

std::vector<StageStatement> rejected_attempt(const Catalogue& c) {
  std::vector<StageStatement> all = proof_rows(c, kEarlierProof, kEarlierPhoto);
  all.push_back({"P1", submit_proof(kEarlierProof)});
  all.push_back({"T3", start_of_review()});
  all.push_back({"P3", review("REJECTED", ids::kPoster, ", rejection_reason = 'unfinished'", kEarlierProof)});
  all.push_back({"T4", set_task(ids::kTask, "state = 'ACCEPTED'")});
  return all;
}

std::string dispute_to(std::string_view state) {
  return "UPDATE disputes SET state = " + q(state) + " WHERE id = " + q(ids::kDispute);
}

std::vector<StageStatement> verdict_for_worker(const Catalogue& c) {
  using namespace ids;
  return {{"P5", review("ACCEPTED", kAdmin)},
          {"T8", set_task(kTask, "state = 'COMPLETED', completed_at = now()")},
          {"E6", set_escrow(kEscrow, "state = 'RELEASED', released_at = now()")},
          {"INV-1", insert_statement(c, "xp_ledger", xp_values(c, kXp, kWorker, kTask, kEscrow))},
          {"D4", resolve("HUSTLER_WINS", "RELEASE")}};
}

std::vector<StageStatement> verdict_against_worker(const Catalogue& c, bool split, bool reviewed) {
  using namespace ids;
  std::vector<StageStatement> all;
  if (!reviewed) all.push_back({"P6", review("REJECTED", kAdmin, ", rejection_reason = 'dispute'")});
  all.push_back({"T9", set_task(kTask, "state = 'CANCELLED', cancelled_at = now()")});
  if (split) {
    const std::string refund = std::to_string(c.variant.refund);
    all.push_back({"E8", set_escrow(kEscrow, "state = 'REFUND_PARTIAL', release_amount = amount - " + refund +
                                                 ", refund_amount = " + refund + ", refunded_at = now()")});
    all.push_back({"D4", resolve("SPLIT", "SPLIT")});
  } else {
    all.push_back({"E7", set_escrow(kEscrow, "state = 'REFUNDED', refunded_at = now()")});
    all.push_back({"D4", resolve("CLIENT_WINS", "REFUND")});
  }
  return all;
}

std::vector<StageStatement> dispute_statements(const Catalogue& c, std::string_view name) {
  using namespace ids;
  if (name == "disputed" || name == "disputed_after_rejection") {
    std::vector<StageStatement> all{
        {"D1", insert_statement(c, "disputes", dispute_values(c, kDispute, "OPEN"))},
        {name == "disputed" ? "T6" : "T7", set_task(kTask, "state = 'DISPUTED'")},
        {"E5", set_escrow(kEscrow, "state = 'LOCKED_DISPUTE'")}};
    if (c.variant.asked_for_evidence) {
      all.push_back({"D2", dispute_to("EVIDENCE_REQUESTED")});
      all.push_back({"D2", dispute_to("OPEN")});
    }
    return all;
  }
  if (name == "evidence_requested") return {{"D2", dispute_to("EVIDENCE_REQUESTED")}};
  if (name == "escalated" || name == "escalated_after_evidence") return {{"D3", dispute_to("ESCALATED")}};
  if (name == "resolved_for_worker" || name == "resolved_after_rejection" ||
      name == "resolved_after_evidence")
    return verdict_for_worker(c);
  const bool split = name == "split" || name == "split_after_escalation";
  return verdict_against_worker(c, split, name == "refunded_after_rejection");
}

// Ends without a verdict.
std::vector<StageStatement> end_statements(std::string_view name) {
  const bool expired = name == "expired_unfunded" || name == "expired_refunded" || name == "overdue";
  const bool unfunded = name == "expired_unfunded" || name == "cancelled_unfunded";
  const bool taken = name == "overdue" || name.starts_with("withdrawn");
  return {{expired ? taken ? "T13" : "T12"
           : taken ? "T11"
                   : "T10",
           set_task(ids::kTask, expired ? "state = 'EXPIRED', expired_at = now()"
                                        : "state = 'CANCELLED', cancelled_at = now()")},
          {unfunded ? "E2" : "E4", set_escrow(ids::kEscrow, "state = 'REFUNDED', refunded_at = now()")}};
}

}  // namespace

std::span<const Stage> all_stages() {
  return kStages;
}

std::span<const std::string_view> story_tables() {
  return kTables;
}

const Stage& stage(std::string_view name) {
  for (const Stage& each : kStages) {
    if (each.name == name) return each;
  }
  throw std::logic_error("no stage " + std::string(name));
}

std::vector<StageStatement> cast_statements(const Catalogue& c) {
  using namespace ids;
  std::vector<StageStatement> all = parent_statements(c);
  for (const auto& [id, name] : {std::pair{kPoster, "poster"}, std::pair{kWorker, "worker"},
                                 std::pair{kAdmin, "admin"}, std::pair{kStranger, "stranger"}})
    all.push_back({"users", insert_statement(c, "users", user_values(id, name))});
  all.push_back({"admin_roles", insert_statement(c, "admin_roles",
                                                 {{"user_id", q(kAdmin)},
                                                  {"role", "'admin'"},
                                                  {"can_resolve_disputes", "true"},
                                                  {"can_override_escrow", "true"}})});
  for (StageStatement& each : other_task(c)) all.push_back(std::move(each));
  all.push_back({"T1", insert_statement(c, "tasks", task_values(c, kBareTask, kPoster, "OPEN"))});
  return all;
}

std::vector<StageStatement> stage_statements(const Catalogue& c, std::string_view name) {
  using namespace ids;
  const Stage& at = stage(name);
  if (name == "open_pending") {
    return {{"T1", insert_statement(c, "tasks", task_values(c, kTask, kPoster, "OPEN"))},
            {"E0", insert_statement(c, "escrows", escrow_values(c, kEscrow, kTask, "PENDING"))}};
  }
  if (name == "qualified") return qualification_statements(c);
  if (name == "open_funded") {
    std::vector<StageStatement> all{{"E1", set_escrow(kEscrow, kFund)}};
    if (c.variant.live && c.has("tasks", "live_broadcast_started_at"))
      all.push_back({"LIVE-1", set_task(kTask, "live_broadcast_started_at = now()")});
    return all;
  }
  if (name == "open_refunded")
    return {{"E2", set_escrow(kEscrow, "state = 'REFUNDED', refunded_at = now()")}};
  if (at.dispute.empty() && (at.task == "CANCELLED" || at.task == "EXPIRED")) return end_statements(name);
  if (name == "accepted") {
    std::vector<StageStatement> all{{"T2", accept(kTask, kWorker)}};
    if (!c.variant.tried_before) return all;
    for (StageStatement& each : rejected_attempt(c)) all.push_back(std::move(each));
    return all;
  }
  if (name == "proof_pending") return proof_rows(c, kProof, kPhoto);
  if (name == "submitted") {
    std::vector<StageStatement> all{{"P1", submit_proof(kProof)}, {"T3", start_of_review()}};
    for (StageStatement& each : evidence_statements(c)) all.push_back(std::move(each));
    return all;
  }
  if (name == "tried_again") {
    std::vector<StageStatement> all = proof_rows(c, kLaterProof, kLaterPhoto);
    all.push_back({"P1", submit_proof(kLaterProof)});
    all.push_back({"T3", start_of_review()});
    all.push_back({"P2", review("ACCEPTED", kPoster, "", kLaterProof)});
    return all;
  }
  if (name == "proof_expired") return {{"P7", set_proof(kProof, "state = 'EXPIRED'")}};
  if (name == "rejected") {
    return {{"P3", review("REJECTED", kPoster, ", rejection_reason = 'unfinished'")},
            {"T4", set_task(kTask, "state = 'ACCEPTED'")}};
  }
  if (name == "proof_accepted") {
    return {{"P2", c.variant.by_clock ? set_proof(kProof, "state = 'ACCEPTED', reviewed_at = now()")
                                      : review("ACCEPTED", kPoster)}};
  }
  if (name == "completed") return {{"T5", set_task(kTask, "state = 'COMPLETED', completed_at = now()")}};
  if (name == "released") return {{"E3", set_escrow(kEscrow, "state = 'RELEASED', released_at = now()")}};
  if (name == "awarded") return award_statements(c);
  return dispute_statements(c, name);
}

}  // namespace loadgen::attack
