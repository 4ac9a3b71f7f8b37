// What an actor, a provider or the clock asks of the marketplace. One flat value: a plan is a list of these,
// and every field that an action does not use stays at its default.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "model/vocabulary/cents.h"
#include "model/vocabulary/eligibility.h"
#include "model/vocabulary/geo.h"
#include "model/vocabulary/ids.h"
#include "model/vocabulary/instant.h"
#include "model/vocabulary/place.h"
#include "model/vocabulary/proof_facts.h"
#include "model/vocabulary/states.h"

namespace model {

enum class Action : std::uint8_t {
  // procedures (api.md §1.1-1.5, §1.8), in contract order
  task_create,
  task_accept,
  task_submit_proof,
  task_complete,
  task_cancel,
  task_get_by_id,
  task_list,
  escrow_create_intent,
  escrow_release,
  escrow_refund,
  escrow_get_by_task_id,
  proof_request_upload,
  proof_submit,
  proof_accept,
  proof_reject,
  proof_get_by_task_id,
  user_get_profile,
  user_update_profile,
  user_get_xp,
  user_get_badges,
  user_get_trust_tier,
  dispute_create,
  dispute_resolve,
  dispute_get_by_task_id,
  // administration, moderation, beta (safety-and-abuse.md §1, §2, §5-§7)
  admin_set_freeze,
  admin_get_freeze,
  admin_add_strike,
  admin_update_user_status,
  admin_grant_role,
  admin_revoke_role,
  admin_set_flag,
  admin_set_rule,
  admin_create_invite,
  admin_review_content,
  admin_get_moderation_queue,
  admin_remove_strike,
  admin_decide_appeal,
  admin_assess_risk,
  admin_review_risk,
  admin_approve_override,
  moderation_report_content,
  moderation_appeal,
  beta_join,
  // feed, eligibility, verification, onboarding (api.md §1.8)
  feed_get,
  eligibility_check,
  eligibility_get_profile,
  verification_submit_license,
  verification_submit_insurance,
  verification_initiate_background_check,
  verification_get_status,
  verification_resolve,
  onboarding_get_progress,
  onboarding_set_role,
  onboarding_submit_capabilities,
  onboarding_complete_step,
  onboarding_complete,
  // the payment processor: what happens there, and what it tells the server
  processor_pay,            // the poster confirms the card payment; the event `event` comes into being
  processor_cancel_intent,  // the processor gives up an unpaid intent; the event `event` comes into being
  webhook_deliver,          // one delivery of `event` (or of a bad one, see EventFlavour)
  // the clock
  job_task_expiry,
  job_review_timeout,
  job_transfer_retry,
  job_verification_expire,  // acts on Command::user
};
inline constexpr std::size_t kProcedureCount = static_cast<std::size_t>(Action::processor_pay);
inline constexpr std::size_t kActionCount = static_cast<std::size_t>(Action::job_verification_expire) + 1;

inline constexpr std::array<std::string_view, kActionCount> kActionNames{
    "task.create",
    "task.accept",
    "task.submitProof",
    "task.complete",
    "task.cancel",
    "task.getById",
    "task.list",
    "escrow.createIntent",
    "escrow.release",
    "escrow.refund",
    "escrow.getByTaskId",
    "proof.requestUpload",
    "proof.submit",
    "proof.accept",
    "proof.reject",
    "proof.getByTaskId",
    "user.getProfile",
    "user.updateProfile",
    "user.getXP",
    "user.getBadges",
    "user.getTrustTier",
    "dispute.create",
    "dispute.resolve",
    "dispute.getByTaskId",
    "admin.setFreeze",
    "admin.getFreeze",
    "admin.addStrike",
    "admin.updateUserStatus",
    "admin.grantRole",
    "admin.revokeRole",
    "admin.setFlag",
    "admin.setRule",
    "admin.createInvite",
    "admin.reviewContent",
    "admin.getModerationQueue",
    "admin.removeStrike",
    "admin.decideAppeal",
    "admin.assessRisk",
    "admin.reviewRisk",
    "admin.approveOverride",
    "moderation.reportContent",
    "moderation.appeal",
    "beta.join",
    "feed.get",
    "eligibility.check",
    "eligibility.getProfile",
    "verification.submitLicense",
    "verification.submitInsurance",
    "verification.initiateBackgroundCheck",
    "verification.getStatus",
    "verification.resolve",
    "onboarding.getProgress",
    "onboarding.setRole",
    "onboarding.submitCapabilities",
    "onboarding.completeStep",
    "onboarding.complete",
    "processor.pay",
    "processor.cancelIntent",
    "webhook.deliver",
    "job.taskExpiry",
    "job.reviewTimeout",
    "job.transferRetry",
    "job.verificationExpire"};
constexpr std::string_view name(Action a) {
  return kActionNames[static_cast<std::size_t>(a)];
}
constexpr bool is_procedure(Action a) {
  return static_cast<std::size_t>(a) < kProcedureCount;
}

// Who presents what (error-codes.md §4 step 1; protocols.md §4.3). Everything but `valid` and `none` is
// HX502.
enum class Credential : std::uint8_t {
  valid,
  none,
  expired,
  wrong_audience,
  wrong_issuer,
  unsigned_token,
  hs256_with_certificate,
  unknown_key,
  bad_signature,
  no_expiry,
  issued_in_future,
  empty_subject,
  garbage
};
inline constexpr std::array<std::string_view, 13> kCredentialNames{"valid",
                                                                   "none",
                                                                   "expired",
                                                                   "wrong_audience",
                                                                   "wrong_issuer",
                                                                   "unsigned",
                                                                   "hs256_with_certificate",
                                                                   "unknown_key",
                                                                   "bad_signature",
                                                                   "no_expiry",
                                                                   "issued_in_future",
                                                                   "empty_subject",
                                                                   "garbage"};
constexpr std::string_view name(Credential c) {
  return kCredentialNames[static_cast<std::size_t>(c)];
}

enum class EventType : std::uint8_t {
  payment_succeeded,
  payment_canceled,
  transfer_created,
  payment_failed,   // the card was declined; the poster may try another (money.md §4: notify)
  transfer_failed,  // the money of a transfer came back; the payout waits again (money.md §4: retry queue)
  unknown_type
};
inline constexpr std::array<std::string_view, 6> kEventTypeNames{
    "payment_intent.succeeded",      "payment_intent.canceled", "transfer.created",
    "payment_intent.payment_failed", "transfer.failed",         "customer.updated"};
constexpr std::string_view name(EventType t) {
  return kEventTypeNames[static_cast<std::size_t>(t)];
}
// Events that no processor action of a plan brings about: the harness makes the processor send them when they
// are delivered. Whether it still can is the processor's word, so such a delivery may be left out.
constexpr bool is_made_for_delivery(EventType t) {
  return t == EventType::transfer_created || t == EventType::payment_failed ||
         t == EventType::transfer_failed;
}

// How an event is delivered. `genuine` deliveries of one event may be repeated at will (a duplicate is just a
// second delivery). The signature flavours must be refused with 400; the content flavours are correctly
// signed events of their own that must be acknowledged without effect.
enum class EventFlavour : std::uint8_t {
  genuine,
  forged_signature,
  no_signature,
  stale,
  future,
  tampered_body,  // refused with 400
  wrong_amount,
  wrong_currency,
  foreign_intent,  // acknowledged, no effect
};
inline constexpr std::array<std::string_view, 9> kEventFlavourNames{
    "genuine",       "forged_signature", "no_signature",   "stale",         "future",
    "tampered_body", "wrong_amount",     "wrong_currency", "foreign_intent"};
constexpr std::string_view name(EventFlavour f) {
  return kEventFlavourNames[static_cast<std::size_t>(f)];
}

struct Command {
  Action action = Action::task_get_by_id;
  UserId actor;  // absent for processor, webhook and clock
  Credential credential = Credential::valid;
  std::uint8_t input_fault = 0;  // 0: well formed; n: n-th entry of contract.h input_faults(action)

