// The ways in which the story is told on a schema: the usual one and a handful that differ from it in
// everything at once, so that each value of each column that the specification leaves free comes up, and each
// number and word that the schema's own guards compare with.
#pragma once

#include <vector>

#include "loadgen/attack/catalogue.h"

namespace loadgen::attack {

// Without the usual one.
std::vector<Variant> variants_of(const Catalogue& catalogue);

}  // namespace loadgen::attack
