// Writes that change nothing that is frozen, and what stays writable at the end: a guard that compares column
// lists instead of values, or freezes too much, refuses them (invariants.md §2).
#pragma once

#include <vector>

#include "loadgen/attack/attempts.h"
#include "loadgen/attack/story.h"

namespace loadgen::attack {

std::vector<Attempt> legal_attempts(const Catalogue& catalogue, const Stage& stage);

}  // namespace loadgen::attack
