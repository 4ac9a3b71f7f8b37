#include "loadgen/attack/story.h"

#include <array>
#include <stdexcept>

#include "loadgen/attack/eligibility.h"
#include "loadgen/attack/evidence.h"

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
    Stage{"escalated", "disputed", "DISPUTED", "LOCKED_DISPUTE", "SUBMITTED", "ESCALATED", "D3"},
    Stage{"resolved_for_worker", "disputed", "COMPLETED", "RELEASED", "ACCEPTED", "RESOLVED", "T8 E6 P5 D4"},
    Stage{"resolved_for_poster", "disputed", "CANCELLED", "REFUNDED", "REJECTED", "RESOLVED", "T9 E7 P6 D4"},
    Stage{"split", "disputed", "CANCELLED", "REFUND_PARTIAL", "REJECTED", "RESOLVED", "T9 E8 P6 D4"},
};

Values user_values(std::string_view id, std::string_view name) {
  const std::string mail = std::string(name) + "@attack.invalid";
  return {{"id", sql_quoted(id)},
          {"email", sql_quoted(mail)},
          {"full_name", sql_quoted(name)},
          {"firebase_uid", sql_quoted(mail)}};
}

std::string set_task(std::string_view id, std::string_view assignments) {
  return "UPDATE tasks SET " + std::string(assignments) + " WHERE id = " + sql_quoted(id);
}
std::string set_escrow(std::string_view id, std::string_view assignments) {
  return "UPDATE escrows SET " + std::string(assignments) + " WHERE id = " + sql_quoted(id);
}
std::string set_proof(std::string_view id, std::string_view assignments) {
  return "UPDATE proofs SET " + std::string(assignments) + " WHERE id = " + sql_quoted(id);
}

constexpr std::string_view kFund =
    "state = 'FUNDED', funded_at = now(), stripe_payment_intent_id = 'pi_' || replace(id::text, '-', '')";

std::string accept(std::string_view task, std::string_view worker) {
  return set_task(task, "state = 'ACCEPTED', worker_id = " + sql_quoted(worker) + ", accepted_at = now()");
}
std::string submit_proof(std::string_view proof) {
  return set_proof(
      proof, "state = 'SUBMITTED', submitted_at = now(), review_deadline = now() + interval '48 hours'");
}
std::string review(std::string_view state, std::string_view reviewer, std::string_view more = "") {
  return set_proof(ids::kProof, "state = " + sql_quoted(state) + ", reviewed_by = " + sql_quoted(reviewer) +
                                    ", reviewed_at = now()" + std::string(more));
}
std::string resolve(std::string_view resolution, std::string_view action) {
  return "UPDATE disputes SET state = 'RESOLVED', resolution = " + sql_quoted(resolution) +
         ", outcome_escrow_action = " + sql_quoted(action) +
         ", resolution_notes = 'attack', resolved_by = " + sql_quoted(ids::kAdmin) +
         ", resolved_at = now() WHERE id = " + sql_quoted(ids::kDispute);
}

std::vector<StageStatement> other_task(const Catalogue& c) {
  using namespace ids;
  return {{"T1", insert_statement(c, "tasks", task_values(kOtherTask, kStranger, "OPEN"))},
          {"E0", insert_statement(c, "escrows", escrow_values(kOtherEscrow, kOtherTask, "PENDING"))},
          {"E1", set_escrow(kOtherEscrow, kFund)},
          {"T2", accept(kOtherTask, kAdmin)},
          {"P1", insert_statement(c, "proofs", proof_values(kOtherProof, kOtherTask, kAdmin, "PENDING"))},
          {"P1", insert_statement(c, "proof_photos",
                                  photo_values("00000000-0000-4000-8000-000000000160", kOtherProof, 1))},
          {"P1", submit_proof(kOtherProof)},
          {"T3", set_task(kOtherTask, "state = 'PROOF_SUBMITTED', proof_submitted_at = now()")},
          {"P2", set_proof(kOtherProof, "state = 'ACCEPTED', reviewed_by = " + sql_quoted(kStranger) +
                                            ", reviewed_at = now()")},
          {"T5", set_task(kOtherTask, "state = 'COMPLETED', completed_at = now()")},
          {"E3", set_escrow(kOtherEscrow, "state = 'RELEASED', released_at = now()")}};
}

