// What each input field of the contract is sent as. One value per field name, whatever the procedure.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>

#include "loadgen/executor.h"
#include "model/vocabulary/command.h"
#include "model/vocabulary/contract.h"

namespace loadgen {

struct FieldSource {  // what a field's value may depend on
  const model::Command& command;
  const Bindings& ids;
  model::Instant now;
  std::uint64_t number;  // varies texts, and what may be left out
};

// null: the optional field is left out.
nlohmann::json value_of(const model::Field& field, const FieldSource& from);

}  // namespace loadgen
