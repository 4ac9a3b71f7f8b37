// One task among four people (poster 0, worker 1, stranger 2, admin 3), and everything that anybody may try
// there: small enough to be explored exhaustively, rich enough to meet every situation of the machines. Two
// proofs suffice: a third attempt meets no situation that the second does not.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "model/rules/reachable.h"
#include "model/rules/world.h"
#include "model/vocabulary/command.h"

namespace model {

inline constexpr Millis kSmallDeadline = 30 * kDay;  // far beyond every review time

World small_world_people();             // users and empty slots
Command small_posting();                // the task.create with which everything begins
std::vector<Command> small_alphabet();  // without the posting

// `command` as it is sent in this world: webhooks carry the type of the event that they deliver.
Command fitted(const World& world, Command command);

// When the command is tried: `now`, or as late as a job needs to have an effect.
Instant due(const World& world, const Command& command, Instant now);

struct SmallWorld {
  std::vector<World> worlds;  // [0] right after the posting; in order of distance from it
  std::vector<Command> alphabet;
  std::vector<Cell> cells;  // sorted
  // By world * alphabet.size() + command. kNowhere: the command names a slot that is taken.
  std::vector<std::uint32_t> next;  // world
  std::vector<std::uint32_t> cell;  // index of cells; kNowhere: none
  static constexpr std::uint32_t kNowhere = UINT32_MAX;
};

// Explores everything; takes a moment (well under a second optimized): keep the result.
SmallWorld explore_small_world();

}  // namespace model
