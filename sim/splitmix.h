// splitmix64 (Steele, Lea, Flood 2014): written out so that a seed means the same on every machine and
// compiler, which std::uniform_int_distribution does not promise. Every seed is a good one.
#pragma once

#include <cstdint>

namespace sim {

inline std::uint64_t splitmix(std::uint64_t& state) {
  std::uint64_t z = (state += 0x9E3779B97F4A7C15U);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
  return z ^ (z >> 31);
}

}  // namespace sim
