// The arithmetic of money.md §1, §3 and §5. Integers only; every division rounds down.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "model/vocabulary/cents.h"
#include "model/vocabulary/limits.h"

namespace model {

// What the worker gets out of a released amount, and what the platform keeps. payout + fee = released.
constexpr Cents payout(Cents released) {
  return released * (100 - limits::kFeePercent) / 100;
}
constexpr Cents fee(Cents released) {
  return released - payout(released);
}

struct Split {
  Cents release = 0;  // the worker's side, before the fee
  Cents refund = 0;   // the poster's side; the odd cent is his
  constexpr bool operator==(const Split&) const = default;
};
// `percent` is the worker's share, 1..99. release + refund = amount.
constexpr Split split(Cents amount, int percent) {
  const Cents release = amount * percent / 100;
  return {release, amount - release};
}

constexpr std::int32_t base_xp(Cents amount) {
  return static_cast<std::int32_t>(amount / 100);
}

// The streak multiplier in percent: 100, 110, 120, 130 or 150.
constexpr std::int32_t multiplier_percent(std::int32_t streak) {
  if (streak < 3) return 100;
  if (streak < 7) return 110;
  if (streak < 14) return 120;
  if (streak < 30) return 130;
  return 150;
}

// 10000 / (1 + log10(1 + xp/1000)), rounded half up; xp >= 0. 10000 at 0 XP.
std::int32_t decay_10000(std::int32_t xp_before);

// max(1, floor(base * multiplier * decay)).
constexpr std::int32_t effective_xp(std::int32_t base, std::int32_t multiplier, std::int32_t decay) {
  const std::int64_t product = std::int64_t{base} * multiplier * decay;
  return static_cast<std::int32_t>(std::max<std::int64_t>(1, product / 1'000'000));
}

// kLevelFrom[i]: the XP total from which level i + 1 holds.
inline constexpr std::array<std::int32_t, 10> kLevelFrom{0,    100,  300,  700,   1500,
                                                         2700, 4500, 7000, 10500, 18500};

constexpr std::int32_t level_of(std::int32_t xp_total) {
  std::int32_t level = 1;
  while (level < static_cast<std::int32_t>(kLevelFrom.size()) &&
         xp_total >= kLevelFrom[static_cast<std::size_t>(level)]) {
    ++level;
  }
  return level;
}

}  // namespace model
