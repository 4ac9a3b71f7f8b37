// Who did something and when, as answers tell it: instants are those of calls that may have set them, and
// acts are the caller's own. Reads and the answers of writes alike.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "loadgen/readback.h"

namespace loadgen {

// Before a call is sent: what it may set bears this instant.
void note_stamps(Readback& memory, const model::Command& command, const Bindings& ids, model::Instant now);

// An accepted task.create: its instants belong to the task that it made.
void note_birth(Readback& memory, const std::string& task);

// An instant of no call that may have set it. Only for a target that takes its instants from the harness.
std::optional<std::string> strange_instant(const Readback& memory, const model::Command& command,
                                           const Bindings& ids, const nlohmann::json& data);

// An answer that names another actor or another task than the call did.
std::optional<std::string> strange_actor(const model::Command& command, const Bindings& ids,
                                         const nlohmann::json& data);

}  // namespace loadgen
