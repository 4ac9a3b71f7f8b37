// Every pair of states of tasks, escrows, proofs and disputes: the edges of state-machines.md pass, all
// others are refused with the code of invariants.md §1 and §2.
#include <fmt/format.h>

#include <array>
#include <set>
#include <string_view>
#include <utility>

#include "model/vocabulary/states.h"
#include "tests/sql/database_fixture.h"

namespace sql_test {
namespace {

using Edge = std::pair<std::string_view, std::string_view>;
using Edges = SqlTest;

const std::set<Edge> task_edges = {{"OPEN", "ACCEPTED"},
                                   {"OPEN", "CANCELLED"},
                                   {"OPEN", "EXPIRED"},
                                   {"ACCEPTED", "PROOF_SUBMITTED"},
                                   {"ACCEPTED", "DISPUTED"},
                                   {"ACCEPTED", "CANCELLED"},
                                   {"ACCEPTED", "EXPIRED"},
                                   {"PROOF_SUBMITTED", "ACCEPTED"},
                                   {"PROOF_SUBMITTED", "COMPLETED"},
                                   {"PROOF_SUBMITTED", "DISPUTED"},
                                   {"DISPUTED", "COMPLETED"},
                                   {"DISPUTED", "CANCELLED"}};
const std::set<std::string_view> terminal_tasks = {"COMPLETED", "CANCELLED", "EXPIRED"};

const std::set<Edge> escrow_edges = {{"PENDING", "FUNDED"},          {"PENDING", "REFUNDED"},
                                     {"FUNDED", "RELEASED"},         {"FUNDED", "REFUNDED"},
                                     {"FUNDED", "LOCKED_DISPUTE"},   {"LOCKED_DISPUTE", "RELEASED"},
                                     {"LOCKED_DISPUTE", "REFUNDED"}, {"LOCKED_DISPUTE", "REFUND_PARTIAL"}};
const std::set<std::string_view> terminal_escrows = {"RELEASED", "REFUNDED", "REFUND_PARTIAL"};

const std::set<Edge> proof_edges = {
    {"PENDING", "SUBMITTED"}, {"PENDING", "EXPIRED"}, {"SUBMITTED", "ACCEPTED"}, {"SUBMITTED", "REJECTED"}};

const std::set<Edge> dispute_edges = {{"OPEN", "EVIDENCE_REQUESTED"}, {"EVIDENCE_REQUESTED", "OPEN"},
                                      {"OPEN", "ESCALATED"},          {"EVIDENCE_REQUESTED", "ESCALATED"},
                                      {"OPEN", "RESOLVED"},           {"EVIDENCE_REQUESTED", "RESOLVED"},
                                      {"ESCALATED", "RESOLVED"}};

TEST_F(Edges, tasks) {
  for (const std::string_view from : model::kTaskStateNames) {
    for (const std::string_view to : model::kTaskStateNames) {
      // Proof and escrow are ready for everything, so only the edge itself decides.
      Job job = job_in(std::string(from), {.requires_proof = false});
      std::string sql = update_state("tasks", job.task, to);
      if (from == "OPEN" && to == "ACCEPTED") {
        fund(job);
        sql = fmt::format("UPDATE tasks SET state = 'ACCEPTED', worker_id = '{}' WHERE id = '{}'", job.worker,
                          job.task);
      }
      const bool legal = from == to || task_edges.contains({from, to});
      EXPECT_EQ(attempt(sql), legal                           ? ""
                              : terminal_tasks.contains(from) ? "HX001"
                                                              : "23514")
          << from << " to " << to;
      EXPECT_EQ(state_of("tasks", job.task), legal ? to : from);
    }
  }
}

// The escrow in `from`, its task in a state in which every legal edge of `from` is open.
class EscrowEdges : public SqlTest {
 protected:
  Job escrow_in(std::string_view from, std::string_view to) {
    Job job;
    if (from == "PENDING") return new_job();
    if (from == "FUNDED" || from == "REFUNDED") {
      job = to == "LOCKED_DISPUTE" ? job_in("PROOF_SUBMITTED")
            : to == "RELEASED"     ? job_in("COMPLETED")
                                   : new_job();
      if (state_of("escrows", job.escrow) == "PENDING") fund(job);
      if (from == "REFUNDED") return job_in("CANCELLED");
      return job;
    }
    if (from == "RELEASED") return released_job();
    job = job_in("DISPUTED");
    if (from == "REFUND_PARTIAL") run(split(job));
    if (from == "LOCKED_DISPUTE" && to == "RELEASED") {
      approve(job);
      complete(job);
    }
    return job;
  }
  static std::string split(const Job& job) {
    return fmt::format(
        "UPDATE escrows SET state = 'REFUND_PARTIAL', refund_amount = 2000, release_amount = 3000 "
        "WHERE id = '{}'",
        job.escrow);
  }
};

TEST_F(EscrowEdges, all_pairs) {
  for (const std::string_view from : model::kEscrowStateNames) {
    for (const std::string_view to : model::kEscrowStateNames) {
      const Job job = escrow_in(from, to);
      ASSERT_EQ(state_of("escrows", job.escrow), from);
      const std::string task = state_of("tasks", job.task);
      const bool legal = from == to || escrow_edges.contains({from, to});
      const char* expected = legal                                                           ? ""
                             : to == "RELEASED" && from != "RELEASED" && task != "COMPLETED" ? "HX201"
                             : terminal_escrows.contains(from)                               ? "HX002"
                                                                                             : "23514";
      const bool splits = to == "REFUND_PARTIAL" && from != to;
      EXPECT_EQ(attempt(splits ? split(job) : update_state("escrows", job.escrow, to)), expected)
          << from << " to " << to << ", task " << task;
    }
  }
}

// PENDING to RELEASED is no edge even when INV-2 is satisfied (G6).
TEST_F(EscrowEdges, pending_to_released_with_a_completed_task) {
  Job job = job_in("PROOF_SUBMITTED", {.requires_proof = false, .with_escrow = false});
  complete(job);
  add_escrow(job);
  EXPECT_EQ(attempt(update_state("escrows", job.escrow, "RELEASED")), "23514");
}

class ProofEdges : public SqlTest {
 protected:
  Job proof_in(std::string_view state) {
    Job job = job_in("ACCEPTED");
    job.proof = new_proof(job, 1);
    if (state == "EXPIRED") set_state("proofs", job.proof, "EXPIRED");
    if (state == "PENDING" || state == "EXPIRED") return job;
    set_state("proofs", job.proof, "SUBMITTED");
    set_state("tasks", job.task, "PROOF_SUBMITTED");
    if (state == "ACCEPTED") approve(job);
    if (state == "REJECTED") set_state("proofs", job.proof, "REJECTED");
    return job;
  }
};

TEST_F(ProofEdges, all_pairs) {
  for (const std::string_view from : model::kProofStateNames) {
    for (const std::string_view to : model::kProofStateNames) {
      const Job job = proof_in(from);
      ASSERT_EQ(state_of("proofs", job.proof), from);
      const bool legal = from == to || proof_edges.contains({from, to});
      EXPECT_EQ(attempt(update_state("proofs", job.proof, to)), legal ? "" : "23514") << from << " to " << to;
    }
  }
}

// P5: a rejected proof is accepted by a dispute, and only by it.
TEST_F(ProofEdges, rejected_to_accepted_only_while_disputed) {
  Job job = proof_in("REJECTED");
  EXPECT_EQ(attempt(update_state("proofs", job.proof, "ACCEPTED")), "23514");
  set_state("tasks", job.task, "ACCEPTED");
  EXPECT_EQ(attempt(update_state("proofs", job.proof, "ACCEPTED")), "23514");
  dispute(job);
  EXPECT_EQ(attempt(update_state("proofs", job.proof, "ACCEPTED")), "");
}

TEST_F(ProofEdges, no_verdict_for_a_task_that_ended) {
  Job job = proof_in("SUBMITTED");
  dispute(job);
  set_state("tasks", job.task, "CANCELLED");
  EXPECT_EQ(attempt(update_state("proofs", job.proof, "ACCEPTED")), "23514");
  EXPECT_EQ(attempt(update_state("proofs", job.proof, "REJECTED")), "") << "P6";
}

class DisputeEdges : public SqlTest {
 protected:
  Job dispute_in(std::string_view state) {
    Job job = job_in("DISPUTED");
    if (state != "OPEN") set_state("disputes", job.dispute, state);
    return job;
  }
};

TEST_F(DisputeEdges, all_pairs) {
  for (const std::string_view from : model::kDisputeStateNames) {
    for (const std::string_view to : model::kDisputeStateNames) {
      const Job job = dispute_in(from);
      ASSERT_EQ(state_of("disputes", job.dispute), from);
      const bool legal = from == to || dispute_edges.contains({from, to});
      EXPECT_EQ(attempt(update_state("disputes", job.dispute, to)), legal ? "" : "23514")
          << from << " to " << to;
    }
  }
}

// Decision 26: no row begins its life late.
TEST_F(Edges, no_insert_in_a_late_state) {
  const Job job = job_in("PROOF_SUBMITTED");
  for (const std::string_view state : model::kTaskStateNames) {
    EXPECT_EQ(attempt(fmt::format("INSERT INTO tasks (poster_id, title, description, price, state) "
                                  "VALUES ('{}', 't', 'd', 5000, '{}')",
                                  job.poster, state)),
              state == "OPEN" ? "" : "23514")
        << state;
  }
  for (const std::string_view state : model::kEscrowStateNames) {
    const Job fresh = new_job({.with_escrow = false});
    EXPECT_EQ(attempt(fmt::format("INSERT INTO escrows (task_id, amount, state) VALUES ('{}', 5000, '{}')",
                                  fresh.task, state)),
              state == "PENDING" ? "" : "23514")
        << state;
  }
  for (const std::string_view state : model::kProofStateNames) {
    const Job fresh = job_in("ACCEPTED");
    EXPECT_EQ(
        attempt(fmt::format("INSERT INTO proofs (task_id, submitter_id, state) VALUES ('{}', '{}', '{}')",
                            fresh.task, fresh.worker, state)),
        state == "PENDING"     ? ""
        : state == "SUBMITTED" ? "P0001"
                               : "23514")
        << state;
  }
  for (const std::string_view state : model::kDisputeStateNames) {
    const Job fresh = job_in("PROOF_SUBMITTED");
    EXPECT_EQ(attempt(fmt::format(
                  "INSERT INTO disputes (task_id, escrow_id, initiated_by, poster_id, worker_id, "
                  "reason, description, state) VALUES ('{}', '{}', '{}', '{}', '{}', 'OTHER', 'd', '{}')",
                  fresh.task, fresh.escrow, fresh.worker, fresh.poster, fresh.worker, state)),
              state == "OPEN" ? "" : "23514")
        << state;
  }
}

}  // namespace
}  // namespace sql_test
