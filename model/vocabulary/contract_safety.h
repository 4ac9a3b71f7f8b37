// Inputs and outputs of administration, moderation and the beta (safety-and-abuse.md §1, §2, §5-§7): rows of
// the procedure table, kept apart from the money core's.
#pragma once

#include <array>

#include "model/vocabulary/contract_fields.h"
#include "model/vocabulary/limits.h"

namespace model::fields {

inline constexpr std::array<std::string_view, 2> kFreezeSwitches{"MARKETPLACE", "REFUNDS"};  // decision 13
inline constexpr std::array<std::string_view, 6> kFreezeReasons{"LEDGER_DRIFT",          "STRIPE_OUTAGE",
                                                                "IDENTITY_FRAUD_SPIKE",  "MANUAL_OVERRIDE",
                                                                "SAGA_RETRY_EXHAUSTION", "TEST_SIMULATION"};
inline constexpr std::array<std::string_view, 4> kAdminRoleNames{"support", "moderator", "admin",
                                                                 "founder"};  // by rank
inline constexpr std::array<std::string_view, 6> kFlagNames{
    "beta_mode",    "beta_seattle_only", "beta_hustler_invite_required", "beta_poster_invite_required",
    "abuse_guards", "invite_required"};
inline constexpr std::array<std::string_view, 9> kRuleNames{"beta_max_users",
                                                            "beta_max_tasks",
                                                            "beta_max_escrow_cents",
                                                            "beta_city_capacity_hustler",
                                                            "beta_city_capacity_poster",
                                                            "max_pending_tasks_per_poster",
                                                            "max_active_tasks_per_hustler",
                                                            "max_xp_per_day",
                                                            "max_xp_per_hour"};
inline constexpr std::array<std::string_view, 3> kInviteRoles{"hustler", "poster", "both"};
inline constexpr std::array<std::string_view, 2> kBetaRoles{"hustler", "poster"};
inline constexpr std::array<std::string_view, 5> kContentTypes{"task", "message", "rating", "profile",
                                                               "photo"};
inline constexpr std::array<std::string_view, 4> kReviewDecisions{"approve", "reject", "escalate",
                                                                  "no_action"};
inline constexpr std::array<std::string_view, 4> kModerationSeverities{"LOW", "MEDIUM", "HIGH", "CRITICAL"};
inline constexpr std::array<std::string_view, 5> kModerationStatuses{"pending", "reviewing", "approved",
                                                                     "rejected", "escalated"};

inline constexpr std::array<std::string_view, 4> kAppealStatuses{"pending", "reviewing", "upheld",
                                                                 "overturned"};
inline constexpr std::array<std::string_view, 2> kAppealDecisions{"upheld", "overturned"};
inline constexpr std::array<std::string_view, 4> kRiskLevels{"LOW", "MEDIUM", "HIGH", "CRITICAL"};
inline constexpr std::array<std::string_view, 4> kRiskStatuses{"active", "reviewed", "resolved", "dismissed"};
inline constexpr std::array<std::string_view, 3> kRiskDecisions{"reviewed", "resolved", "dismissed"};
inline constexpr std::array<std::string_view, 2> kOverrides{"release", "refund"};

constexpr Field whole(std::string_view name, std::int64_t min, std::int64_t max) {
  return {.name = name, .type = integer, .min = min, .max = max};
}
constexpr Field yes_no(std::string_view name, bool required = true) {
  return {.name = name, .type = boolean, .required = required};
}
constexpr Field optional_id(std::string_view name) {
  return {.name = name, .type = uuid, .required = false};
}
constexpr Field optional_instant(std::string_view name) {
  return {.name = name, .type = instant, .required = false};
}
// SAF-12, SAF-21: whoever uses a power says why.
constexpr Field why(std::string_view name) {
  return text_of(name, limits::kAdminReasonMin, limits::kAdminReasonMax);
}

inline constexpr std::array kSetFreezeInput{state_of("switch", kFreezeSwitches), yes_no("active"),
                                            state_of("reason", kFreezeReasons), why("note")};
inline constexpr std::array kSetFreezeOutput{state_of("switch", kFreezeSwitches), out_bool("active"),
                                             out_bool("changed"), at("changed_at")};
inline constexpr std::array kGetFreezeOutput{out_bool("marketplace"), out_bool("refunds")};

inline constexpr std::array kAddStrikeInput{
    id("user_id"), whole("severity", 1, 3),        text_of("source_event", 1, limits::kSourceEventMax),
    why("reason"), optional_id("related_task_id"), optional_id("related_dispute_id")};
inline constexpr std::array kAddStrikeOutput{
    id("strike_id"),       id("user_id"),
    out_int("severity"),   state_of("account_status", kAccountStatusNames),
    out_bool("duplicate"), maybe_at("suspended_until")};

inline constexpr std::array kUserStatusInput{id("user_id"), state_of("status", kAccountStatusNames),
                                             why("reason"), optional_instant("suspended_until")};
inline constexpr std::array kUserStatusOutput{id("user_id"), state_of("account_status", kAccountStatusNames),
                                              maybe_at("suspended_until"), out_int("tasks_cancelled")};

inline constexpr std::array kGrantRoleInput{id("user_id"),
                                            state_of("role", kAdminRoleNames),
                                            yes_no("can_resolve_disputes", false),
                                            yes_no("can_override_escrow", false),
                                            yes_no("can_modify_trust", false),
                                            yes_no("can_ban_users", false),
                                            yes_no("can_access_financials", false)};
inline constexpr std::array kGrantRoleOutput{id("user_id"), state_of("role", kAdminRoleNames),
                                             at("granted_at")};
inline constexpr std::array kRevokeRoleInput{id("user_id"), why("reason")};
inline constexpr std::array kRevokeRoleOutput{id("user_id"), at("revoked_at")};

inline constexpr std::array kSetFlagInput{state_of("key", kFlagNames), yes_no("enabled"), why("reason")};
inline constexpr std::array kSetFlagOutput{state_of("key", kFlagNames), out_bool("enabled"),
                                           at("changed_at")};
inline constexpr std::array kSetRuleInput{state_of("key", kRuleNames), whole("value", 0, 1'000'000'000),
                                          why("reason")};
inline constexpr std::array kSetRuleOutput{state_of("key", kRuleNames), out_int("value"), at("changed_at")};
inline constexpr std::array kCreateInviteInput{text_of("code", 4, limits::kInviteCodeMax),
                                               state_of("role", kInviteRoles), whole("max_uses", 1, 10'000),
                                               optional_instant("expires_at")};
inline constexpr std::array kCreateInviteOutput{out_text("code"), state_of("role", kInviteRoles),
                                                out_int("max_uses"), maybe_at("expires_at")};

inline constexpr std::array kReviewContentInput{id("item_id"), state_of("decision", kReviewDecisions),
                                                why("notes")};
inline constexpr std::array kReviewContentOutput{id("id"), state_of("status", kModerationStatuses),
                                                 state_of("review_decision", kReviewDecisions)};
inline constexpr std::array kQueueInput{
    Field{.name = "limit", .type = integer, .required = false, .min = 1, .max = limits::kListLimitMax}};
inline constexpr std::array kQueueItem{id("id"),
                                       state_of("content_type", kContentTypes),
                                       id("content_id"),
                                       state_of("severity", kModerationSeverities),
                                       state_of("status", kModerationStatuses),
                                       at("sla_deadline")};
inline constexpr std::array kQueueOutput{list_of("items", kQueueItem), out_int("total")};
inline constexpr std::array kRemoveStrikeInput{id("strike_id"), why("reason")};
inline constexpr std::array kRemoveStrikeOutput{id("strike_id"), id("user_id"),
                                                state_of("account_status", kAccountStatusNames),
                                                maybe_at("suspended_until"), at("removed_at")};
inline constexpr std::array kAppealInput{id("item_id"), why("reason")};
inline constexpr std::array kAppealOutput{id("id"), id("item_id"), state_of("status", kAppealStatuses),
                                          at("submitted_at"), at("deadline")};
inline constexpr std::array kDecideAppealInput{id("appeal_id"), state_of("decision", kAppealDecisions),
                                               why("notes")};
inline constexpr std::array kDecideAppealOutput{
    id("id"), state_of("status", kAppealStatuses), state_of("item_status", kModerationStatuses),
    state_of("account_status", kAccountStatusNames), maybe_at("suspended_until")};

// §3: scores travel in hundredths.
inline constexpr std::array kRiskFamilies{out_int("account"), out_int("behaviour"), out_int("payment"),
                                          out_int("identity")};
inline constexpr std::array kAssessRiskInput{id("user_id"), why("reason")};
inline constexpr std::array kAssessRiskOutput{id("score_id"),
                                              id("user_id"),
                                              out_int("score"),
                                              state_of("level", kRiskLevels),
                                              part("components", kRiskFamilies),
                                              out_int("weighted"),
                                              state_of("account_status", kAccountStatusNames)};
inline constexpr std::array kReviewRiskInput{id("score_id"), state_of("decision", kRiskDecisions),
                                             why("notes")};
inline constexpr std::array kReviewRiskOutput{id("score_id"), state_of("status", kRiskStatuses),
                                              state_of("account_status", kAccountStatusNames)};

// SAF-21: the second admin says yes beforehand.
inline constexpr std::array kApproveOverrideInput{id("escrow_id"), state_of("override", kOverrides),
                                                  why("reason"),
                                                  key_of("idempotency_key", limits::kIdempotencyKeyMax)};
inline constexpr std::array kApproveOverrideOutput{id("escrow_id"), state_of("override", kOverrides),
                                                   out_bool("duplicate"), at("approved_at"),
                                                   at("expires_at")};
// api.md §1.2 with what SAF-21 asks of an admin; a poster needs neither.
constexpr Field added(Field field) {
  field.added = true;
  return field;
}
inline constexpr std::array kMoveMoneyInput{
    id("escrow_id"), added(optional_text("reason", 1, limits::kAdminReasonMax)),
    added(key_of("idempotency_key", limits::kIdempotencyKeyMax, false))};

inline constexpr std::array kReleaseOutput{id("id"), state_of("state", kEscrowStateNames), at("released_at"),
                                           maybe_text("transfer_id")};
inline constexpr std::array kRefundOutput{id("id"), state_of("state", kEscrowStateNames), at("refunded_at"),
                                          maybe_text("refund_id")};

inline constexpr std::array kReportInput{state_of("content_type", kContentTypes), id("content_id"),
                                         text_of("reason", 1, limits::kAdminReasonMax)};
inline constexpr std::array kReportOutput{out_bool("recorded")};

inline constexpr std::array kJoinInput{
    state_of("role", kBetaRoles),
    Field{.name = "latitude", .type = decimal, .required = false, .min = -90, .max = 90},
    Field{.name = "longitude", .type = decimal, .required = false, .min = -180, .max = 180},
    optional_text("invite_code", 0, limits::kInviteCodeMax),
    optional_text("device_id", 1, limits::kDeviceIdMax)};
inline constexpr std::array kJoinOutput{id("user_id"), state_of("role", kBetaRoles), at("joined_at")};

}  // namespace model::fields
