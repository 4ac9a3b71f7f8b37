#include "sim/choices.h"

#include <algorithm>

#include "sim/splitmix.h"

namespace sim {

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
  state = splitmix(state) ^ (case_id * 0xD1342543DE82EF95ULL);
  std::vector<std::uint32_t> values(length);
  for (std::uint32_t& value : values) {
    const std::uint64_t random = splitmix(state);
    value = static_cast<std::uint32_t>(random >> 32);
    // One value in sixteen is drawn from a geometric scale, so that the simplest alternatives and the lower
    // ends of ranges (smallest price, no delay) are met in every run.
    if ((random & 15) == 0) value >>= (random >> 4) & 31;
  }
  return Choices(std::move(values));
}

}  // namespace sim
