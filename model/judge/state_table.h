// The state of one component as a short list of numbers: every distinct value of an entity is stored once,
// and two states are equal exactly if their numbers are. Makes the memo of the search small, and its
// comparison complete.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "model/judge/footprint.h"
#include "model/rules/world.h"

namespace model {

// Values seen so far, by number. Equal hashes are compared in full.
template <class Entity>
class Interned {
 public:
  std::uint32_t number_of(const Entity& entity);

 private:
  std::vector<Entity> values_;
  std::unordered_multimap<std::uint64_t, std::uint32_t> by_hash_;
};

class StateTable {
 public:
  // Follows the entities of `world` that `tracked` footprints name; users only where they matter.
  StateTable(const World& world, const std::vector<bool>& users_matter);
  void track(const World& world, const Footprint& footprint);

  struct Change {
    std::uint32_t slot;
    std::uint32_t before;
  };
  // After a command: renumbers the entities of the footprint, appends what changed to `changes`.
  void update(const World& world, const Footprint& footprint, std::vector<Change>& changes);
  // Takes back the changes from `keep` on.
  void revert(std::vector<Change>& changes, std::size_t keep);

  const std::vector<std::uint32_t>& numbers() const { return numbers_; }
  std::uint64_t hash() const { return hash_; }

 private:
  void set(std::uint32_t slot, std::uint32_t number, std::vector<Change>* changes);
  static constexpr std::uint32_t kUntracked = UINT32_MAX;

  const std::vector<bool>& users_matter_;
  std::vector<std::uint32_t> task_slot_, proof_slot_, dispute_slot_, event_slot_, picture_slot_, user_slot_,
      verification_slot_;
  std::vector<std::uint32_t> numbers_;
  std::uint64_t hash_ = 0;
  Interned<Task> tasks_;
  Interned<Escrow> escrows_;
  Interned<Proof> proofs_;
  Interned<Dispute> disputes_;
  Interned<PaymentEvent> events_;
  Interned<Picture> pictures_;
  Interned<User> users_;
  Interned<Verification> verifications_;
};

std::uint64_t mix(std::uint64_t x);  // a good 64-bit finaliser (splitmix64)

}  // namespace model
