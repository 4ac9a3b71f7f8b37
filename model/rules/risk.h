// Risk of a user in hundredths (safety-and-abuse.md §3.2, §3.3): factors that add up, the bands, and what
// each band does. Rules alone compute it; a machine may only add a flag for review.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "model/vocabulary/instant.h"
#include "model/vocabulary/limits.h"

namespace model::rules {

struct RiskFacts {
  Millis age = 0;  // of the account
  bool identity_verified = false;
  int devices = 0, addresses = 0, chargebacks = 0;
  int card_risk = 0;                                      // hundredths, as the processor says
  int tasks = 0, disputed = 0, ended = 0, completed = 0;  // ended, completed: as a worker
};

// From how many tasks on a rate says anything.
inline constexpr int kRiskSample = 5;

struct RiskScore {
  int account = 0, behaviour = 0, payment = 0, identity = 0;  // each at most 100
  int weighted = 0;  // .40 account + .30 behaviour + .20 payment + .10 identity, rounded half up
  int score = 0;     // the sum of all factors, at most 100
  bool operator==(const RiskScore&) const = default;
};
RiskScore risk_of(const RiskFacts& facts);

enum class RiskLevel : std::uint8_t { low, medium, high, critical };

constexpr RiskLevel level_of(std::int64_t score) {
  if (score >= 80) return RiskLevel::critical;
  if (score >= 60) return RiskLevel::high;
  return score >= 30 ? RiskLevel::medium : RiskLevel::low;
}

std::string_view level_name(std::int64_t score);  // "CRITICAL"

// §3.2: CRITICAL is refused and suspended until a human has looked.
constexpr bool suspends(std::int64_t score) {
  return level_of(score) == RiskLevel::critical;
}

// ELG-16, beside the bands.
constexpr bool may_accept(std::int64_t score) {
  return score <= limits::kRiskAcceptMax;
}

}  // namespace model::rules
