// Whether an answer speaks of the entities that were asked about: ids and instants, which the model does not
// know.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>

#include "loadgen/executor.h"
#include "model/vocabulary/command.h"

namespace loadgen {

struct IdFact {  // where an answer names an entity
  enum class Is : std::uint8_t { task, escrow, intent, proof, dispute, verification, caller, now };
  model::Action action;
  const char* pointer;  // JSON pointer into the output
  Is is;
};
std::span<const IdFact> known_ids();    // must be those that were asked about
std::span<const IdFact> created_ids();  // of what came into being

// "worker_id: expected 3f…, got 8a…". Instants are compared only when `clock`: then the case's time is the
// target's.
std::optional<std::string> identity_breach(const model::Command& command, const Bindings& ids,
                                           model::Instant now, bool clock, const nlohmann::json& data);

// Takes the identifiers of what the command created into `ids`.
void bind_created(const model::Command& command, const nlohmann::json& data, Bindings& ids);

}  // namespace loadgen
