// Slots for calls of the role matrix that may come true: what they create must not be somebody else's.
#pragma once

#include "model/vocabulary/command.h"

namespace loadgen {

inline constexpr std::size_t kVerificationSlots = 32;  // per drill

// For a second proof or dispute of a drill, and for records of verification (one per caller and kind).
void give_empty_slots(model::Command& command);

}  // namespace loadgen
