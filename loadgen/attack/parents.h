// Rows that another team's schema wants before a task can exist: cities, tenants, whatever its required
// foreign keys lead to and the specification does not know.
#pragma once

#include <vector>

#include "loadgen/attack/story.h"

namespace loadgen::attack {

// One row of each such table, parents first; its columns are filled by type.
std::vector<StageStatement> parent_statements(const Catalogue& catalogue);

}  // namespace loadgen::attack
