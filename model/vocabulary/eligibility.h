// The words of eligibility.md: trades, states, risk, verifications, the checks of the predicate, onboarding.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "model/vocabulary/states.h"

namespace model {

enum class Trade : std::uint8_t {
  none,
  electrician,
  plumber,
  hvac,
  appliance_installer,
  in_home_care,
  general_contractor,
  it_networking
};
enum class Risk : std::uint8_t { low, medium, high, critical };
enum class VerificationKind : std::uint8_t { license, insurance, background_check };
enum class VerificationStatus : std::uint8_t { pending, verified, failed, expired };
enum class FeedMode : std::uint8_t { normal, urgent, nearby };
enum class OnboardingStep : std::uint8_t { role, profile, capabilities, tutorial };

// The wire names of trades that can be licensed: kTradeNames[0] is never sent.
inline constexpr std::array<std::string_view, 8> kTradeNames{
    "none",         "electrician",        "plumber",      "hvac", "appliance_installer",
    "in_home_care", "general_contractor", "it_networking"};
inline constexpr std::array<std::string_view, 4> kRiskNames{"low", "medium", "high", "critical"};
inline constexpr std::array<std::string_view, 3> kVerificationKindNames{"license", "insurance",
                                                                        "background_check"};
inline constexpr std::array<std::string_view, 4> kVerificationStatusNames{"pending", "verified", "failed",
                                                                          "expired"};
inline constexpr std::array<std::string_view, 3> kFeedModeNames{"normal", "urgent", "nearby"};
inline constexpr std::array<std::string_view, 4> kOnboardingStepNames{"role", "profile", "capabilities",
                                                                      "tutorial"};
inline constexpr std::array<std::string_view, 6> kOnboardingPhaseNames{
    "NOT_STARTED", "ROLE_SELECTION", "PROFILE_SETUP", "CAPABILITY_CLAIMS", "TUTORIAL", "COMPLETED"};

// INV-ELIGIBILITY-6: the 50 states and DC, WA first because the marketplace begins in Seattle.
inline constexpr std::array<std::string_view, 51> kUsStateNames{
    "WA", "AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "DC", "FL", "GA", "HI", "ID", "IL", "IN", "IA",
    "KS", "KY", "LA", "ME", "MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE", "NV", "NH", "NJ", "NM", "NY",
    "NC", "ND", "OH", "OK", "OR", "PA", "RI", "SC", "SD", "TN", "TX", "UT", "VT", "VA", "WV", "WI", "WY"};
using UsState = std::uint8_t;  // index of kUsStateNames

// Answers to the classifier's follow-up questions (eligibility.md §6.2), one bit each in this order.
inline constexpr std::array<std::string_view, 5> kRiskAnswerNames{"live_wiring", "gas", "overnight",
                                                                  "medical", "large_scope"};
enum RiskAnswer : std::uint8_t { live_wiring = 1, gas = 2, overnight = 4, medical = 8, large_scope = 16 };

// Willingness (INV-ELIGIBILITY-7), one bit each in this order.
inline constexpr std::array<std::string_view, 3> kWillingnessNames{"in_home_work", "high_risk_tasks",
                                                                   "urgent_jobs"};
enum Willingness : std::uint8_t { in_home_work = 1, high_risk_tasks = 2, urgent_jobs = 4 };

// The checks of eligibility.check in the order of eligibility.md §7, one bit each in this order. Without a
// profile every check that looks at it fails.
inline constexpr std::array<std::string_view, 14> kEligibilityCheckNames{
    "profile",    "location_state",   "verified_trade", "trust_tier",   "risk_clearance",
    "insurance",  "background_check", "open",           "not_own_task", "account_active",
    "live_state", "risk_score",       "abuse_guards",   "city"};
enum EligibilityCheck : std::uint16_t {
  check_profile = 1 << 0,
  check_location_state = 1 << 1,
  check_verified_trade = 1 << 2,
  check_trust_tier = 1 << 3,
  check_risk_clearance = 1 << 4,
  check_insurance = 1 << 5,
  check_background = 1 << 6,
  check_open = 1 << 7,  // OPEN, without worker, funded, before its deadline
  check_not_own = 1 << 8,
  check_account = 1 << 9,
  check_live = 1 << 10,
  check_risk_score = 1 << 11,  // ELG-16
  check_guards = 1 << 12,      // what the guards against abuse would refuse, while they are on (ELG-13)
  check_city = 1 << 13         // ELG-15, in the beta. Neither is known to the model: both are off there
};
inline constexpr std::uint16_t kCapabilityChecks = 0x7F;  // what a profile decides: ELG-1 to ELG-7

constexpr std::string_view name(Trade t) {
  return kTradeNames[static_cast<std::size_t>(t)];
}
constexpr std::string_view name(Risk r) {
  return kRiskNames[static_cast<std::size_t>(r)];
}
constexpr std::string_view name(VerificationKind k) {
  return kVerificationKindNames[static_cast<std::size_t>(k)];
}
constexpr std::string_view name(VerificationStatus s) {
  return kVerificationStatusNames[static_cast<std::size_t>(s)];
}
constexpr std::string_view name(FeedMode m) {
  return kFeedModeNames[static_cast<std::size_t>(m)];
}
constexpr std::string_view name(OnboardingStep s) {
  return kOnboardingStepNames[static_cast<std::size_t>(s)];
}

}  // namespace model