// What a released escrow leads to: rows of every append-only ledger.
std::vector<StageStatement> award_statements(const Catalogue& c) {
  using namespace ids;
  return {{"INV-1", insert_statement(c, "xp_ledger", xp_values(kXp, kWorker, kTask, kEscrow))},
          {"INV-BADGE-2", insert_statement(c, "badges",
                                           {{"id", sql_quoted(kBadge)},
                                            {"user_id", sql_quoted(kWorker)},
                                            {"badge_type", "'first-task'"},
                                            {"badge_tier", "1"}})},
          {"AUDIT-2", "UPDATE users SET trust_tier = 2 WHERE id = " + sql_quoted(kWorker)},
          {"AUDIT-3", insert_statement(c, "admin_actions",
                                       {{"id", sql_quoted(kAction)},
                                        {"admin_user_id", sql_quoted(kAdmin)},
                                        {"admin_role", "'admin'"},
                                        {"action_type", "'test'"},
                                        {"action_details", "'{}'"},
                                        {"result", "'ok'"}})},
          {"INV-STRIPE-1", insert_statement(c, "processed_stripe_events",
                                            {{"event_id", "'evt_attack'"},
                                             {"event_type", "'payment_intent.succeeded'"},
                                             {"result", "'applied'"}})}};
}

std::vector<StageStatement> dispute_statements(const Catalogue& c, std::string_view name) {
  using namespace ids;
  if (name == "disputed" || name == "disputed_after_rejection") {
    return {{"D1", insert_statement(c, "disputes", dispute_values(kDispute, "OPEN"))},
            {name == "disputed" ? "T6" : "T7", set_task(kTask, "state = 'DISPUTED'")},
            {"E5", set_escrow(kEscrow, "state = 'LOCKED_DISPUTE'")}};
  }
  if (name == "resolved_for_worker") {
    return {{"P5", review("ACCEPTED", kAdmin)},
            {"T8", set_task(kTask, "state = 'COMPLETED', completed_at = now()")},
            {"E6", set_escrow(kEscrow, "state = 'RELEASED', released_at = now()")},
            {"INV-1", insert_statement(c, "xp_ledger", xp_values(kXp, kWorker, kTask, kEscrow))},
            {"D4", resolve("HUSTLER_WINS", "RELEASE")}};
  }
  std::vector<StageStatement> against_worker{
      {"P6", review("REJECTED", kAdmin, ", rejection_reason = 'dispute'")},
      {"T9", set_task(kTask, "state = 'CANCELLED', cancelled_at = now()")}};
  if (name == "resolved_for_poster") {
    against_worker.push_back({"E7", set_escrow(kEscrow, "state = 'REFUNDED', refunded_at = now()")});
    against_worker.push_back({"D4", resolve("CLIENT_WINS", "REFUND")});
  } else {
    against_worker.push_back({"E8", set_escrow(kEscrow,
                                               "state = 'REFUND_PARTIAL', release_amount = 3000, "
                                               "refund_amount = 2000, refunded_at = now()")});
    against_worker.push_back({"D4", resolve("SPLIT", "SPLIT")});
  }
  return against_worker;
}

}  // namespace

std::span<const Stage> all_stages() {
  return kStages;
}

const Stage& stage(std::string_view name) {
  for (const Stage& each : kStages) {
    if (each.name == name) return each;
  }
  throw std::logic_error("no stage " + std::string(name));
}

std::vector<StageStatement> cast_statements(const Catalogue& c) {
  using namespace ids;
  std::vector<StageStatement> all{{"users", insert_statement(c, "users", user_values(kPoster, "poster"))},
                                  {"users", insert_statement(c, "users", user_values(kWorker, "worker"))},
                                  {"users", insert_statement(c, "users", user_values(kAdmin, "admin"))},
                                  {"users", insert_statement(c, "users", user_values(kStranger, "stranger"))},
                                  {"admin_roles", insert_statement(c, "admin_roles",
                                                                   {{"user_id", sql_quoted(kAdmin)},
                                                                    {"role", "'admin'"},
                                                                    {"can_resolve_disputes", "true"},
                                                                    {"can_override_escrow", "true"}})}};
  for (StageStatement& each : other_task(c)) all.push_back(std::move(each));
  all.push_back({"T1", insert_statement(c, "tasks", task_values(kBareTask, kPoster, "OPEN"))});
  return all;
}

