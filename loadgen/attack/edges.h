// The edges of state-machines.md §1-§4, and each as a statement. What another row must say first is not part
// of it.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "loadgen/attack/catalogue.h"

namespace loadgen::attack {

struct Edge {
  std::string_view table, from, to;
};
std::span<const Edge> legal_edges();

// The step of the story's own row, if it is still where the edge begins, with the columns that belong to it.
std::string step_statement(const Catalogue& catalogue, const Edge& edge);

}  // namespace loadgen::attack
