#include "model/rules/hash.h"

#include <cstdint>
#include <cstring>
#include <vector>

namespace model {
namespace {

// Odd 64-bit constants with balanced bits (the fractional parts of sqrt 2 and sqrt 3).
constexpr std::uint64_t kLeft = 0x6A09E667F3BCC909;
constexpr std::uint64_t kRight = 0xBB67AE8584CAA73B;

std::uint64_t load(const unsigned char* at, std::size_t bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, bytes);
  return word;
}

// A 64x64 -> 128 bit product folded in half: every input bit reaches every output bit.
std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

// The records have no padding (world.h), so their bytes are their values.
template <class Record>
std::uint64_t mix(std::uint64_t seed, const std::vector<Record>& records) {
  static_assert(sizeof(Record) % 2 == 0);
  const auto* at = reinterpret_cast<const unsigned char*>(records.data());
  std::size_t left = records.size() * sizeof(Record);
  seed ^= left * kRight;
  for (; left >= 16; left -= 16, at += 16) seed = fold(load(at, 8) ^ kLeft, load(at + 8, 8) ^ seed ^ kRight);
  if (left > 8) return fold(load(at, 8) ^ kLeft, load(at + 8, left - 8) ^ seed ^ kRight);
  if (left > 0) return fold(load(at, left) ^ kLeft, seed ^ kRight);
  return seed;
}

}  // namespace

std::size_t hash(const World& world) {
  std::uint64_t seed = kLeft;
  seed = mix(seed, world.users);
  seed = mix(seed, world.tasks);
  seed = mix(seed, world.escrows);
  seed = mix(seed, world.proofs);
  seed = mix(seed, world.disputes);
  seed = mix(seed, world.events);
  seed = mix(seed, world.verifications);
  seed = mix(seed, world.pictures);
  return fold(seed ^ kRight, kLeft);
}

}  // namespace model
