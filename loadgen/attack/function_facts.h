// The three calculations that a schema offers (schema.md §3, money.md §5), at every edge. A schema without
// one of them is not asked.
#pragma once

#include <vector>

#include "loadgen/attack/attempts.h"
#include "loadgen/attack/story.h"

namespace loadgen::attack {

std::vector<Attempt> function_attempts(const Stage& stage);

}  // namespace loadgen::attack
