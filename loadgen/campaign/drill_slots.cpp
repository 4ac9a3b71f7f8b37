#include "loadgen/campaign/drill_slots.h"

namespace loadgen {

using model::Action;

void give_empty_slots(model::Command& command) {
  const auto record = [&](unsigned kind) {
    command.verification = {static_cast<std::uint16_t>(command.actor.value * 3U + kind)};
    command.trade = model::Trade::electrician;
  };
  if (command.action == Action::dispute_create) command.dispute = model::DisputeId{1};
  if (command.action == Action::proof_submit || command.action == Action::task_submit_proof)
    command.proof = model::ProofId{1};
  if (command.action == Action::verification_submit_license) record(0);
  if (command.action == Action::verification_submit_insurance) record(1);
  if (command.action == Action::verification_initiate_background_check) record(2);
  if (command.action == Action::verification_resolve) record(0);
  if (command.action == Action::feed_get) command.page = 100;
}

}  // namespace loadgen
