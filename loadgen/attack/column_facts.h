// Writes against every fact of schema_facts.h that the found schema could have: values outside a vocabulary
// or a range, NULL where a value is required, references to nothing, second rows of one key, changed and
// deleted rows of append-only tables; and the legal counterparts, because a schema that refuses them fails
// too. Words and numbers that the found schema's own CHECKs and enum types spell out are tried beside the
// specification's. A table or column that the schema lacks is not tried.
#pragma once

#include <vector>

#include "loadgen/attack/attempts.h"
#include "loadgen/attack/story.h"

namespace loadgen::attack {

std::vector<Attempt> fact_attempts(const Catalogue& catalogue, const Stage& stage);

}  // namespace loadgen::attack
