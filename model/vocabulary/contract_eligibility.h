// Inputs and outputs of feed, eligibility, verification and onboarding (api.md §1.8): rows of the procedure
// table, kept apart from the money core's.
#pragma once

#include <array>

#include "model/vocabulary/contract_fields.h"
#include "model/vocabulary/eligibility.h"
#include "model/vocabulary/limits.h"

namespace model::fields {

// What may be licensed or insured: kTradeNames without its first.
inline constexpr std::span<const std::string_view> kTrades = std::span(kTradeNames).subspan(1);
inline constexpr std::array<std::string_view, 2> kWorkRoles{"worker", "poster"};
inline constexpr std::array<std::string_view, 3> kConfidences{"STRONG", "MODERATE", "WEAK"};
inline constexpr std::array<std::string_view, 2> kDecisions{"verified", "failed"};
inline constexpr std::array<std::string_view, 1> kPendingOnly{"pending"};
inline constexpr std::array<std::string_view, 1> kInitiatedOnly{"initiated"};
inline constexpr std::array<std::string_view, 2> kDeclarableSteps{"profile", "tutorial"};
inline constexpr std::array<std::string_view, 5> kNextSteps{"role", "profile", "capabilities", "tutorial",
                                                            "complete"};

constexpr Field flag(std::string_view name, bool required = true) {
  return {.name = name, .type = boolean, .required = required};
}
constexpr Field documents(std::string_view name, bool required) {
  return {.name = name,
          .type = text_list,
          .required = required,
          .min = required ? 1 : 0,
          .max = limits::kDocumentsMax,
          .element_max = limits::kPhotoKeyMax};
}
constexpr Field out_texts(std::string_view name) {
  return {.name = name, .type = text_list, .min = 0, .max = 1000, .element_max = 255};
}

// task.create: answers to the classifier's questions and the state of the place (eligibility.md §6).
inline constexpr std::array kRiskAnswers{flag(kRiskAnswerNames[0], false), flag(kRiskAnswerNames[1], false),
                                         flag(kRiskAnswerNames[2], false), flag(kRiskAnswerNames[3], false),
                                         flag(kRiskAnswerNames[4], false)};
inline constexpr Field kLocationState{
    .name = "location_state", .type = one_of, .required = false, .values = kUsStateNames};
inline constexpr Field kRiskAnswersField{
    .name = "risk_answers", .type = object, .required = false, .members = kRiskAnswers};

inline constexpr std::array kFeedPlace{Field{.name = "latitude", .type = decimal, .min = -90, .max = 90},
                                       Field{.name = "longitude", .type = decimal, .min = -180, .max = 180}};
inline constexpr std::array kFeedInput{
    Field{.name = "feed_mode", .type = one_of, .required = false, .values = kFeedModeNames},
    Field{.name = "location", .type = object, .required = false, .members = kFeedPlace},
    Field{.name = "radius", .type = decimal, .required = false, .min = 1, .max = limits::kFeedRadiusMaxMiles},
    Field{.name = "pagination_cursor",
          .type = text,
          .required = false,
          .min = 1,
          .max = limits::kFeedCursorMax},
    Field{.name = "limit", .type = integer, .required = false, .min = 1, .max = limits::kListLimitMax}};
inline constexpr std::array kFeedPoster{id("id"), out_text("full_name"), maybe_text("avatar_url"),
                                        out_int("trust_tier"), out_bool("is_verified")};
inline constexpr std::array kFeedTask{id("id"),
                                      out_text("title"),
                                      maybe_text("category"),
                                      out_int("price"),
                                      state_of("state", kTaskStateNames),
                                      state_of("mode", kModeNames),
                                      state_of("risk_level", kRiskNames),
                                      maybe_text("required_trade"),
                                      state_of("location_state", kUsStateNames),
                                      maybe_decimal("distance_miles"),
                                      maybe_at("deadline"),
                                      part("poster", kFeedPoster),
                                      at("created_at")};
inline constexpr std::array kFeedPagination{out_bool("has_more"),
                                            Field{.name = "next_cursor", .type = text, .required = false}};
inline constexpr std::array kFeedOutput{list_of("tasks", kFeedTask), part("pagination", kFeedPagination)};

inline constexpr std::array kCheckInput{id("task_id")};
inline constexpr std::array kCheck{state_of("name", kEligibilityCheckNames), out_bool("passed"),
                                   Field{.name = "requirement", .type = text, .required = false}};
inline constexpr std::array kCheckOutput{out_bool("eligible"), list_of("checks", kCheck)};
inline constexpr std::array kProfileTrade{state_of("trade", kTrades), state_of("state", kUsStateNames),
                                          at("verified_at"), maybe_at("expires_at")};
inline constexpr std::array kWillingness{out_bool(kWillingnessNames[0]), out_bool(kWillingnessNames[1]),
                                         out_bool(kWillingnessNames[2])};
inline constexpr std::array kCapabilityProfile{id("user_id"),
                                               out_int("trust_tier"),
                                               out_texts("risk_clearance"),
                                               list_of("verified_trades", kProfileTrade),
                                               out_bool("insurance_valid"),
                                               maybe_at("insurance_expires_at"),
                                               out_bool("background_check_valid"),
                                               maybe_at("background_check_expires_at"),
                                               state_of("location_state", kUsStateNames),
                                               part("willingness_flags", kWillingness),
                                               at("derived_at")};

inline constexpr std::array kLicenseInput{
    state_of("trade", kTrades), state_of("state", kUsStateNames), text_of("license_number", 1, 255),
    optional_text("license_type", 0, 255), documents("document_urls", false)};
inline constexpr std::array kInsuranceInput{
    state_of("trade", kTrades), optional_text("policy_number", 0, 255),
    Field{.name = "coverage_amount", .type = integer, .min = 1, .max = 2'000'000'000},
    documents("document_urls", true)};
inline constexpr std::array kSubmittedOutput{id("verification_id"), state_of("status", kPendingOnly),
                                             at("estimated_completion")};
inline constexpr std::array kBackgroundInput{flag("consent_given"), at("consent_timestamp")};
inline constexpr std::array kBackgroundOutput{
    id("check_id"), out_text("provider"), state_of("status", kInitiatedOnly),
    Field{.name = "redirect_url", .type = text, .required = false, .nullable = true}};
inline constexpr std::array kStatusInput{
    Field{.name = "type", .type = one_of, .required = false, .values = kVerificationKindNames}};
inline constexpr std::array kLicenseStatus{id("id"),
                                           state_of("trade", kTrades),
                                           state_of("state", kUsStateNames),
                                           state_of("status", kVerificationStatusNames),
                                           maybe_at("verified_at"),
                                           maybe_at("expires_at"),
                                           maybe_text("failure_reason")};
inline constexpr std::array kInsuranceStatus{id("id"),
                                             state_of("trade", kTrades),
                                             state_of("status", kVerificationStatusNames),
                                             out_int("coverage_amount"),
                                             maybe_at("verified_at"),
                                             maybe_at("expires_at"),
                                             maybe_text("failure_reason")};
inline constexpr std::array kBackgroundStatus{id("id"),
                                              out_text("provider"),
                                              state_of("status", kVerificationStatusNames),
                                              maybe_at("verified_at"),
                                              maybe_at("expires_at"),
                                              maybe_text("failure_reason")};
inline constexpr std::array kStatusOutput{list_of("licenses", kLicenseStatus),
                                          list_of("insurance", kInsuranceStatus),
                                          maybe_part("background_check", kBackgroundStatus)};
inline constexpr std::array kReviewInput{state_of("type", kVerificationKindNames), id("verification_id"),
                                         state_of("decision", kDecisions),
                                         Field{.name = "expires_at", .type = instant, .required = false},
                                         optional_text("reason", 1, limits::kNotesMax)};
inline constexpr std::array kReviewOutput{id("verification_id"), id("user_id"),
                                          state_of("status", kVerificationStatusNames),
                                          maybe_at("expires_at")};

inline constexpr std::array kProgressOutput{
    state_of("phase", kOnboardingPhaseNames),
    out_texts("completed_steps"),
    Field{.name = "next_step", .type = one_of, .nullable = true, .values = kNextSteps},
    Field{.name = "role", .type = one_of, .nullable = true, .values = kWorkRoles},
    out_int("profile_percent_complete"),
    maybe_at("started_at"),
    maybe_at("completed_at")};
inline constexpr std::array kSetRoleInput{state_of("role", kWorkRoles), state_of("confidence", kConfidences)};
inline constexpr std::array kSetRoleOutput{state_of("role", kWorkRoles), state_of("next_step", kNextSteps)};
inline constexpr std::array kLicenseClaim{state_of("trade", kTrades), state_of("state", kUsStateNames),
                                          text_of("license_number", 1, 255)};
inline constexpr std::array kWillingnessInput{flag(kWillingnessNames[0]), flag(kWillingnessNames[1]),
                                              flag(kWillingnessNames[2])};
inline constexpr std::array kClaimsInput{
    Field{.name = "claimed_trades", .type = text_list, .min = 0, .max = 20, .element_max = 50},
    Field{.name = "license_claims", .type = object_list, .members = kLicenseClaim},
    flag("insurance_claimed"),
    state_of("work_state", kUsStateNames),
    optional_text("work_region", 0, 255),
    Field{.name = "risk_preferences", .type = object, .members = kWillingnessInput}};
inline constexpr std::array kClaimsOutput{id("claim_id"), out_texts("trades_requiring_verification"),
                                          state_of("next_step", kNextSteps)};
inline constexpr std::array kStepInput{state_of("step_id", kDeclarableSteps),
                                       optional_text("data", 0, limits::kNotesMax)};
inline constexpr std::array kStepOutput{out_texts("completed_steps"), state_of("next_step", kNextSteps),
                                        state_of("phase", kOnboardingPhaseNames)};
inline constexpr std::array kFinishInput{flag("skip_tutorial", false)};
inline constexpr std::array kOnboardedUser{id("id"), out_text("full_name"), out_int("trust_tier"),
                                           state_of("default_mode", kWorkRoles)};
inline constexpr std::array kFinishOutput{out_bool("success"), part("profile", kOnboardedUser),
                                          part("capability_profile", kCapabilityProfile),
                                          at("onboarding_completed_at")};

}  // namespace model::fields
