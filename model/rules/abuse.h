// Counting what people do within a window of time (safety-and-abuse.md §2.2, §3.6).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "model/vocabulary/instant.h"

namespace model::rules {

inline constexpr int kDisputesPerDayMax = 3;       // §3.6, FM-200
inline constexpr int kPosterCancelsPerDayMax = 2;  // §3.6: the third restricts
inline constexpr int kContentReportsMax = 3;       // §2.2: as many escalate
inline constexpr int kUserReportersMax = 5;        // §2.2: within kUserReportsWindow
inline constexpr Millis kUserReportsWindow = 7 * kDay;

// Those of the last day; what is a whole day old has left it.
constexpr std::ptrdiff_t within_a_day(std::span<const Instant> instants, Instant now) {
  return std::ranges::count_if(instants, [&](Instant at) { return now - at < kDay; });
}

// FM-200: one more lock of somebody's money, after these.
constexpr bool may_open_dispute(std::span<const Instant> opened, Instant now) {
  return within_a_day(opened, now) < kDisputesPerDayMax;
}

// Post-and-cancel: the third cancellation within a day closes posting.
constexpr bool may_post(std::span<const Instant> cancelled, Instant now) {
  return within_a_day(cancelled, now) <= kPosterCancelsPerDayMax;
}

// XP farming (T-SAF-21): whoever has earned this much within a day or an hour takes no further task.
struct Earned {
  Instant at;
  std::int64_t xp = 0;
};
inline constexpr Millis kVelocityWindow = kHour;
constexpr bool may_take_more(std::span<const Earned> awards, Instant now, std::int64_t day,
                             std::int64_t hour) {
  const auto within = [&](Millis window) {
    std::int64_t sum = 0;
    for (const Earned& award : awards) sum += now - award.at < window ? award.xp : 0;
    return sum;
  };
  return within(kDay) < day && within(kVelocityWindow) < hour;
}

// T-SAF-17: reports of one content, each of another reporter; and when each reporter of one person first
// reported him at the latest, whatever the content.
constexpr bool is_escalated(int reports_of_content, std::span<const Instant> reporters_of_user, Instant now) {
  return reports_of_content >= kContentReportsMax ||
         std::ranges::count_if(reporters_of_user, [&](Instant at) {
           return now - at <= kUserReportsWindow;
         }) >= kUserReportersMax;
}

}  // namespace model::rules
