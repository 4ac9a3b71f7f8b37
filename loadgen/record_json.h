// Commands, outcomes and users as JSON objects that hold only what differs from the default.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "model/rules/world.h"
#include "model/vocabulary/history.h"

namespace loadgen {

nlohmann::json to_json(const model::Command& command);
nlohmann::json to_json(const model::Outcome& outcome);
nlohmann::json to_json(const model::User& user);
nlohmann::json to_json(const model::Operation& operation);

// Each throws std::invalid_argument with "field: expected …" for what the writers never write.
model::Command command_from(const nlohmann::json& value);
model::Outcome outcome_from(const nlohmann::json& value);
model::User user_from(const nlohmann::json& value);
model::Operation operation_from(const nlohmann::json& value);

}  // namespace loadgen