  TaskId task;        // also the slot that task.create fills
  EscrowId escrow;    // escrow.release, escrow.refund, processor and webhook actions
  ProofId proof;      // the slot that a submission fills, or the proof under review
  DisputeId dispute;  // the slot that dispute.create fills, or the dispute to resolve
  EventId event;      // the slot that processor actions fill; the event that webhook.deliver delivers
  UserId user;        // user.getBadges of somebody else; whom job.verificationExpire looks at
  VerificationId verification;  // the slot that a submission fills, or the record under review

  Cents price = 0;
  Mode mode = Mode::standard;
  Category category = Category::errands;  // submissions: whose kinds of photos are sent
  bool requires_proof = true;
  Millis deadline_in = 24 * kHour;  // task.create: deadline = now + deadline_in
  std::uint8_t photos = 1;
  PhotoTrick trick = PhotoTrick::none;
  PictureId picture;             // the first photo's picture, bare of EXIF; absent: one that nobody has seen
  std::int16_t photo_age_s = 0;  // EXIF capture time of the other photos: whole seconds before the call
  Fix fix;                       // submissions
  DisputeReason reason = DisputeReason::other;
  Resolution resolution = Resolution::hustler_wins;
  std::uint8_t split_percent = 0;  // sent exactly for SPLIT unless input_fault says otherwise
  EventType event_type = EventType::payment_succeeded;
  EventFlavour flavour = EventFlavour::genuine;

  UsState state = 0;              // of a task, a license, a capability claim
  std::uint8_t risk_answers = 0;  // task.create: RiskAnswer bits
  GeoPoint place;             // task.create (where it is to be done), feed.get nearby: absent leaves it out
  Trade trade = Trade::none;  // of a license or an insurance
  VerificationKind kind = VerificationKind::license;
  bool approve = true;            // verification.resolve: verified, else failed
  Millis valid_for = 365 * kDay;  // verification.resolve: expires_at = now + valid_for
  std::uint8_t willingness = 0;   // onboarding.submitCapabilities: Willingness bits
  FeedMode feed_mode = FeedMode::normal;
  std::uint8_t radius_miles = 10;  // feed.get nearby
  std::uint8_t page = 0;           // feed.get: tasks of one page, 0 for the default; pages are followed
  OnboardingStep onboarding_step = OnboardingStep::profile;
  bool skip_tutorial = true;  // onboarding.complete

  bool operator==(const Command&) const = default;
};

}  // namespace model
