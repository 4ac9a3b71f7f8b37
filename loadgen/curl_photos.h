// The photos of a submission as lines of a bash script: pictures made on the spot, a place asked for, the
// bytes put there. What loadgen/uploads does over HTTP, for scripts that run without Hustle.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "model/vocabulary/command.h"
#include "model/vocabulary/instant.h"

namespace loadgen {

// Functions and pieces of pictures that the lines below call for.
std::string photo_functions();

// The line that uploads the photos of call `number`; afterwards their keys are in KEY_<number>_0, ….
std::string photo_upload(const model::Command& command, model::Instant now, std::size_t number);

// The line that remembers the first key once the call was accepted.
std::string photo_memory(const model::Command& command, std::size_t number);

}  // namespace loadgen
