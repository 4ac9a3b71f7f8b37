#include "model/judge/state_table.h"

#include <cstring>
#include <type_traits>

namespace model {

std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

namespace {

// Records are free of padding (world.h), so their bytes are their value.
template <class Entity>
std::uint64_t hash_of(const Entity& entity) {
  static_assert(std::has_unique_object_representations_v<Entity>);
  const auto* bytes = reinterpret_cast<const unsigned char*>(&entity);
  std::uint64_t h = sizeof(Entity);
  std::size_t i = 0;
  for (; i + 8 <= sizeof(Entity); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes + i, 8);
    h = (h ^ word) * 0x9ddfea08eb382d69ULL;
    h ^= h >> 29;
  }
  std::uint64_t rest = 0;
  std::memcpy(&rest, bytes + i, sizeof(Entity) - i);
  return mix(h ^ rest);
}

}  // namespace

template <class Entity>
std::uint32_t Interned<Entity>::number_of(const Entity& entity) {
  const std::uint64_t h = hash_of(entity);
  const auto [begin, end] = by_hash_.equal_range(h);
  for (auto it = begin; it != end; ++it) {
    if (values_[it->second] == entity) return it->second;
  }
  const auto number = static_cast<std::uint32_t>(values_.size());
  values_.push_back(entity);
  by_hash_.emplace(h, number);
  return number;
}

StateTable::StateTable(const World& world, const std::vector<bool>& users_matter)
    : users_matter_(users_matter),
      task_slot_(world.tasks.size(), kUntracked),
      proof_slot_(world.proofs.size(), kUntracked),
      dispute_slot_(world.disputes.size(), kUntracked),
      event_slot_(world.events.size(), kUntracked),
      picture_slot_(world.pictures.size(), kUntracked),
      user_slot_(world.users.size(), kUntracked),
      verification_slot_(world.verifications.size(), kUntracked) {}

void StateTable::set(std::uint32_t slot, std::uint32_t number, std::vector<Change>* changes) {
  const std::uint32_t before = numbers_[slot];
  if (before == number) return;
  const auto key = [slot](std::uint32_t n) { return mix((static_cast<std::uint64_t>(slot) << 32) | n); };
  hash_ ^= key(before) ^ key(number);
  numbers_[slot] = number;
  if (changes != nullptr) changes->push_back({slot, before});
}

void StateTable::track(const World& world, const Footprint& f) {
  const auto follow = [&](std::uint32_t& slot, std::uint32_t width) {
    if (slot != kUntracked) return;
    slot = static_cast<std::uint32_t>(numbers_.size());
    numbers_.resize(numbers_.size() + width, 0);
  };
  for (const TaskId id : f.tasks) follow(task_slot_[id.value], 2);
  for (const ProofId id : f.proofs) follow(proof_slot_[id.value], 1);
  for (const DisputeId id : f.disputes) follow(dispute_slot_[id.value], 1);
  for (const EventId id : f.events) follow(event_slot_[id.value], 1);
  for (const VerificationId id : f.verifications) follow(verification_slot_[id.value], 1);
  for (const PictureId id : f.pictures) follow(picture_slot_[id.value], 1);
  for (const UserId id : f.users) {
    if (users_matter_[id.value]) follow(user_slot_[id.value], 1);
  }
  std::vector<Change> ignored;
  update(world, f, ignored);
}

void StateTable::update(const World& world, const Footprint& f, std::vector<Change>& changes) {
  const auto renumber = [&](std::uint32_t slot, std::uint32_t number) {
    if (slot != kUntracked) set(slot, number, &changes);
  };
  for (const TaskId id : f.tasks) {
    const std::uint32_t slot = task_slot_[id.value];
    if (slot == kUntracked) continue;
    set(slot, tasks_.number_of(world.tasks[id.value]), &changes);
    set(slot + 1, escrows_.number_of(world.escrows[id.value]), &changes);
  }
  for (const ProofId id : f.proofs)
    renumber(proof_slot_[id.value], proofs_.number_of(world.proofs[id.value]));
  for (const DisputeId id : f.disputes) {
    renumber(dispute_slot_[id.value], disputes_.number_of(world.disputes[id.value]));
  }
  for (const EventId id : f.events)
    renumber(event_slot_[id.value], events_.number_of(world.events[id.value]));
  for (const VerificationId id : f.verifications) {
    renumber(verification_slot_[id.value], verifications_.number_of(world.verifications[id.value]));
  }
  for (const PictureId id : f.pictures)
    renumber(picture_slot_[id.value], pictures_.number_of(world.pictures[id.value]));
  for (const UserId id : f.users) {
    if (user_slot_[id.value] != kUntracked)
      set(user_slot_[id.value], users_.number_of(world.users[id.value]), &changes);
  }
}

void StateTable::revert(std::vector<Change>& changes, std::size_t keep) {
  while (changes.size() > keep) {
    set(changes.back().slot, changes.back().before, nullptr);
    changes.pop_back();
  }
}

}  // namespace model
