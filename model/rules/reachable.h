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
#include "model/vocabulary/outcome.h"

namespace model {

// Who acts, seen from the task acted on. A participant counts as one even if he is an admin as well.
enum class ActorKind : std::uint8_t { poster, worker, stranger, admin, processor, clock };
inline constexpr std::array<std::string_view, 6> kActorKindNames{"poster", "worker",    "stranger",
                                                                 "admin",  "processor", "clock"};
constexpr std::string_view name(ActorKind kind) {
  return kActorKindNames[static_cast<std::size_t>(kind)];
}

// The situation in which a command finds its task, and what comes of it. Only commands that concern one
// existing task have a cell.
struct Cell {
  TaskState task;
  EscrowState escrow;
  std::optional<ProofState> proof;      // the latest one
  std::optional<DisputeState> dispute;  // the latest one
  Action action;
  ActorKind actor;
  Code code;  // none: accepted
  constexpr auto operator<=>(const Cell&) const = default;
};

// The cell of a command that was tried in `world` and, by the rules, ends as `outcome`. None when it concerns
// no existing task (creation, own profile, unknown ids) or is refused before the situation is looked at
// (credential, input, account standing).
std::optional<Cell> cell_of(const World& world, const Command& command, const Outcome& outcome);

// Whether commands of this action concern one existing task.
bool cell_has_subject(Action action);

// Every cell that some sequence of commands can reach, sorted; found by exploring a small world exhaustively
// (small_world.h).
std::vector<Cell> reachable_cells();

}  // namespace model
