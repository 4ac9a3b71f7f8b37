// The edges of the four machines as data (state-machines.md §1-§4): which cause leads from which state to
// which. Rules ask after_cause; coverage, documents and tests walk the tables. Creating edges (T1, E0, P1,
// D1) have no origin and live with their procedures. Who may cause what, and when, is in the machines' own
// files.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "model/vocabulary/states.h"

namespace model {

enum class Cause : std::uint8_t {
  accept_task,
  submit_proof,
  accept_proof,
  reject_proof,
  complete_task,
  open_dispute,
  hustler_wins,
  client_wins,
  split,
  cancel_task,
  expire_task,
  review_timeout,
  payment_succeeded,
  payment_canceled,
  release,
  refund,
};
inline constexpr std::size_t kCauseCount = static_cast<std::size_t>(Cause::refund) + 1;

template <class State>
struct Edge {
  std::string_view id;
  State from;
  Cause cause;
  State to;
};

inline constexpr std::array kTaskEdges{
    Edge<TaskState>{"T2", TaskState::open, Cause::accept_task, TaskState::accepted},
    Edge<TaskState>{"T3", TaskState::accepted, Cause::submit_proof, TaskState::proof_submitted},
    Edge<TaskState>{"T4", TaskState::proof_submitted, Cause::reject_proof, TaskState::accepted},
    Edge<TaskState>{"T5", TaskState::proof_submitted, Cause::complete_task, TaskState::completed},
    Edge<TaskState>{"T6", TaskState::proof_submitted, Cause::open_dispute, TaskState::disputed},
    Edge<TaskState>{"T7", TaskState::accepted, Cause::open_dispute, TaskState::disputed},
    Edge<TaskState>{"T8", TaskState::disputed, Cause::hustler_wins, TaskState::completed},
    Edge<TaskState>{"T9", TaskState::disputed, Cause::client_wins, TaskState::cancelled},
    Edge<TaskState>{"T9", TaskState::disputed, Cause::split, TaskState::cancelled},
    Edge<TaskState>{"T10", TaskState::open, Cause::cancel_task, TaskState::cancelled},
    Edge<TaskState>{"T11", TaskState::accepted, Cause::cancel_task, TaskState::cancelled},
    Edge<TaskState>{"T12", TaskState::open, Cause::expire_task, TaskState::expired},
    Edge<TaskState>{"T13", TaskState::accepted, Cause::expire_task, TaskState::expired},
};

inline constexpr std::array kEscrowEdges{
    Edge<EscrowState>{"E1", EscrowState::pending, Cause::payment_succeeded, EscrowState::funded},
    Edge<EscrowState>{"E2", EscrowState::pending, Cause::payment_canceled, EscrowState::refunded},
    Edge<EscrowState>{"E2", EscrowState::pending, Cause::cancel_task, EscrowState::refunded},
    Edge<EscrowState>{"E2", EscrowState::pending, Cause::expire_task, EscrowState::refunded},
    Edge<EscrowState>{"E2", EscrowState::pending, Cause::refund, EscrowState::refunded},
    Edge<EscrowState>{"E3", EscrowState::funded, Cause::complete_task, EscrowState::released},
    Edge<EscrowState>{"E3", EscrowState::funded, Cause::release, EscrowState::released},
    Edge<EscrowState>{"E4", EscrowState::funded, Cause::cancel_task, EscrowState::refunded},
    Edge<EscrowState>{"E4", EscrowState::funded, Cause::expire_task, EscrowState::refunded},
    Edge<EscrowState>{"E4", EscrowState::funded, Cause::refund, EscrowState::refunded},
    Edge<EscrowState>{"E5", EscrowState::funded, Cause::open_dispute, EscrowState::locked_dispute},
    Edge<EscrowState>{"E6", EscrowState::locked_dispute, Cause::hustler_wins, EscrowState::released},
    Edge<EscrowState>{"E7", EscrowState::locked_dispute, Cause::client_wins, EscrowState::refunded},
    Edge<EscrowState>{"E8", EscrowState::locked_dispute, Cause::split, EscrowState::refund_partial},
};

// P7 needs a visible PENDING proof, which one-call submission never leaves behind.
inline constexpr std::array kProofEdges{
    Edge<ProofState>{"P2", ProofState::submitted, Cause::accept_proof, ProofState::accepted},
    Edge<ProofState>{"P3", ProofState::submitted, Cause::reject_proof, ProofState::rejected},
    Edge<ProofState>{"P4", ProofState::submitted, Cause::review_timeout, ProofState::accepted},
    Edge<ProofState>{"P5", ProofState::submitted, Cause::hustler_wins, ProofState::accepted},
    Edge<ProofState>{"P5", ProofState::rejected, Cause::hustler_wins, ProofState::accepted},
    Edge<ProofState>{"P6", ProofState::submitted, Cause::client_wins, ProofState::rejected},
    Edge<ProofState>{"P6", ProofState::submitted, Cause::split, ProofState::rejected},
    Edge<ProofState>{"P7", ProofState::pending, Cause::cancel_task, ProofState::expired},
    Edge<ProofState>{"P7", ProofState::pending, Cause::expire_task, ProofState::expired},
};

// D2 and D3 have no procedure in the seeds, so no cause.
inline constexpr std::array kDisputeEdges{
    Edge<DisputeState>{"D4", DisputeState::open, Cause::hustler_wins, DisputeState::resolved},
    Edge<DisputeState>{"D4", DisputeState::open, Cause::client_wins, DisputeState::resolved},
    Edge<DisputeState>{"D4", DisputeState::open, Cause::split, DisputeState::resolved},
    Edge<DisputeState>{"D4", DisputeState::evidence_requested, Cause::hustler_wins, DisputeState::resolved},
    Edge<DisputeState>{"D4", DisputeState::evidence_requested, Cause::client_wins, DisputeState::resolved},
    Edge<DisputeState>{"D4", DisputeState::evidence_requested, Cause::split, DisputeState::resolved},
    Edge<DisputeState>{"D4", DisputeState::escalated, Cause::hustler_wins, DisputeState::resolved},
    Edge<DisputeState>{"D4", DisputeState::escalated, Cause::client_wins, DisputeState::resolved},
    Edge<DisputeState>{"D4", DisputeState::escalated, Cause::split, DisputeState::resolved},
};

// The tables turned into a matrix at compile time: one load per question.
template <class State, std::size_t States>
struct EdgeMatrix {
  static constexpr std::uint8_t kNoEdge = 0xFF;
  std::array<std::array<std::uint8_t, kCauseCount>, States> to;

