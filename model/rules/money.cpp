#include "model/rules/money.h"

#include <cmath>

namespace model {

// Extended precision: no total an int32 can hold comes near enough to a rounding boundary to fall on its
// wrong side.
std::int32_t decay_10000(std::int32_t xp_before) {
  if (xp_before <= 0) return 10000;
  const long double factor = 1.0L / (1.0L + std::log10(1.0L + static_cast<long double>(xp_before) / 1000.0L));
  return static_cast<std::int32_t>(std::floor(factor * 10000.0L + 0.5L));
}

}  // namespace model
