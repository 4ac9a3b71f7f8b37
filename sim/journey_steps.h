// The steps of each journey, written down together with what the rules answer to them.
#pragma once

#include <span>
#include <vector>

#include "model/rules/world.h"
#include "sim/journeys.h"

namespace sim {

model::User load_worker();  // verified, with a payout account
// The world of one task before it exists: poster, worker, admin, room for three proofs and a dispute.
void begin_world(model::World& world);
// The world of one credential of the poster (kCredential), who has no part in any task here.
void begin_credential_world(model::World& world);

struct StepWriter {
  model::World& world;
  model::Instant now;
  std::vector<JourneyStep>& steps;

  void call(model::Action action, model::UserId actor, std::uint32_t variant = 0);
  void create(std::span<const model::Command> variants, std::uint32_t variant);
  void fund();
  void accept();
  void prove(std::uint32_t variant);
  void approve();
  void reject();
  void dispute(std::uint32_t variant);
  void cancel();
  void feed(bool nearby);
  void browse();
  void storm();
  // The poster's credential goes on: handed in, decided by the admin, taken back, handed in again. The number
  // of the person says which credential it is; `denied`: the decision, when one is due.
  void recompute(std::uint32_t person, bool denied);

 private:
  void add(StepKind kind, const model::Command& command, std::uint32_t variant = 0);
  model::Command about(model::Action action, model::UserId actor) const;
  void deliver(model::EventFlavour flavour);
};

}  // namespace sim
