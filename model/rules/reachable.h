// The cells that a test campaign can visit: the denominator of coverage.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "model/rules/world.h"
#include "model/vocabulary/command.h"

namespace model {

// Who acts, seen from the task acted on. A participant counts as one even if he is an admin as well.
enum class ActorKind : std::uint8_t { poster, worker, stranger, admin, processor, clock };
inline constexpr std::array<std::string_view, 6> kActorKindNames{"poster", "worker",    "stranger",
                                                                 "admin",  "processor", "clock"};
constexpr std::string_view name(ActorKind kind) {
  return kActorKindNames[static_cast<std::size_t>(kind)];
}

// The situation in which a command finds its task. Only commands that concern one existing task have a cell.
struct Cell {
  TaskState task;
  EscrowState escrow;
  Action action;
  ActorKind actor;
  constexpr auto operator<=>(const Cell&) const = default;
};

// The cell of a command before it is applied. None when it concerns no existing task (creation, own profile,
// unknown ids) or is refused before the situation is looked at (credential, input, account standing).
std::optional<Cell> cell_of(const World& world, const Command& command);

// Every cell that some sequence of commands can reach, sorted; found by exploring a small world exhaustively.
// Takes a moment (well under a second optimized): keep the result.
std::vector<Cell> reachable_cells();

}  // namespace model
