#include "sim/choices.h"

#include <algorithm>

namespace sim {
namespace {

// splitmix64 (Steele, Lea, Flood 2014): written out so that a seed means the same on every machine and
// compiler, which std::uniform_int_distribution does not promise.
std::uint64_t next_random(std::uint64_t& state) {
  std::uint64_t z = (state += 0x9E3779B97F4A7C15ULL);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

}  // namespace

std::uint32_t Choices::pick(std::uint32_t alternatives) {
  const std::uint32_t value = next_ < values_.size() ? values_[next_] : 0;
  ++next_;
  return alternatives <= 1 ? 0 : value % alternatives;
}

bool Choices::chance(std::uint32_t numerator, std::uint32_t denominator) {
  if (denominator == 0) return false;
  return pick(denominator) >= denominator - std::min(numerator, denominator) && numerator > 0;
}

std::int64_t Choices::between(std::int64_t low, std::int64_t high) {
  if (high <= low) {
    pick(1);
    return low;
  }
  const std::uint64_t span = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low) + 1;
  if (span <= 0xFFFFFFFFULL && span != 0)
    return low + static_cast<std::int64_t>(pick(static_cast<std::uint32_t>(span)));
  const std::uint64_t wide = static_cast<std::uint64_t>(pick(0xFFFFFFFF)) << 32;
  const std::uint64_t value = wide | pick(0xFFFFFFFF);
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + (span == 0 ? value : value % span));
}

Choices choices_from_seed(std::uint64_t seed, std::uint64_t case_id, std::size_t length) {
  std::uint64_t state = seed;
  state = next_random(state) ^ (case_id * 0xD1342543DE82EF95ULL);
  std::vector<std::uint32_t> values(length);
  for (std::uint32_t& value : values) {
    const std::uint64_t random = next_random(state);
    value = static_cast<std::uint32_t>(random >> 32);
    // One value in sixteen is drawn from a geometric scale, so that the simplest alternatives and the lower
    // ends of ranges (smallest price, no delay) are met in every run.
    if ((random & 15) == 0) value >>= (random >> 4) & 31;
  }
  return Choices(std::move(values));
}

}  // namespace sim
