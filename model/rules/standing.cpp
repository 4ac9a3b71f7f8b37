#include "model/rules/standing.h"

#include <algorithm>

namespace model::rules {

Instant suspended_until(std::span<const Strike> strikes, Instant now, Instant current) {
  const auto counts = [&](int severity, Millis window) {
    return std::ranges::count_if(strikes, [&](const Strike& strike) {
      return strike.by_a_human && !strike.removed && strike.severity >= severity && strike.at <= now &&
             now.ms - strike.at.ms <= window;
    });
  };
  Instant until = current;
  const auto at_least = [&](Millis duration) {
    const Instant end = now + duration;
    if (!until.present() || until < end) until = end;
  };
  if (counts(kRepeatSeverity, kRepeatWindow) >= kRepeatCount) at_least(kRepeatSuspension);
  if (counts(3, kCriticalWindow) >= 1) at_least(kCriticalSuspension);
  return until;
}

Instant until_after_removal(std::span<const Strike> before, std::span<const Strike> after, Instant current) {
  const auto brought_about = [](std::span<const Strike> strikes) {
    Instant until;
    for (const Strike& strike : strikes) {
      if (strike.by_a_human && !strike.removed) until = suspended_until(strikes, strike.at, until);
    }
    return until;
  };
  return current.present() && current == brought_about(before) ? brought_about(after) : current;
}

}  // namespace model::rules
