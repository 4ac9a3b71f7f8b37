#include "loadgen/attack/legal.h"

#include <array>

namespace loadgen::attack {
namespace {

struct Legal {
  std::string_view table, id, rule, assignments;
  std::string_view state;  // only there; empty: everywhere
};
constexpr std::array kLegal{
    Legal{"tasks", ids::kTask, "TERM-TASK",
          "state = state, price = price, poster_id = poster_id, worker_id = worker_id", ""},
    Legal{"tasks", ids::kTask, "TERM-TASK",
          "title = title, description = description, mode = mode, requires_proof = requires_proof", ""},
    Legal{"escrows", ids::kEscrow, "TERM-ESCROW", "state = state, amount = amount, task_id = task_id", ""},
    Legal{"escrows", ids::kEscrow, "E3", "stripe_transfer_id = 'tr_late'", "RELEASED"},
    Legal{"escrows", ids::kEscrow, "E8", "stripe_transfer_id = 'tr_late', stripe_refund_id = 're_late'",
          "REFUND_PARTIAL"},
    Legal{"escrows", ids::kEscrow, "E4", "stripe_refund_id = 're_late'", "REFUNDED"},
    Legal{"proofs", ids::kProof, "TERM-PROOF",
          "state = state, task_id = task_id, submitter_id = submitter_id", ""},
    Legal{"disputes", ids::kDispute, "TERM-DISPUTE",
          "state = state, task_id = task_id, escrow_id = escrow_id", ""}};

std::string_view state_of(const Stage& stage, std::string_view table) {
  if (table == "tasks") return stage.task;
  if (table == "escrows") return stage.escrow;
  return table == "proofs" ? stage.proof : stage.dispute;
}

bool has_all(const Catalogue& catalogue, const Legal& legal) {
  const std::string table(legal.table);
  for (std::string_view rest = legal.assignments; !rest.empty();) {
    const std::string_view column = rest.substr(0, rest.find(" = "));
    if (!catalogue.has(table, std::string(column))) return false;
    const std::size_t next = rest.find(", ");
    rest = next == std::string_view::npos ? std::string_view() : rest.substr(next + 2);
  }
  return true;
}

}  // namespace

std::vector<Attempt> legal_attempts(const Catalogue& catalogue, const Stage& stage) {
  std::vector<Attempt> attempts;
  for (const Legal& legal : kLegal) {
    const std::string_view state = state_of(stage, legal.table);
    if (state.empty() || (!legal.state.empty() && legal.state != state) || !has_all(catalogue, legal))
      continue;
    Attempt attempt;
    attempt.rule = legal.rule;
    attempt.name = "KEEP " + std::string(legal.table) + " at " + std::string(stage.name) + " by " +
                   std::string(legal.assignments);
    attempt.sql = "UPDATE " + std::string(legal.table) + " SET " + std::string(legal.assignments) +
                  " WHERE id = " + quoted(legal.id);
    attempt.shows = "SELECT 1 WHERE false";  // only a refusal is a breach
    attempt.wanted = Wanted::accepted;
    attempt.in_every_variant = true;
    attempts.push_back(std::move(attempt));
  }
  return attempts;
}

}  // namespace loadgen::attack
