// A command of a plan as lines of a bash script (campaign/export.h writes the functions that they call).
#pragma once

#include <cstddef>
#include <string>

#include "model/vocabulary/command.h"
#include "model/vocabulary/instant.h"

namespace loadgen {

// What call `number` needs beforehand: the event of a delivery, the photos of a submission; may be empty.
std::string curl_preparation(const model::Command& command, model::Instant now, std::size_t number);
std::string curl_call(const model::Command& command, model::Instant now, std::size_t number);  // one line
std::string curl_bindings(const model::Command& command, std::size_t number);  // ids out of its answer

}  // namespace loadgen
