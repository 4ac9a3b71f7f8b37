#include "model/vocabulary/contract.h"

#include <array>

#include "model/vocabulary/access.h"
#include "model/vocabulary/contract_eligibility.h"
#include "model/vocabulary/contract_fields.h"
#include "model/vocabulary/contract_proof.h"
#include "model/vocabulary/contract_safety.h"
#include "model/vocabulary/limits.h"

namespace model {
namespace {

using namespace fields;
namespace L = limits;

constexpr std::array<std::string_view, 2> kRoles{"worker", "poster"};
constexpr std::array<std::string_view, 3> kSortFields{"created_at", "price", "deadline"};
constexpr std::array<std::string_view, 2> kDirections{"asc", "desc"};

// Shared output parts (api.md §0).
constexpr std::array kUserSummary{id("id"), out_text("full_name"), maybe_text("avatar_url"),
                                  out_int("trust_tier"), out_bool("is_verified")};
constexpr std::array kEscrowSummary{id("id"), out_int("amount"), state_of("state", kEscrowStateNames)};
constexpr std::array kProofSummary{id("id"), state_of("state", kProofStateNames), maybe_at("submitted_at")};
constexpr std::array kTaskSummary{id("id"),
                                  out_text("title"),
                                  maybe_text("category"),
                                  out_int("price"),
                                  state_of("state", kTaskStateNames),
                                  state_of("mode", kModeNames),
                                  maybe_text("location"),
                                  maybe_at("deadline"),
                                  part("poster", kUserSummary),
                                  at("created_at")};
constexpr std::array kProofPhoto{
    id("id"),
    id("proof_id"),
    out_text("storage_key"),
    out_text("content_type"),
    out_int("file_size_bytes"),
    out_int("sequence_number"),
    Field{.name = "capture_time", .type = instant, .required = false, .nullable = true},
    at("created_at"),
    maybe_text("read_url")};  // of the copy without metadata; null until there is one
constexpr std::array kEvidence{
    id("id"),
    id("dispute_id"),
    id("submitted_by"),
    out_text("evidence_type"),
    out_text("storage_key"),
    Field{.name = "description", .type = text, .required = false, .nullable = true},
    at("created_at")};

// Inputs.
constexpr std::array kTaskId{id("task_id")};
constexpr std::array kProofId{id("proof_id")};
constexpr std::array kTaskCreateInput{
    text_of("title", 1, L::kTitleMax),
    text_of("description", 1, L::kDescriptionMax),
    optional_text("requirements", 0, L::kRequirementsMax),
    text_of("location", 1, L::kLocationMax),
    Field{.name = "location_lat", .type = decimal, .required = false, .min = -90, .max = 90},
    Field{.name = "location_lng", .type = decimal, .required = false, .min = -180, .max = 180},
    text_of("category", 1, L::kCategoryMax),
    Field{.name = "price", .type = integer, .min = L::kMinPriceStandard, .max = L::kMaxPrice},
    Field{.name = "deadline", .type = instant},
    Field{.name = "mode", .type = one_of, .required = false, .values = kModeNames},
    Field{.name = "requires_proof", .type = boolean, .required = false},
    optional_text("proof_instructions", 0, L::kRequirementsMax),
    kLocationState,
    kRiskAnswersField};
constexpr std::array kTaskCancelInput{id("task_id"), optional_text("reason", 0, L::kCancelReasonMax)};
constexpr std::array kFilter{
    Field{.name = "state", .type = one_or_many_of, .required = false, .values = kTaskStateNames},
    optional_text("category", 1, L::kCategoryMax),
    Field{.name = "mode", .type = one_of, .required = false, .values = kModeNames},
    Field{.name = "poster_id", .type = uuid, .required = false},
    Field{.name = "worker_id", .type = uuid, .required = false},
    Field{.name = "min_price", .type = integer, .required = false, .min = 0, .max = L::kMaxPrice},
    Field{.name = "max_price", .type = integer, .required = false, .min = 0, .max = L::kMaxPrice}};
constexpr std::array kSort{Field{.name = "field", .type = one_of, .values = kSortFields},
                           Field{.name = "direction", .type = one_of, .values = kDirections}};
constexpr std::array kPagination{
    Field{.name = "limit", .type = integer, .required = false, .min = 1, .max = L::kListLimitMax},
    Field{.name = "offset", .type = integer, .required = false, .min = 0, .max = 1'000'000'000}};
constexpr std::array kTaskListInput{
    Field{.name = "filter", .type = object, .required = false, .members = kFilter},
    Field{.name = "sort", .type = object, .required = false, .members = kSort},
    Field{.name = "pagination", .type = object, .required = false, .members = kPagination}};
constexpr std::array kRejectInput{id("proof_id"), text_of("reason", 1, L::kRejectionReasonMax)};
constexpr std::array kUpdateProfileInput{
    optional_text("full_name", 1, 255), optional_text("avatar_url", 0, 500),
    Field{.name = "default_mode", .type = one_of, .required = false, .values = kRoles}};
constexpr std::array kXpInput{
    Field{.name = "limit", .type = integer, .required = false, .min = 1, .max = 100}};
constexpr std::array kBadgesInput{Field{.name = "user_id", .type = uuid, .required = false}};
constexpr std::array kDisputeCreateInput{
    id("task_id"), Field{.name = "reason", .type = one_of, .values = kDisputeReasonNames},
    text_of("description", 1, L::kDisputeTextMax),
    Field{.name = "evidence_urls",
          .type = text_list,
          .required = false,
          .min = 0,
          .max = 20,
          .element_max = L::kPhotoKeyMax}};
constexpr std::array kDisputeResolveInput{
    id("dispute_id"), Field{.name = "resolution", .type = one_of, .values = kResolutionNames},
    Field{.name = "split_percent",
          .type = integer,
          .required = false,
          .min = L::kSplitPercentMin,
          .max = L::kSplitPercentMax},
    text_of("notes", 1, L::kNotesMax)};

// Outputs.
constexpr std::array kTaskCreateOutput{id("id"),         id("poster_id"), state_of("state", kTaskStateNames),
                                       at("created_at"), id("escrow_id"), maybe_text("payment_intent_id")};
constexpr std::array kTaskAcceptOutput{id("id"), state_of("state", kTaskStateNames), id("worker_id"),
                                       at("accepted_at")};
constexpr std::array kSubmittedTask{id("id"), state_of("state", kTaskStateNames), at("proof_submitted_at")};
constexpr std::array kSubmittedProof{id("id"), state_of("state", kProofStateNames)};
constexpr std::array kSubmitOutput{part("task", kSubmittedTask), part("proof", kSubmittedProof)};
constexpr std::array kCompletedTask{id("id"), state_of("state", kTaskStateNames), at("completed_at")};
constexpr std::array kReleasedEscrow{id("id"), state_of("state", kEscrowStateNames), at("released_at")};
constexpr std::array kXpAwarded{out_int("base_xp"), out_decimal("streak_multiplier"),
                                out_int("effective_xp")};
constexpr std::array kTaskCompleteOutput{
    part("task", kCompletedTask), part("escrow", kReleasedEscrow),
    Field{.name = "xp_awarded", .type = object, .required = false, .members = kXpAwarded}};
constexpr std::array kCancelledTask{id("id"), state_of("state", kTaskStateNames), at("cancelled_at")};
constexpr std::array kRefundedEscrow{id("id"), state_of("state", kEscrowStateNames), at("refunded_at")};
constexpr std::array kTaskCancelOutput{part("task", kCancelledTask), maybe_part("escrow", kRefundedEscrow)};
constexpr std::array kTaskGetOutput{id("id"),
                                    id("poster_id"),
                                    maybe_id("worker_id"),
                                    out_text("title"),
                                    out_text("description"),
                                    maybe_text("requirements"),
                                    maybe_text("location"),
                                    maybe_decimal("location_lat"),
                                    maybe_decimal("location_lng"),
                                    maybe_text("category"),
                                    out_int("price"),
                                    state_of("state", kTaskStateNames),
                                    state_of("mode", kModeNames),
                                    maybe_at("deadline"),
                                    out_bool("requires_proof"),
                                    maybe_text("proof_instructions"),
                                    maybe_at("accepted_at"),
                                    maybe_at("proof_submitted_at"),
                                    maybe_at("completed_at"),
                                    maybe_at("cancelled_at"),
                                    at("created_at"),
                                    at("updated_at"),
                                    part("poster", kUserSummary),
                                    maybe_part("worker", kUserSummary),
                                    maybe_part("escrow", kEscrowSummary),
                                    maybe_part("proof", kProofSummary)};
constexpr std::array kTaskListOutput{list_of("tasks", kTaskSummary), out_int("total"), out_bool("has_more")};
constexpr std::array kCreateIntentOutput{id("escrow_id"), out_text("payment_intent_id"),
                                         out_text("client_secret"), out_int("amount")};
constexpr std::array kEscrowGetOutput{id("id"),
                                      id("task_id"),
                                      out_int("amount"),
                                      state_of("state", kEscrowStateNames),
                                      maybe_text("stripe_payment_intent_id"),
                                      maybe_text("stripe_transfer_id"),
                                      maybe_text("stripe_refund_id"),
                                      maybe_at("funded_at"),
                                      maybe_at("released_at"),
                                      maybe_at("refunded_at"),
                                      at("created_at")};
constexpr std::array kProofAcceptOutput{id("id"), state_of("state", kProofStateNames), id("reviewed_by"),
                                        at("reviewed_at")};
constexpr std::array kProofRejectOutput{id("id"), state_of("state", kProofStateNames),
                                        out_text("rejection_reason"), id("reviewed_by"), at("reviewed_at")};
constexpr std::array kProofGetOutput{id("id"),
                                     id("task_id"),
                                     id("submitter_id"),
                                     state_of("state", kProofStateNames),
                                     maybe_text("description"),
                                     list_of("photos", kProofPhoto),
                                     maybe_at("submitted_at"),
                                     maybe_id("reviewed_by"),
                                     maybe_at("reviewed_at"),
                                     maybe_text("rejection_reason")};
constexpr std::array kProfileOutput{id("id"),
                                    out_text("email"),
                                    maybe_text("phone"),
                                    out_text("full_name"),
                                    maybe_text("avatar_url"),
                                    state_of("default_mode", kRoles),
                                    out_int("trust_tier"),
                                    out_int("xp_total"),
                                    out_int("current_level"),
                                    out_int("current_streak"),
                                    out_bool("is_verified"),
                                    maybe_at("verified_at"),
                                    maybe_at("onboarding_completed_at"),
                                    at("created_at")};
constexpr std::array kUpdateProfileOutput{id("id"), out_text("full_name"), maybe_text("avatar_url"),
                                          state_of("default_mode", kRoles), at("updated_at")};
constexpr std::array kLevelProgress{out_int("current_threshold"), maybe_int("next_threshold"),
                                    out_decimal("progress_percent")};
constexpr std::array kXpEntry{id("id"),
                              id("user_id"),
                              id("task_id"),
                              out_int("amount"),
                              out_text("reason"),
                              out_decimal("decay_factor"),
                              out_int("effective_amount"),
                              out_int("balance_after"),
                              at("created_at")};
constexpr std::array kXpOutput{out_int("total_xp"), out_int("current_level"), out_int("current_streak"),
                               part("level_progress", kLevelProgress), list_of("recent_entries", kXpEntry)};
constexpr std::array kEarnedBadge{id("id"), out_text("badge_type"), out_int("badge_tier"), at("awarded_at")};
constexpr std::array kAvailableBadge{out_text("badge_type"), out_int("badge_tier")};
constexpr std::array kBadgesOutput{list_of("earned_badges", kEarnedBadge),
                                   list_of("available_badges", kAvailableBadge), out_int("total_earned"),
                                   out_int("total_available")};
constexpr std::array kRequirement{out_decimal("required"), maybe_decimal("current")};
constexpr std::array kTierRequirements{part("tasks_completed", kRequirement),
                                       maybe_part("approval_rate", kRequirement),
                                       maybe_part("avg_rating", kRequirement)};
constexpr std::array kTierOutput{
    out_int("current_tier"), state_of("tier_name", kTierNames), maybe_int("next_tier"),
    maybe_part("requirements_for_next", kTierRequirements),
    Field{.name = "tier_benefits", .type = text_list, .min = 0, .max = 100, .element_max = 255}};
constexpr std::array kOpenedDispute{id("id"),
                                    id("task_id"),
                                    id("opened_by"),
                                    state_of("reason", kDisputeReasonNames),
                                    state_of("state", kDisputeStateNames),
                                    at("created_at")};
constexpr std::array kTaskStateOnly{id("id"), state_of("state", kTaskStateNames)};
constexpr std::array kEscrowStateOnly{id("id"), state_of("state", kEscrowStateNames)};
constexpr std::array kDisputeCreateOutput{part("dispute", kOpenedDispute), part("task", kTaskStateOnly),
                                          part("escrow", kEscrowStateOnly)};
constexpr std::array kResolvedDispute{id("id"), state_of("state", kDisputeStateNames),
                                      state_of("resolution", kResolutionNames), id("resolved_by"),
                                      at("resolved_at")};
constexpr std::array kDisputeResolveOutput{part("dispute", kResolvedDispute), part("task", kTaskStateOnly),
                                           part("escrow", kEscrowStateOnly)};
constexpr std::array kDisputeGetOutput{
    id("id"),
    id("task_id"),
    id("opened_by"),
    state_of("reason", kDisputeReasonNames),
    out_text("description"),
    list_of("evidence", kEvidence),
    state_of("state", kDisputeStateNames),
    Field{.name = "resolution", .type = one_of, .nullable = true, .values = kResolutionNames},
    maybe_id("resolved_by"),
    maybe_at("resolved_at"),
    at("created_at")};

using enum Kind;
constexpr std::array<Field, 0> kNothing{};

constexpr std::array<Procedure, kProcedureCount> kProcedures{{
    {Action::task_create, "task.create", mutation, kTaskCreateInput, false, kTaskCreateOutput, false,
     access::everybody},
    {Action::task_accept, "task.accept", mutation, kTaskId, false, kTaskAcceptOutput, false,
     access::everybody & ~access::poster},
    {Action::task_submit_proof, "task.submitProof", mutation, kSubmitInput, false, kSubmitOutput, false,
     access::worker},
    {Action::task_complete, "task.complete", mutation, kTaskId, false, kTaskCompleteOutput, false,
     access::poster},
    {Action::task_cancel, "task.cancel", mutation, kTaskCancelInput, false, kTaskCancelOutput, false,
     access::poster | access::any_admin},
    {Action::task_get_by_id, "task.getById", query, kTaskId, false, kTaskGetOutput, false, access::everybody},
    {Action::task_list, "task.list", query, kTaskListInput, true, kTaskListOutput, false, access::everybody},
    {Action::escrow_create_intent, "escrow.createIntent", mutation, kTaskId, false, kCreateIntentOutput,
     false, access::poster},
    {Action::escrow_release, "escrow.release", mutation, kMoveMoneyInput, false, kReleaseOutput, false,
     access::poster | access::overrider},
    {Action::escrow_refund, "escrow.refund", mutation, kMoveMoneyInput, false, kRefundOutput, false,
     access::poster | access::overrider},
    {Action::escrow_get_by_task_id, "escrow.getByTaskId", query, kTaskId, false, kEscrowGetOutput, false,
     access::party | access::any_admin},
    {Action::proof_request_upload, "proof.requestUpload", mutation, kUploadInput, false, kUploadOutput, false,
     access::worker},
    {Action::proof_submit, "proof.submit", mutation, kSubmitInput, false, kSubmitOutput, false,
     access::worker},
    {Action::proof_accept, "proof.accept", mutation, kProofId, false, kProofAcceptOutput, false,
     access::poster},
    {Action::proof_reject, "proof.reject", mutation, kRejectInput, false, kProofRejectOutput, false,
     access::poster},
    {Action::proof_get_by_task_id, "proof.getByTaskId", query, kTaskId, false, kProofGetOutput, true,
     access::party | access::any_admin},
    {Action::user_get_profile, "user.getProfile", query, kNothing, true, kProfileOutput, false,
     access::everybody},
    {Action::user_update_profile, "user.updateProfile", mutation, kUpdateProfileInput, false,
     kUpdateProfileOutput, false, access::everybody},
    {Action::user_get_xp, "user.getXP", query, kXpInput, true, kXpOutput, false, access::everybody},
    {Action::user_get_badges, "user.getBadges", query, kBadgesInput, true, kBadgesOutput, false,
     access::everybody},
    {Action::user_get_trust_tier, "user.getTrustTier", query, kNothing, true, kTierOutput, false,
     access::everybody},
    {Action::dispute_create, "dispute.create", mutation, kDisputeCreateInput, false, kDisputeCreateOutput,
     false, access::party},
    {Action::dispute_resolve, "dispute.resolve", mutation, kDisputeResolveInput, false, kDisputeResolveOutput,
     false, access::resolver},
    {Action::dispute_get_by_task_id, "dispute.getByTaskId", query, kTaskId, false, kDisputeGetOutput, true,
     access::party | access::any_admin},
    {Action::admin_set_freeze, "admin.setFreeze", mutation, kSetFreezeInput, false, kSetFreezeOutput, false,
     access::overrider},
    {Action::admin_get_freeze, "admin.getFreeze", query, kNothing, true, kGetFreezeOutput, false,
     access::any_admin},
    {Action::admin_add_strike, "admin.addStrike", mutation, kAddStrikeInput, false, kAddStrikeOutput, false,
     access::banner},
    {Action::admin_update_user_status, "admin.updateUserStatus", mutation, kUserStatusInput, false,
     kUserStatusOutput, false, access::banner},
    {Action::admin_grant_role, "admin.grantRole", mutation, kGrantRoleInput, false, kGrantRoleOutput, false,
     access::truster},
    {Action::admin_revoke_role, "admin.revokeRole", mutation, kRevokeRoleInput, false, kRevokeRoleOutput,
     false, access::truster},
    {Action::admin_set_flag, "admin.setFlag", mutation, kSetFlagInput, false, kSetFlagOutput, false,
     access::financier},
    {Action::admin_set_rule, "admin.setRule", mutation, kSetRuleInput, false, kSetRuleOutput, false,
     access::financier},
    {Action::admin_create_invite, "admin.createInvite", mutation, kCreateInviteInput, false,
     kCreateInviteOutput, false, access::banner},
    {Action::admin_review_content, "admin.reviewContent", mutation, kReviewContentInput, false,
     kReviewContentOutput, false, access::banner},
    {Action::admin_get_moderation_queue, "admin.getModerationQueue", query, kQueueInput, true, kQueueOutput,
     false, access::banner},
    {Action::admin_remove_strike, "admin.removeStrike", mutation, kRemoveStrikeInput, false,
     kRemoveStrikeOutput, false, access::banner},
    {Action::admin_decide_appeal, "admin.decideAppeal", mutation, kDecideAppealInput, false,
     kDecideAppealOutput, false, access::banner},
    {Action::admin_assess_risk, "admin.assessRisk", mutation, kAssessRiskInput, false, kAssessRiskOutput,
     false, access::banner},
    {Action::admin_review_risk, "admin.reviewRisk", mutation, kReviewRiskInput, false, kReviewRiskOutput,
     false, access::banner},
    {Action::admin_approve_override, "admin.approveOverride", mutation, kApproveOverrideInput, false,
     kApproveOverrideOutput, false, access::overrider},
    {Action::moderation_report_content, "moderation.reportContent", mutation, kReportInput, false,
     kReportOutput, false, access::everybody},
    {Action::moderation_appeal, "moderation.appeal", mutation, kAppealInput, false, kAppealOutput, false,
     access::everybody},
    {Action::beta_join, "beta.join", mutation, kJoinInput, false, kJoinOutput, false, access::everybody},
    {Action::feed_get, "feed.get", query, kFeedInput, true, kFeedOutput, false, access::everybody},
    {Action::eligibility_check, "eligibility.check", query, kCheckInput, false, kCheckOutput, false,
     access::everybody},
    {Action::eligibility_get_profile, "eligibility.getProfile", query, kNothing, true, kCapabilityProfile,
     false, access::everybody},
    {Action::verification_submit_license, "verification.submitLicense", mutation, kLicenseInput, false,
     kSubmittedOutput, false, access::everybody},
    {Action::verification_submit_insurance, "verification.submitInsurance", mutation, kInsuranceInput, false,
     kSubmittedOutput, false, access::everybody},
    {Action::verification_initiate_background_check, "verification.initiateBackgroundCheck", mutation,
     kBackgroundInput, false, kBackgroundOutput, false, access::everybody},
    {Action::verification_get_status, "verification.getStatus", query, kStatusInput, true, kStatusOutput,
     false, access::everybody},
    {Action::verification_resolve, "verification.resolve", mutation, kReviewInput, false, kReviewOutput,
     false, access::any_admin},
    {Action::onboarding_get_progress, "onboarding.getProgress", query, kNothing, true, kProgressOutput, false,
     access::everybody},
    {Action::onboarding_set_role, "onboarding.setRole", mutation, kSetRoleInput, false, kSetRoleOutput, false,
     access::everybody},
    {Action::onboarding_submit_capabilities, "onboarding.submitCapabilities", mutation, kClaimsInput, false,
     kClaimsOutput, false, access::everybody},
    {Action::onboarding_complete_step, "onboarding.completeStep", mutation, kStepInput, false, kStepOutput,
     false, access::everybody},
    {Action::onboarding_complete, "onboarding.complete", mutation, kFinishInput, true, kFinishOutput, false,
     access::everybody},
}};

constexpr bool in_action_order() {
  for (std::size_t i = 0; i < kProcedures.size(); ++i) {
    if (static_cast<std::size_t>(kProcedures[i].action) != i || kProcedures[i].name != kActionNames[i])
      return false;
  }
  return true;
}
static_assert(in_action_order());

}  // namespace

std::span<const Procedure> all_procedures() {
  return kProcedures;
}

const Procedure& procedure(Action action) {
  return kProcedures.at(static_cast<std::size_t>(action));
}

const Procedure* find_procedure(std::string_view name) {
  if (name.starts_with("v1.")) name.remove_prefix(3);
  for (const Procedure& candidate : kProcedures) {
    if (candidate.name == name) return &candidate;
  }
  return nullptr;
}

}  // namespace model
