// Random but purposeful command sequences over a small world, for properties. Any list of numbers is a
// sequence.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "model/rules/world.h"
#include "model/vocabulary/command.h"
#include "model/vocabulary/outcome.h"

namespace model {

struct Move {
  Command command;
  Instant now;
};

// The next command that `number` means in `world`, at a clock that never runs backwards: half of them the
// step that brings some task forward, the other half anything by anybody.
Move next_move(const World& world, std::uint32_t number, Instant clock);

// Applies the moves in order and reports each with the world before and after it.
using Watcher = std::function<void(const World& before, const Move&, const Outcome&, const World& after)>;
World play(World world, const std::vector<std::uint32_t>& numbers, const Watcher& watch);

// Room for whole lives: 4 people of scenes.h, 4 tasks, 12 proofs, 4 disputes, 16 events.
World roomy_world();

}  // namespace model
