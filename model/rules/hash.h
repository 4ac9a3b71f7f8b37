// A hash of a whole world for memo tables. Equal worlds have equal hashes, within one process and between
// processes of the same byte order.
#pragma once

#include <cstddef>

#include "model/rules/world.h"

namespace model {

std::size_t hash(const World& world);

}  // namespace model
