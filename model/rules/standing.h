// Strikes and what follows from them (safety-and-abuse.md §1.2, decision 16). Pure arithmetic over a user's
// record.
#pragma once

#include <span>

#include "model/vocabulary/instant.h"

namespace model::rules {

struct Strike {
  int severity = 1;  // 1 low, 2 medium, 3 critical
  Instant at;
  bool by_a_human = true;  // decision 16: a machine's strike blocks content, it never suspends
  bool removed = false;    // it stays in the record and counts no more
};

inline constexpr Millis kCriticalWindow = 24 * kHour;  // rule A, the edge included
inline constexpr Millis kCriticalSuspension = 365 * kDay;
inline constexpr Millis kRepeatWindow = 30 * kDay;  // rule B, the edge included
inline constexpr Millis kRepeatSuspension = 7 * kDay;
inline constexpr int kRepeatCount = 3;
inline constexpr int kRepeatSeverity = 2;

// The end of the suspension that is in force after `strikes` (all of a user's, in any order) at `now`; an
// absent instant: none. `current` is the end of the suspension before: a shorter one never shortens it.
Instant suspended_until(std::span<const Strike> strikes, Instant now, Instant current);

// The end of the suspension after one of the strikes was removed: what the others brought about when they
// were given, if the suspension in force is the one that all of them had brought about; another one, of a
// human's word, stays. Absent: none, the account is ACTIVE.
Instant until_after_removal(std::span<const Strike> before, std::span<const Strike> after, Instant current);

// SAF-3: a time-boxed suspension ends by itself, at the very instant.
constexpr bool is_suspended(Instant until, Instant now) {
  return until.present() && now < until;
}

}  // namespace model::rules