std::vector<StageStatement> stage_statements(const Catalogue& c, std::string_view name) {
  using namespace ids;
  if (name == "open_pending") {
    return {{"T1", insert_statement(c, "tasks", task_values(kTask, kPoster, "OPEN"))},
            {"E0", insert_statement(c, "escrows", escrow_values(kEscrow, kTask, "PENDING"))}};
  }
  if (name == "qualified") return qualification_statements(c);
  if (name == "open_funded") return {{"E1", set_escrow(kEscrow, kFund)}};
  if (name == "open_refunded")
    return {{"E2", set_escrow(kEscrow, "state = 'REFUNDED', refunded_at = now()")}};
  if (name == "cancelled_unfunded" || name == "cancelled_refunded") {
    return {{"T10", set_task(kTask, "state = 'CANCELLED', cancelled_at = now()")},
            {name == "cancelled_unfunded" ? "E2" : "E4",
             set_escrow(kEscrow, "state = 'REFUNDED', refunded_at = now()")}};
  }
  if (name == "expired_refunded") {
    return {{"T12", set_task(kTask, "state = 'EXPIRED', expired_at = now()")},
            {"E4", set_escrow(kEscrow, "state = 'REFUNDED', refunded_at = now()")}};
  }
  if (name == "accepted") return {{"T2", accept(kTask, kWorker)}};
  if (name == "proof_pending") {
    return {{"P1", insert_statement(c, "proofs", proof_values(kProof, kTask, kWorker, "PENDING"))},
            {"P1", insert_statement(c, "proof_photos", photo_values(kPhoto, kProof, 1))}};
  }
  if (name == "submitted") {
    std::vector<StageStatement> all{
        {"P1", submit_proof(kProof)},
        {"T3", set_task(kTask, "state = 'PROOF_SUBMITTED', proof_submitted_at = now()")}};
    for (StageStatement& each : evidence_statements(c)) all.push_back(std::move(each));
    return all;
  }
  if (name == "proof_expired") return {{"P7", set_proof(kProof, "state = 'EXPIRED'")}};
  if (name == "escalated")
    return {{"D3", "UPDATE disputes SET state = 'ESCALATED' WHERE id = " + sql_quoted(kDispute)}};
  if (name == "rejected") {
    return {{"P3", review("REJECTED", kPoster, ", rejection_reason = 'unfinished'")},
            {"T4", set_task(kTask, "state = 'ACCEPTED'")}};
  }
  if (name == "proof_accepted") return {{"P2", review("ACCEPTED", kPoster)}};
  if (name == "completed") return {{"T5", set_task(kTask, "state = 'COMPLETED', completed_at = now()")}};
  if (name == "released") return {{"E3", set_escrow(kEscrow, "state = 'RELEASED', released_at = now()")}};
  if (name == "awarded") return award_statements(c);
  return dispute_statements(c, name);
}

Values task_values(std::string_view id, std::string_view poster, std::string_view state) {
  return {{"id", sql_quoted(id)},      {"poster_id", sql_quoted(poster)},
          {"title", "'Carry a sofa'"}, {"description", "'Third floor'"},
          {"location", "'Ballard'"},   {"category", "'moving'"},
          {"price", "5000"},           {"state", sql_quoted(state)},
          {"mode", "'STANDARD'"},      {"deadline", "now() + interval '1 day'"},
          {"requires_proof", "true"}};
}

Values escrow_values(std::string_view id, std::string_view task, std::string_view state) {
  return {{"id", sql_quoted(id)},
          {"task_id", sql_quoted(task)},
          {"amount", "5000"},
          {"state", sql_quoted(state)}};
}

Values proof_values(std::string_view id, std::string_view task, std::string_view submitter,
                    std::string_view state) {
  return {{"id", sql_quoted(id)},
          {"task_id", sql_quoted(task)},
          {"submitter_id", sql_quoted(submitter)},
          {"state", sql_quoted(state)},
          {"description", "'done'"}};
}

Values photo_values(std::string_view id, std::string_view proof, int sequence) {
  return {{"id", sql_quoted(id)},
          {"proof_id", sql_quoted(proof)},
          {"storage_key", "'proofs/attack/' || " + sql_quoted(id)},
          {"content_type", "'image/jpeg'"},
          {"file_size_bytes", "1000"},
          {"checksum_sha256", "encode(sha256(" + sql_quoted(id) + "::bytea), 'hex')"},
          {"sequence_number", std::to_string(sequence)}};
}

Values dispute_values(std::string_view id, std::string_view state) {
  return {{"id", sql_quoted(id)},
          {"task_id", sql_quoted(ids::kTask)},
          {"escrow_id", sql_quoted(ids::kEscrow)},
          {"initiated_by", sql_quoted(ids::kPoster)},
          {"poster_id", sql_quoted(ids::kPoster)},
          {"worker_id", sql_quoted(ids::kWorker)},
          {"state", sql_quoted(state)},
          {"reason", "'QUALITY_ISSUE'"},
          {"description", "'attack'"}};
}

Values xp_values(std::string_view id, std::string_view user, std::string_view task, std::string_view escrow) {
  return {{"id", sql_quoted(id)},
          {"user_id", sql_quoted(user)},
          {"task_id", sql_quoted(task)},
          {"escrow_id", sql_quoted(escrow)},
          {"base_xp", "50"},
          {"streak_multiplier", "1.00"},
          {"decay_factor", "1.0000"},
          {"effective_xp", "50"},
          {"user_xp_before", "0"},
          {"user_xp_after", "50"},
          {"user_level_before", "1"},
          {"user_level_after", "1"},
          {"user_streak_at_award", "1"}};
}

}  // namespace loadgen::attack
