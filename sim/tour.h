// Plans that leave nothing to chance: walks through the small world of the model (model/rules/small_world.h)
// that together visit every reachable cell, and every race of state-machines.md §5 in both orders of sending.
//
// A block of choices is one step: the first value names a command of the small world's alphabet plus one (0
// ends the walk), the second how many more are sent at the same moment, the following ones name them. A group
// ends the walk.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/stage.h"

namespace sim {

// Interprets choices as a walk; fills people, slots and steps. Commands whose slot is taken are left out.
void play_tour(Stage& stage);

// The choices of the tours, in the order in which the gate drives them. Their number is prime, so that every
// stride through them meets all. Computed once.
const std::vector<std::vector<std::uint32_t>>& all_tours();

}  // namespace sim
