// Small worlds brought into every situation that the result matrices of state-machines.md speak of.
#pragma once

#include <array>
#include <string_view>

#include "model/rules/apply.h"
#include "model/rules/world.h"

namespace model {

inline constexpr UserId kPoster{0};
inline constexpr UserId kWorker{1};
inline constexpr UserId kStranger{2};
inline constexpr UserId kAdmin{3};
inline constexpr std::array kPeople{kPoster, kWorker, kStranger, kAdmin};
inline constexpr std::array<std::string_view, 4> kPeopleNames{"poster", "worker", "stranger", "admin"};

inline constexpr TaskId kTask{0};
inline constexpr EscrowId kEscrow{0};
inline constexpr Instant kStart{20'000 * kDay + 12 * kHour};  // a noon, UTC

// The situations, named as the columns of the tables that use them.
enum class Scene {
  open_pending,              // OP
  open_funded,               // OF
  open_refunded,             // OR  the payment was cancelled at the processor
  accepted,                  // AC
  accepted_after_rejection,  // AR
  submitted,                 // PS
  proof_accepted,            // PA  the poster accepted the proof, completion is due
  disputed,                  // DI
  completed,                 // CO
  completed_by_dispute,      // CH  HUSTLER_WINS
  cancelled_unassigned,      // Cb  before anybody accepted
  cancelled_assigned,        // Ca  after a rejected proof
  cancelled_client_wins,     // Cc
  cancelled_split,           // Cs
  expired_unassigned,        // Eb
  expired_assigned,          // Ea  after a rejected proof
  completed_unpaid,  // CF  COMPLETED with a FUNDED escrow: legal (Q07), though no command leaves it behind
};
inline constexpr std::array<std::string_view, 17> kSceneNames{
    "OP", "OF", "OR", "AC", "AR", "PS", "PA", "DI", "CO", "CH", "Cb", "Ca", "Cc", "Cs", "Eb", "Ea", "CF"};

// Four people in good standing and empty records: 3 tasks, 6 proofs, 3 disputes, 6 events.
World empty_world();

// A command about the records that exist, or that come next: task 0, its latest proof (for submissions the
// next free one), its dispute, the next free event. Price 5000.
Command ask(const World& world, Action action, UserId actor = {});

// Applies the command and fails the test unless it is accepted.
Answer must(World& world, const Command& command, Instant now = kStart);
Answer must(World& world, Action action, UserId actor = {}, Instant now = kStart);

World world_in(Scene scene);

// Brings the next free event into being at the processor and delivers it.
void fund(World& world, TaskId task = kTask);

// The code as the tables write it: "ok" or error.data.hx.
std::string_view verdict(const Outcome& outcome);

}  // namespace model
