// Which entities a command may change: enough to undo it, and to tell which operations can influence one
// another.
#pragma once

#include <array>
#include <cassert>
#include <cstddef>
#include <vector>

#include "model/rules/world.h"
#include "model/vocabulary/command.h"

namespace model {

// A set of at most N ids, in order of insertion.
template <class T, std::size_t N>
class Few {
 public:
  void add(T value) {
    if (!value.present()) return;
    for (std::size_t i = 0; i < size_; ++i) {
      if (items_[i] == value) return;
    }
    assert(size_ < N);
    items_[size_++] = value;
  }
  const T* begin() const { return items_.data(); }
  const T* end() const { return items_.data() + size_; }
  std::size_t size() const { return size_; }

 private:
  std::array<T, N> items_{};
  std::size_t size_ = 0;
};

struct Footprint {
  Few<TaskId, 5> tasks;  // the escrow of each is meant too (ESCROW-ONE)
  Few<ProofId, 6> proofs;
  Few<DisputeId, 11> disputes;
  Few<EventId, 1> events;
  Few<PictureId, 1> pictures;
  Few<UserId, 12> users;
  Few<VerificationId, 1> verifications;
};

// Only ids inside the world's vectors. Everything that apply(world, command) may write is among them, and
// everything that it may read, except the standing of users (status, roles), which no command of the money
// core changes, and except what eligibility reads of other records: what can change of those is in the
// footprint of the command that changes it, and partition() keeps them together.
Footprint footprint_of(const World& world, const Command& command);

// The entities of a footprint as they were. Keeps its memory between uses.
class Undo {
 public:
  void save(const World& world, const Footprint& footprint);
  void restore(World& world) const;
  // Differs anything now? Users outside `users_matter` (indexed by user) are not compared.
  bool changed(const World& world, const std::vector<bool>& users_matter) const;
  const Footprint& footprint() const { return footprint_; }

 private:
  Footprint footprint_;
  std::array<Task, 5> tasks_{};
  std::array<Escrow, 5> escrows_{};
  std::array<Proof, 6> proofs_{};
  std::array<Dispute, 11> disputes_{};
  std::array<PaymentEvent, 1> events_{};
  std::array<Picture, 1> pictures_{};
  std::array<User, 12> users_{};
  std::array<Verification, 1> verifications_{};
};

}  // namespace model
