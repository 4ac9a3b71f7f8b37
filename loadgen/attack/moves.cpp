#include "loadgen/attack/moves.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "loadgen/attack/eligibility.h"
#include "loadgen/attack/fact_rows.h"
#include "loadgen/attack/story.h"

namespace loadgen::attack {
namespace {

// Writes that are legal at a stage but lead to no stage of their own: {stage, name, statement}.
struct Extra {
  std::string_view stage, name, sql;
};
constexpr std::array kExtras{
    Extra{"open_funded", "price edited",
          "UPDATE tasks SET price = 6000 WHERE id = '00000000-0000-4000-8000-000000000010'"},
    Extra{"open_funded", "refund without cancellation",
          "UPDATE escrows SET state = 'REFUNDED', refunded_at = now() WHERE id = "
          "'00000000-0000-4000-8000-000000000020'"},
    Extra{"open_funded", "accepted by somebody else",
          "UPDATE tasks SET state = 'ACCEPTED', worker_id = '00000000-0000-4000-8000-000000000004', "
          "accepted_at = now() "
          "WHERE id = '00000000-0000-4000-8000-000000000010' AND state = 'OPEN'"},
    Extra{"accepted", "refund without cancellation",
          "UPDATE escrows SET state = 'REFUNDED', refunded_at = now() WHERE id = "
          "'00000000-0000-4000-8000-000000000020'"},
    Extra{"accepted", "cancelled",
          "UPDATE tasks SET state = 'CANCELLED', cancelled_at = now() "
          "WHERE id = '00000000-0000-4000-8000-000000000010' AND state = 'ACCEPTED'"},
    Extra{"proof_pending", "photo withdrawn",
          "DELETE FROM proof_photos WHERE id = '00000000-0000-4000-8000-000000000060'"},
    Extra{"proof_pending", "cancelled",
          "UPDATE tasks SET state = 'CANCELLED', cancelled_at = now() "
          "WHERE id = '00000000-0000-4000-8000-000000000010' AND state = 'ACCEPTED'"},
    Extra{"proof_pending", "expired",
          "UPDATE tasks SET state = 'EXPIRED', expired_at = now() "
          "WHERE id = '00000000-0000-4000-8000-000000000010' AND state = 'ACCEPTED'"},
    Extra{"proof_pending", "submitted only",
          "UPDATE proofs SET state = 'SUBMITTED', submitted_at = now() "
          "WHERE id = '00000000-0000-4000-8000-000000000030' AND state = 'PENDING'"},
    Extra{"submitted", "rejected only",
          "UPDATE proofs SET state = 'REJECTED', rejection_reason = 'no', reviewed_by = "
          "'00000000-0000-4000-8000-000000000001', reviewed_at = now() "
          "WHERE id = '00000000-0000-4000-8000-000000000030' AND state = 'SUBMITTED'"},
    Extra{"proof_accepted", "escrow locked",
          "UPDATE escrows SET state = 'LOCKED_DISPUTE' "
          "WHERE id = '00000000-0000-4000-8000-000000000020' AND state = 'FUNDED'"},
    Extra{"proof_accepted", "refund without cancellation",
          "UPDATE escrows SET state = 'REFUNDED', refunded_at = now() WHERE id = "
          "'00000000-0000-4000-8000-000000000020'"},
    Extra{"proof_accepted", "verdict withdrawn",
          "UPDATE proofs SET state = 'REJECTED', rejection_reason = 'no' "
          "WHERE id = '00000000-0000-4000-8000-000000000030'"},
    Extra{"completed", "refund after completion",
          "UPDATE escrows SET state = 'REFUNDED', refunded_at = now() "
          "WHERE id = '00000000-0000-4000-8000-000000000020' AND state = 'FUNDED'"},
    Extra{"open_pending", "cancelled only",
          "UPDATE tasks SET state = 'CANCELLED', cancelled_at = now() "
          "WHERE id = '00000000-0000-4000-8000-000000000010' AND state = 'OPEN'"},
    Extra{"disputed", "worker re-pointed",
          "UPDATE tasks SET worker_id = '00000000-0000-4000-8000-000000000004' "
          "WHERE id = '00000000-0000-4000-8000-000000000010'"}};

void add_inserts(const Catalogue& catalogue, std::string_view at, std::vector<Move>& moves) {
  using namespace ids;
  const auto id = [](int number) {
    return "00000000-0000-4000-8000-00000000" + std::to_string(9500 + number);
  };
  const auto insert = [&](std::string name, const char* table, const Values& row) {
    moves.push_back({std::move(name), {insert_statement(catalogue, table, row)}});
  };
  if (at == "proof_pending") {
    std::vector<std::string> four;
    for (int sequence = 2; sequence <= 5; ++sequence) {
      four.push_back(
          insert_statement(catalogue, "proof_photos", photo_values(id(sequence), kProof, sequence)));
    }
    moves.push_back({"four more photos", four});
    insert("a fifth photo", "proof_photos", photo_values(id(6), kProof, 5));
    insert("a photo without a number", "proof_photos",
           changed(photo_values(id(7), kProof, 5), {{"sequence_number", "NULL"}}));
  }
  if (at == "accepted") insert("another proof", "proofs", proof_values(id(10), kTask, kWorker, "PENDING"));
  if (at == "released") insert("XP", "xp_ledger", xp_values(id(11), kWorker, kTask, kEscrow));
  if (at == "completed") insert("XP before release", "xp_ledger", xp_values(id(11), kWorker, kTask, kEscrow));
  if (at == "submitted" || at == "proof_accepted")
    insert("dispute row", "disputes", dispute_values(id(12), "OPEN"));
  if (at == "released" || at == "open_funded") {
    insert("Stripe event", "processed_stripe_events",
           {{"event_id", "'evt_attack_pair'"},
            {"event_type", "'payment_intent.succeeded'"},
            {"result", "'applied'"}});
  }
}

}  // namespace

std::vector<Move> moves_at(const Catalogue& catalogue, std::string_view at) {
  std::vector<Move> moves;
  for (const Stage& next : all_stages()) {
    if (next.parent != at) continue;
    Move move{std::string(next.name) + " (" + std::string(next.rule) + ")", {}};
    for (StageStatement& statement : stage_statements(catalogue, next.name)) {
      if (!statement.sql.empty()) move.statements.push_back(std::move(statement.sql));
    }
    moves.push_back(std::move(move));
  }
  for (const Extra& extra : kExtras) {
    if (extra.stage == at) moves.push_back({std::string(extra.name), {std::string(extra.sql)}});
  }
  add_inserts(catalogue, at, moves);
  if (at == "qualified") std::ranges::move(qualification_moves(catalogue), std::back_inserter(moves));
  return moves;
}

}  // namespace loadgen::attack