  constexpr explicit EdgeMatrix(const auto& edges) : to{} {
    for (auto& row : to) row.fill(kNoEdge);
    for (const Edge<State>& edge : edges) {
      to[static_cast<std::size_t>(edge.from)][static_cast<std::size_t>(edge.cause)] =
          static_cast<std::uint8_t>(edge.to);
    }
  }
  constexpr std::optional<State> after(State from, Cause cause) const {
    const std::uint8_t found = to[static_cast<std::size_t>(from)][static_cast<std::size_t>(cause)];
    if (found == kNoEdge) return std::nullopt;
    return static_cast<State>(found);
  }
};

inline constexpr EdgeMatrix<TaskState, kTaskStateNames.size()> kTaskMatrix(kTaskEdges);
inline constexpr EdgeMatrix<EscrowState, kEscrowStateNames.size()> kEscrowMatrix(kEscrowEdges);
inline constexpr EdgeMatrix<ProofState, kProofStateNames.size()> kProofMatrix(kProofEdges);
inline constexpr EdgeMatrix<DisputeState, kDisputeStateNames.size()> kDisputeMatrix(kDisputeEdges);

constexpr auto after_cause(TaskState from, Cause cause) {
  return kTaskMatrix.after(from, cause);
}
constexpr auto after_cause(EscrowState from, Cause cause) {
  return kEscrowMatrix.after(from, cause);
}
constexpr auto after_cause(ProofState from, Cause cause) {
  return kProofMatrix.after(from, cause);
}
constexpr auto after_cause(DisputeState from, Cause cause) {
  return kDisputeMatrix.after(from, cause);
}

// Moves `state` along its edge, or leaves it alone when there is none (a SUBMITTED proof is rejected by a
// split, an ACCEPTED one stays). Answers whether it moved.
template <class State>
constexpr bool move_by(State& state, Cause cause) {
  const auto next = after_cause(state, cause);
  if (next) state = *next;
  return next.has_value();
}

constexpr Cause cause_of(Resolution resolution) {
  switch (resolution) {
    case Resolution::hustler_wins:
      return Cause::hustler_wins;
    case Resolution::client_wins:
      return Cause::client_wins;
    case Resolution::split:
      return Cause::split;
  }
  return Cause::client_wins;
}

}  // namespace model
