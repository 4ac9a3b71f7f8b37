// Appeals against a decision of moderation (safety-and-abuse.md §2.2): for how long, and who decides.
#pragma once

#include <cstdint>
#include <string_view>

#include "model/vocabulary/instant.h"

namespace model::rules {

// 7, 14 or 30 days by what the decision did: content alone, a strike, a suspension.
constexpr Millis appeal_window(std::string_view severity) {
  return (severity == "CRITICAL" ? 30 : severity == "HIGH" ? 14 : 7) * kDay;
}

// The last instant of the window counts.
constexpr bool may_still_appeal(std::string_view severity, Instant decided, Instant now) {
  return now - decided <= appeal_window(severity);
}

// Who asks to decide an appeal. HX954 for the one who decided before; SAF-19: whoever is concerned never
// decides.
struct Decider {
  bool may = false;  // can_ban_users
  bool is_appellant = false;
  bool reported_it = false;
  bool decided_before = false;
};
constexpr std::string_view refusal_of(const Decider& who) {
  if (!who.may || who.is_appellant || who.reported_it) return "403 HX503";
  return who.decided_before ? "409 HX954" : "";
}

}  // namespace model::rules
