// Is there an order of the operations, consistent with real time, in which the rules give exactly these
// answers? Wing-Gong-Lowe search, one connected component at a time (partition.h).
//
// A lost answer may have taken effect at any moment after its invocation, or never. An answer that equals
// what the rules say right now and changes nothing is taken at once; where that finds no order, only reads
// and refusals are, since anything else may have had its effect later.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "model/rules/world.h"
#include "model/vocabulary/finding.h"
#include "model/vocabulary/history.h"

namespace model {

struct SearchBudget {
  std::uint64_t states = 2'000'000;  // distinct search states kept, over all components
  std::chrono::milliseconds time = std::chrono::seconds(2);
};

struct Linearization {
  Verdict verdict = Verdict::unknown;  // unknown: the budget ended first; never holds because time ran out
  std::uint64_t states = 0;            // search states visited
  // holds: an order that explains everything (indexes into history.operations; component after component).
  std::vector<std::uint32_t> order;
  // broken: the longest legal prefix of the broken component, and the operation that fits nowhere after it.
  std::vector<std::uint32_t> prefix;
  std::optional<std::uint32_t> stuck;
  std::vector<std::uint32_t> component;  // broken or unknown: the operations that were judged together
};

Linearization linearize(const World& start, const History& history, const SearchBudget& budget = {});

}  // namespace model
