// The only time type: UTC milliseconds since the epoch.
#pragma once

#include <compare>
#include <cstdint>

namespace model {

using Millis = std::int64_t;  // a duration

inline constexpr Millis kSecond = 1000;
inline constexpr Millis kMinute = 60 * kSecond;
inline constexpr Millis kHour = 60 * kMinute;
inline constexpr Millis kDay = 24 * kHour;

struct Instant {
  std::int64_t ms = kUnset;
  static constexpr std::int64_t kUnset = INT64_MIN;

  constexpr bool present() const { return ms != kUnset; }
  constexpr auto operator<=>(const Instant&) const = default;
};

constexpr Instant operator+(Instant at, Millis duration) {
  return Instant{at.ms + duration};
}
constexpr Millis operator-(Instant later, Instant earlier) {
  return later.ms - earlier.ms;
}

// The UTC calendar day, counted from 1970-01-01 (decision 24: streaks use UTC dates).
constexpr std::int32_t utc_day(Instant at) {
  const std::int64_t day = at.ms / kDay;
  return static_cast<std::int32_t>(at.ms % kDay < 0 ? day - 1 : day);
}

}  // namespace model
