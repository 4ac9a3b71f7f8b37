// Steps 1 and 2 of error-codes.md §4, and who does the rest.
#include "model/rules/apply.h"

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
    good = command.photos >= limits::kPhotosMin && command.photos <= limits::kPhotosMax;
  } else if (action == dispute_resolve && command.resolution == Resolution::split) {
    good = command.split_percent >= limits::kSplitPercentMin &&
           command.split_percent <= limits::kSplitPercentMax;
  }
  return good ? Code::none : Code::validation_error;
}

Outcome call(World& world, const Command& command, Instant now) {
  switch (command.action) {
    case task_create:
      return rules::create_task(world, command, now);
    case task_accept:
      return rules::accept_task(world, command, now);
    case task_submit_proof:
    case proof_submit:
      return rules::submit_proof(world, command, now);
    case task_complete:
      return rules::complete_task(world, command, now);
    case task_cancel:
      return rules::cancel_task(world, command);
    case escrow_create_intent:
      return rules::create_intent(world, command);
    case escrow_release:
      return rules::release_escrow(world, command, now);
    case escrow_refund:
      return rules::refund_escrow(world, command);
    case proof_accept:
      return rules::review_proof(world, command, Cause::accept_proof, now);
    case proof_reject:
      return rules::review_proof(world, command, Cause::reject_proof, now);
    case dispute_create:
      return rules::create_dispute(world, command);
    case dispute_resolve:
      return rules::resolve_dispute(world, command, now);
    case user_update_profile:
      return rules::update_profile(world, command);
    case task_get_by_id:
    case task_list:
    case escrow_get_by_task_id:
    case proof_get_by_task_id:
    case dispute_get_by_task_id:
    case user_get_profile:
    case user_get_xp:
    case user_get_trust_tier:
    case user_get_badges:
      return rules::read(world, command);
    case admin_set_freeze:
    case admin_get_freeze:
    case admin_add_strike:
    case admin_update_user_status:
    case admin_grant_role:
    case admin_revoke_role:
    case admin_set_flag:
    case admin_set_rule:
    case admin_create_invite:
    case admin_review_content:
    case admin_get_moderation_queue:
    case moderation_report_content:
    case beta_join:
      return rules::administer(world, command);

    case processor_pay:
      return rules::pay(world, command);
    case processor_cancel_intent:
      return rules::cancel_intent(world, command);
    case webhook_deliver:
      return rules::deliver(world, command);
    case job_task_expiry:
      return rules::expire(world, command, now);
    case job_review_timeout:
      return rules::time_out_review(world, command, now);
    case job_transfer_retry:
      return Outcome::accepted();  // moves money that the escrow has already given up
  }
  return Outcome::refused(Code::internal_error);
}

}  // namespace

Outcome apply(World& world, const Command& command, Instant now) {
  if (is_procedure(command.action)) {
    const bool signed_in = command.credential != Credential::none && command.actor.value < world.users.size();
    if (!signed_in) return Outcome::refused(Code::hx501);
    if (command.credential != Credential::valid) return Outcome::refused(Code::hx502);
    const Code trouble = input_trouble(command);
    if (trouble != Code::none) return Outcome::refused(trouble);
  }
  return call(world, command, now);
}

}  // namespace model
