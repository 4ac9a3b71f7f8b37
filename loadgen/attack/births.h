// Rows that come into being in a wrong state, beside a row that excludes them, or with values outside the
// vocabulary; and writes to the parents after the fact.
#pragma once

#include <vector>

#include "loadgen/attack/attempts.h"
#include "loadgen/attack/story.h"

namespace loadgen::attack {

std::vector<Attempt> births_at(const Catalogue& catalogue, const Stage& stage);

}  // namespace loadgen::attack
