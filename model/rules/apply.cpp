// Steps 1 and 2 of error-codes.md §4, and who does the rest.
#include "model/rules/apply.h"

#include <array>

#include "model/rules/steps.h"
#include "model/vocabulary/limits.h"

namespace model {
namespace {

using enum Action;

Code price_trouble(const Command& command) {
  if (command.price > limits::kMaxPrice) return Code::validation_error;
  if (command.mode == Mode::live && command.price < limits::kMinPriceLive) return Code::hx902;  // C-M9
  return command.price < limits::kMinPriceStandard ? Code::validation_error : Code::none;
}

// GPS-2.
bool in_range(const Fix& fix) {
  constexpr DegreesE7 kDegree = 10'000'000;
  const auto within = [](DegreesE7 value, DegreesE7 most) { return value >= -most && value <= most; };
  return !fix.present || (within(fix.latitude, 90 * kDegree) && within(fix.longitude, 180 * kDegree) &&
                          fix.accuracy_dm >= 0 && fix.accuracy_dm <= limits::kAccuracyMaxM * 10);
}

// Step 2. The contract's faults arrive as a number; the rest is what two fields, or the clock, decide
// together.
Code input_trouble(const Command& command) {
  if (command.input_fault != 0) return Code::validation_error;
  const Action action = command.action;
  if (action == task_create) {
    const Code price =
        price_trouble(command);  // the first bad field answers, and price comes before deadline
    return price == Code::none && command.deadline_in <= 0 ? Code::validation_error : price;
  }
  bool good = true;
  if (action == task_submit_proof || action == proof_submit) {
    good =
        command.photos >= limits::kPhotosMin && command.photos <= limits::kPhotosMax && in_range(command.fix);
  } else if (action == dispute_resolve && command.resolution == Resolution::split) {
    good = command.split_percent >= limits::kSplitPercentMin &&
           command.split_percent <= limits::kSplitPercentMax;
  }
  if (action == feed_get && command.feed_mode == FeedMode::nearby) good = command.place.present();
  if (action == verification_resolve && command.approve) good = command.valid_for > 0;
  return good ? Code::none : Code::validation_error;
}

// What does the rest, by action: rules/steps.h.
using Rule = Outcome (*)(World&, const Command&, Instant);
struct Row {
  Action action;
  Rule rule;
};
constexpr std::array<Row, kActionCount> kRules{{
    {task_create, [](World& w, const Command& c, Instant now) { return rules::create_task(w, c, now); }},
    {task_accept, [](World& w, const Command& c, Instant now) { return rules::accept_task(w, c, now); }},
    {task_submit_proof,
     [](World& w, const Command& c, Instant now) { return rules::submit_proof(w, c, now); }},
    {task_complete, [](World& w, const Command& c, Instant now) { return rules::complete_task(w, c, now); }},
    {task_cancel, [](World& w, const Command& c, Instant) { return rules::cancel_task(w, c); }},
    {task_get_by_id, [](World& w, const Command& c, Instant) { return rules::read(w, c); }},
    {task_list, [](World& w, const Command& c, Instant) { return rules::read(w, c); }},
    {escrow_create_intent, [](World& w, const Command& c, Instant) { return rules::create_intent(w, c); }},
    {escrow_release,
     [](World& w, const Command& c, Instant now) { return rules::release_escrow(w, c, now); }},
    {escrow_refund, [](World& w, const Command& c, Instant) { return rules::refund_escrow(w, c); }},
    {escrow_get_by_task_id, [](World& w, const Command& c, Instant) { return rules::read(w, c); }},
    {proof_request_upload, [](World& w, const Command& c, Instant) { return rules::request_upload(w, c); }},
    {proof_submit, [](World& w, const Command& c, Instant now) { return rules::submit_proof(w, c, now); }},
    {proof_accept, [](World& w, const Command& c,
                      Instant now) { return rules::review_proof(w, c, Cause::accept_proof, now); }},
    {proof_reject, [](World& w, const Command& c,
                      Instant now) { return rules::review_proof(w, c, Cause::reject_proof, now); }},
    {proof_get_by_task_id, [](World& w, const Command& c, Instant) { return rules::read(w, c); }},
    {user_get_profile, [](World& w, const Command& c, Instant) { return rules::read(w, c); }},
    {user_update_profile, [](World& w, const Command& c, Instant) { return rules::update_profile(w, c); }},
    {user_get_xp, [](World& w, const Command& c, Instant) { return rules::read(w, c); }},
    {user_get_badges, [](World& w, const Command& c, Instant) { return rules::read(w, c); }},
    {user_get_trust_tier, [](World& w, const Command& c, Instant) { return rules::read(w, c); }},
    {dispute_create, [](World& w, const Command& c, Instant) { return rules::create_dispute(w, c); }},
    {dispute_resolve,
     [](World& w, const Command& c, Instant now) { return rules::resolve_dispute(w, c, now); }},
    {dispute_get_by_task_id, [](World& w, const Command& c, Instant) { return rules::read(w, c); }},
    {admin_set_freeze, [](World& w, const Command& c, Instant) { return rules::administer(w, c); }},
    {admin_get_freeze, [](World& w, const Command& c, Instant) { return rules::administer(w, c); }},
    {admin_add_strike, [](World& w, const Command& c, Instant) { return rules::administer(w, c); }},
    {admin_update_user_status, [](World& w, const Command& c, Instant) { return rules::administer(w, c); }},
    {admin_grant_role, [](World& w, const Command& c, Instant) { return rules::administer(w, c); }},
    {admin_revoke_role, [](World& w, const Command& c, Instant) { return rules::administer(w, c); }},
    {admin_set_flag, [](World& w, const Command& c, Instant) { return rules::administer(w, c); }},
    {admin_set_rule, [](World& w, const Command& c, Instant) { return rules::administer(w, c); }},
    {admin_create_invite, [](World& w, const Command& c, Instant) { return rules::administer(w, c); }},
    {admin_review_content, [](World& w, const Command& c, Instant) { return rules::administer(w, c); }},
    {admin_get_moderation_queue, [](World& w, const Command& c, Instant) { return rules::administer(w, c); }},
    {admin_remove_strike, [](World& w, const Command& c, Instant) { return rules::administer(w, c); }},
    {admin_decide_appeal, [](World& w, const Command& c, Instant) { return rules::administer(w, c); }},
    {admin_assess_risk, [](World& w, const Command& c, Instant) { return rules::administer(w, c); }},
    {admin_review_risk, [](World& w, const Command& c, Instant) { return rules::administer(w, c); }},
    {admin_approve_override, [](World& w, const Command& c, Instant) { return rules::administer(w, c); }},
    {moderation_report_content, [](World& w, const Command& c, Instant) { return rules::administer(w, c); }},
    {moderation_appeal, [](World& w, const Command& c, Instant) { return rules::administer(w, c); }},
    {beta_join, [](World& w, const Command& c, Instant) { return rules::administer(w, c); }},
    {feed_get, [](World& w, const Command& c, Instant now) { return rules::read_feed(w, c, now); }},
    {eligibility_check,
     [](World& w, const Command& c, Instant now) { return rules::read_eligibility(w, c, now); }},
    {eligibility_get_profile,
     [](World& w, const Command& c, Instant now) { return rules::read_capability(w, c, now); }},
    {verification_submit_license,
     [](World& w, const Command& c, Instant now) { return rules::submit_verification(w, c, now); }},
    {verification_submit_insurance,
     [](World& w, const Command& c, Instant now) { return rules::submit_verification(w, c, now); }},
    {verification_initiate_background_check,
     [](World& w, const Command& c, Instant now) { return rules::submit_verification(w, c, now); }},
    {verification_get_status,
     [](World& w, const Command& c, Instant now) { return rules::read_verifications(w, c, now); }},
    {verification_resolve,
     [](World& w, const Command& c, Instant now) { return rules::resolve_verification(w, c, now); }},
    {onboarding_get_progress,
     [](World& w, const Command& c, Instant) { return rules::read_onboarding(w, c); }},
    {onboarding_set_role,
     [](World& w, const Command& c, Instant now) { return rules::advance_onboarding(w, c, now); }},
    {onboarding_submit_capabilities,
     [](World& w, const Command& c, Instant now) { return rules::advance_onboarding(w, c, now); }},
    {onboarding_complete_step,
     [](World& w, const Command& c, Instant now) { return rules::advance_onboarding(w, c, now); }},
    {onboarding_complete,
     [](World& w, const Command& c, Instant now) { return rules::advance_onboarding(w, c, now); }},
    {processor_pay, [](World& w, const Command& c, Instant) { return rules::pay(w, c); }},
    {processor_cancel_intent, [](World& w, const Command& c, Instant) { return rules::cancel_intent(w, c); }},
    {webhook_deliver, [](World& w, const Command& c, Instant) { return rules::deliver(w, c); }},
    {job_task_expiry, [](World& w, const Command& c, Instant now) { return rules::expire(w, c, now); }},
    {job_review_timeout,
     [](World& w, const Command& c, Instant now) { return rules::time_out_review(w, c, now); }},
    // moves money that the escrow has already given up
    {job_transfer_retry, [](World&, const Command&, Instant) { return Outcome::accepted(); }},
    // ELG-12: what the clock ended has ended without it
    {job_verification_expire, [](World&, const Command&, Instant) { return Outcome::accepted(); }},
}};

constexpr bool in_action_order() {
  for (std::size_t i = 0; i < kRules.size(); ++i) {
    if (static_cast<std::size_t>(kRules[i].action) != i) return false;
  }
  return true;
}
static_assert(in_action_order(), "every action has its rule, in the order of the enum");

}  // namespace

bool is_well_formed(const Command& command) {
  return input_trouble(command) == Code::none;
}

Outcome apply(World& world, const Command& command, Instant now) {
  if (is_procedure(command.action)) {
    const bool signed_in = command.credential != Credential::none && command.actor.value < world.users.size();
    if (!signed_in) return Outcome::refused(Code::hx501);
    if (command.credential != Credential::valid) return Outcome::refused(Code::hx502);
    const Code trouble = input_trouble(command);
    if (trouble != Code::none) return Outcome::refused(trouble);
  }
  return kRules[static_cast<std::size_t>(command.action)].rule(world, command, now);
}

}  // namespace model
