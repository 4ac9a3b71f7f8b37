#include "loadgen/attack/edges.h"

#include <array>

#include "loadgen/attack/story.h"

namespace loadgen::attack {
namespace {

// P5 (REJECTED to ACCEPTED) is legal in a dispute only.
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

struct Belongs {
  std::string_view table, to, assignments;
};
constexpr std::array kBelongs{
    Belongs{"tasks", "PROOF_SUBMITTED", "proof_submitted_at = now()"},
    Belongs{"tasks", "COMPLETED", "completed_at = now()"},
    Belongs{"tasks", "CANCELLED", "cancelled_at = now()"},
    Belongs{"tasks", "EXPIRED", "expired_at = now()"},
    Belongs{"escrows", "FUNDED",
            "funded_at = now(), stripe_payment_intent_id = 'pi_' || replace(id::text, '-', '')"},
    Belongs{"escrows", "RELEASED", "released_at = now()"},
    Belongs{"escrows", "REFUNDED", "refunded_at = now()"},
    Belongs{"escrows", "REFUND_PARTIAL",
            "refunded_at = now(), release_amount = amount - 200, refund_amount = 200"},
    Belongs{"proofs", "SUBMITTED", "submitted_at = now(), review_deadline = now() + interval '48 hours'"},
    Belongs{"proofs", "ACCEPTED", "reviewed_at = now()"},
    Belongs{"proofs", "REJECTED", "reviewed_at = now(), rejection_reason = 'no'"},
    Belongs{"disputes", "RESOLVED",
            "resolution = 'CLIENT_WINS', outcome_escrow_action = 'REFUND', resolved_at = now()"}};

std::string_view id_in(std::string_view table) {
  if (table == "tasks") return ids::kTask;
  if (table == "escrows") return ids::kEscrow;
  return table == "proofs" ? ids::kProof : ids::kDispute;
}

}  // namespace

std::span<const Edge> legal_edges() {
  return kEdges;
}

std::string step_statement(const Catalogue& catalogue, const Edge& edge) {
  if (!catalogue.has(std::string(edge.table))) return {};
  std::string set = "state = " + quoted(edge.to);
  for (const Belongs& each : kBelongs) {
    if (each.table == edge.table && each.to == edge.to) set += ", " + std::string(each.assignments);
  }
  if (edge.table == "tasks" && edge.from == "OPEN" && edge.to == "ACCEPTED")
    set += ", worker_id = " + quoted(ids::kWorker) + ", accepted_at = now()";
  if (edge.table == "disputes" && edge.to == "RESOLVED") set += ", resolved_by = " + quoted(ids::kAdmin);
  return "UPDATE " + std::string(edge.table) + " SET " + set + " WHERE id = " + quoted(id_in(edge.table)) +
         " AND state = " + quoted(edge.from);
}

}  // namespace loadgen::attack
