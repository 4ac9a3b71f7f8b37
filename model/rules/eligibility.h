// Who may see, and who may take, a task (eligibility.md): requirements from the category, capabilities from
// verifications and the clock, and the predicate between the two. A profile is never stored: it is derived
// whenever somebody asks, which is the strictest reading of INV-ELIGIBILITY-3 and -8.
#pragma once

#include <cstdint>

#include "model/rules/world.h"
#include "model/vocabulary/command.h"

namespace model {

// Fixes what a task asks of its worker (§6.2, §6.3, decision 1): risk, trade, tier, insurance, background
// check. `answers`: RiskAnswer bits; answers only raise, and only where the category asks the question.
void classify(Task& task, std::uint8_t answers);

// The status of a record at an instant: verified turns into expired when expires <= now (§5.4).
VerificationStatus status_at(const Verification& record, Instant now);

// A capability profile at an instant (§5.2), for a user whose onboarding is complete.
struct Capability {
  std::uint8_t tier = 1;
  UsState home = 0;
  std::uint16_t trades_here = 0;  // one bit per Trade verified for the home state
  std::uint16_t trades_elsewhere = 0;
  std::uint16_t insured = 0;  // one bit per Trade with valid insurance
  bool background = false;
};
Capability capability_of(const World& world, UserId user, Instant now);

// The risk levels of a tier (INV-ELIGIBILITY-1) as bits of Risk. Never critical: see failed_checks.
std::uint8_t clearance_of(std::uint8_t tier);

// Whether the user has a license of this trade, in any state, that is verified and unexpired.
bool has_valid_trade(const World& world, UserId user, Trade trade, Instant now);

// ELG-1 to ELG-8, ELG-10, ELG-11 and LIVE-3 as EligibilityCheck bits; 0: task.accept would succeed.
std::uint16_t failed_checks(const World& world, UserId user, const Task& task, Instant now);

// FEED-LAW: what feed.get must show of this task. Everything shown is acceptable; willingness only hides
// (INV-ELIGIBILITY-7), modes only filter (§8).
bool in_feed(const World& world, const Command& query, const Task& task, Instant now);

// Great-circle miles with the radius of eligibility.md §8 (3959 mi).
double miles_between(const GeoPoint& a, const GeoPoint& b);

}  // namespace model
