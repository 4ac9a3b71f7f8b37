// A command as a tRPC request. The contract table is walked: one value per field name, whatever the
// procedure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "loadgen/executor.h"
#include "model/vocabulary/command.h"
#include "model/vocabulary/contract.h"
#include "net/request.h"

namespace loadgen {

// An entity that the plan names but that never came into being: a well-formed id that nobody has.
std::string id_or_random(const std::vector<std::string>& ids, std::uint16_t slot);

// The input of `command`, a procedure, with its input fault if it has one. `number` varies the texts.
nlohmann::json input_of(const model::Command& command, const Bindings& ids, model::Instant now,
                        std::uint64_t number);

// A well-formed input of any procedure, about the first of each entity, as JSON text.
std::string plain_input(model::Action action, const Bindings& ids, model::Instant now, std::uint64_t number);

// Spoils a valid input in exactly one way.
void spoil(nlohmann::json& input, const model::InputFault& fault);

// `token` empty: no Authorization header. `clock`: send the case's time.
net::Request request_of(const model::Command& command, const Bindings& ids, const std::string& token,
                        model::Instant now, bool clock, std::uint64_t number, const std::string& base_path);

std::string iso_text(model::Instant at);  // 2026-01-31T23:59:59.123Z

}  // namespace loadgen
