// Strong ids of one World: dense indexes chosen by the plan, not the UUIDs of a database.
// A plan names every entity before it exists, so that concurrent creations never compete for a number.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>

namespace model {

template <class Tag>
struct Id {
  static constexpr std::uint16_t kNone = std::numeric_limits<std::uint16_t>::max();
  std::uint16_t value = kNone;

  constexpr bool present() const { return value != kNone; }
  constexpr auto operator<=>(const Id&) const = default;
};

using UserId = Id<struct UserTag>;
using TaskId = Id<struct TaskTag>;
using EscrowId = Id<struct EscrowTag>;
using ProofId = Id<struct ProofTag>;
using DisputeId = Id<struct DisputeTag>;
using EventId = Id<struct EventTag>;
using VerificationId = Id<struct VerificationTag>;
using PictureId = Id<struct PictureTag>;  // a picture by its bytes, which several uploads may share

// ESCROW-ONE: one escrow per task, so both share the number.
constexpr EscrowId escrow_of(TaskId task) {
  return EscrowId{task.value};
}
constexpr TaskId task_of(EscrowId escrow) {
  return TaskId{escrow.value};
}

}  // namespace model
