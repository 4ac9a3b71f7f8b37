// The plan under construction: the world as it would be after the steps so far (in the listed order), the
// clock of the case, and the slots that name entities before they exist. Shared by everything that interprets
// choices.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "model/rules/world.h"
#include "model/vocabulary/command.h"
#include "sim/choices.h"
#include "sim/plan.h"
#include "sim/scenario.h"

namespace sim {

// An index that no world contains: commands that carry it ask for something that does not exist.
inline constexpr std::uint16_t kNowhere = 0xFFF0;

struct TaskNotes {          // what the world does not remember of a task
  model::EventId payment;   // present once the processor has a payment event of either type
  model::EventId transfer;  // present once a transfer.created event has been asked for
  model::ProofId spare;     // a proof slot that a refused submission left empty
  bool delivered = false;   // the payment event has been delivered genuinely at least once
};

// What a verification record is about; one slot of World::verifications each.
struct VerificationKey {
  model::UserId user;
  model::VerificationKind kind;
  model::Trade trade;
  model::UsState state;
  bool operator==(const VerificationKey&) const = default;
};

struct Stage {
  Stage(const Scenario& scenario, Choices choices, model::Instant start);

  const Scenario& scenario;
  Choices choices;
  model::World world;
  model::Instant now;
  Plan plan;
  std::vector<model::UserId> posters, workers, admins;
  std::vector<TaskNotes> notes;                    // by task slot
  std::vector<VerificationKey> verification_keys;  // by verification slot
  model::UsState region = 0;    // where the case happens; cases spread over the states keep feeds short
  std::uint32_t home_zone = 0;  // index of the zone where most tasks of the case are
  std::size_t commands = 0;
  bool diverged = false;  // a group has been sent: the real world may follow another serial order
};

// Appends one command, or a group that is sent at the same moment, and lets the world follow.
void send(Stage& stage, const model::Command& command);
void send_together(Stage& stage, std::vector<model::Command> commands);
void pass_time(Stage& stage, model::Millis duration);

// New slots. The world grows by one empty record.
model::TaskId new_task(Stage& stage);
model::ProofId proof_slot(Stage& stage, model::TaskId task);
model::DisputeId new_dispute(Stage& stage);
model::EventId new_event(Stage& stage);

// The index of the chosen weight; 0 of the choices chooses the first weight above zero. Some weight must be
// above 0.
std::size_t weighted(Choices& choices, std::span<const std::int64_t> weights);

template <class T>
const T& one_of(Choices& choices, const std::vector<T>& from) {
  return from[choices.pick(static_cast<std::uint32_t>(from.size()))];
}

bool may_act(const Stage& stage, model::UserId user);  // the account is ACTIVE
std::vector<model::UserId> everybody(const Stage& stage);
// The first poster in good standing at or after a chosen position; the cast always has one.
model::UserId acting_poster(Stage& stage);
// A user that could accept the task, absent when there is none.
model::UserId acting_worker(Stage& stage, model::TaskId task);
model::UserId resolving_admin(const Stage& stage);          // absent when the cast has no admin
std::vector<model::TaskId> live_tasks(const Stage& stage);  // posted and not in a final state
std::vector<model::TaskId> posted_tasks(const Stage& stage);

}  // namespace sim
