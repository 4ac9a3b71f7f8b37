#include "sim/providers/ids.h"

#include <fmt/core.h>

namespace sim::providers {

std::uint64_t mix(std::uint64_t seed, std::uint64_t number) {
  std::uint64_t z = seed + (number + 1) * 0x9E3779B97F4A7C15ULL;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

std::string IdSource::next(std::string_view prefix) {
  ++count_;
  // The counter is part of the id: uniqueness does not hang on the mixing.
  return fmt::format("{}{:016x}{:08x}", prefix, mix(seed_, count_), static_cast<std::uint32_t>(count_));
}

std::int64_t IdSource::created() const {
  constexpr std::int64_t kStart = 1'767'225'600;
  return kStart + static_cast<std::int64_t>(count_);
}

}  // namespace sim::providers
