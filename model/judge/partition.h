// Which operations of a history can influence one another: connected components of the aggregates that they
// touch. Herlihy-Wing locality: a history is linearizable exactly if every component is, because no two share
// state.
#pragma once

#include <cstdint>
#include <vector>

#include "model/rules/world.h"
#include "model/vocabulary/history.h"

namespace model {

struct Partition {
  // Indexes into history.operations, each component in order of invocation.
  std::vector<std::vector<std::uint32_t>> components;
  // Users whose XP, streak, tier or counters some operation shows or uses. The counters of everybody else
  // change without any answer depending on them, so they connect nothing and are left out of state
  // comparisons.
  std::vector<bool> users_matter;
};

// A task is one aggregate with its escrow, proofs, disputes and payment events. A worker whose standing
// matters is one more, which joins every task that he took (the award of one task reads the total that
// another one wrote).
Partition partition(const World& start, const History& history);

}  // namespace model
