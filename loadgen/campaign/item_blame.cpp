// Which items a finding counts against: by its rule, else by the call that went wrong.
#include <algorithm>
#include <array>
#include <iterator>

#include "loadgen/campaign/items.h"

namespace loadgen {
namespace {

// Rules that count against fixed items, by their beginning.
struct RuleItems {
  std::string_view rule;
  std::array<int, 3> items;  // 0: none
};
constexpr std::array kRuleItems{RuleItems{"decision 13", {13, 0, 0}},
                                RuleItems{"decision 14", {29, 0, 0}},
                                RuleItems{"decision 16", {12, 0, 0}},
                                RuleItems{"decision 19", {12, 0, 0}},
                                RuleItems{"strikes", {12, 0, 0}},
                                RuleItems{"standing", {12, 0, 0}},
                                RuleItems{"moderation", {12, 0, 0}},
                                RuleItems{"SAF-3", {12, 0, 0}},
                                RuleItems{"SAF-18", {14, 10, 0}},
                                RuleItems{"SAF-20", {14, 10, 0}},
                                RuleItems{"rate limits", {25, 0, 0}},
                                RuleItems{"payload limits", {25, 0, 0}},
                                RuleItems{"abuse guards", {26, 0, 0}},
                                RuleItems{"INV-STRIPE-2", {1, 5, 0}},
                                RuleItems{"INV-STRIPE", {4, 0, 0}},
                                RuleItems{"NO-DOUBLE-PAYOUT", {2, 5, 0}},
                                RuleItems{"NO-DOUBLE-REFUND", {3, 5, 0}},
                                RuleItems{"MONEY-PAYOUT", {2, 5, 0}},
                                RuleItems{"MONEY-REFUND", {3, 5, 0}},
                                RuleItems{"CONSERVATION", {5, 0, 0}},
                                RuleItems{"PAYOUT", {5, 9, 0}},
                                RuleItems{"E2", {1, 3, 0}},
                                RuleItems{"money.md §3", {3, 5, 0}},
                                RuleItems{"final state", {2, 3, 6}},
                                RuleItems{"INV-1", {6, 0, 0}},
                                RuleItems{"INV-2", {6, 2, 0}},
                                RuleItems{"INV-3", {6, 2, 0}},
                                RuleItems{"INV-4", {6, 1, 0}},
                                RuleItems{"INV-5", {6, 0, 0}},
                                RuleItems{"INV-XP-4", {6, 0, 0}},
                                RuleItems{"XP", {6, 0, 0}},
                                RuleItems{"LEDGER", {6, 0, 0}},
                                RuleItems{"INV-BADGE", {6, 0, 0}},
                                RuleItems{"INV-TRUST", {6, 0, 0}},
                                RuleItems{"AUDIT-5", {6, 14, 0}},
                                RuleItems{"AUDIT-2", {6, 0, 0}},
                                RuleItems{"AUDIT-3", {14, 0, 0}},
                                RuleItems{"TERM-TASK", {6, 0, 0}},
                                RuleItems{"TERM-ESCROW", {6, 3, 0}},
                                RuleItems{"TERM-DISPUTE", {12, 0, 0}},
                                RuleItems{"TERM-PROOF", {9, 0, 0}},
                                RuleItems{"ESCROW-PARTIAL", {3, 0, 0}},
                                RuleItems{"ESCROW-ONE", {1, 0, 0}},
                                RuleItems{"NO-SELF", {11, 0, 0}},
                                RuleItems{"AUTH", {10, 0, 0}},
                                RuleItems{"ROLE", {10, 11, 0}},
                                RuleItems{"PROOF-PHOTO", {8, 6, 0}},
                                RuleItems{"LIVE", {6, 0, 0}},
                                RuleItems{"MODE-FIX", {6, 0, 0}},
                                RuleItems{"layer 0", {6, 19, 0}},
                                RuleItems{"OPS-1", {20, 0, 0}},
                                RuleItems{"OPS-2", {20, 0, 0}},
                                RuleItems{"OPS-SHUTDOWN", {20, 0, 0}},
                                RuleItems{"TARGET-DIED", {20, 0, 0}},
                                RuleItems{"OPS-", {19, 0, 0}},
                                RuleItems{"G13", {12, 0, 0}},
                                RuleItems{"T6", {12, 0, 0}},
                                RuleItems{"D4", {12, 0, 0}},
                                RuleItems{"money.md §5", {6, 0, 0}},
                                RuleItems{"task bookkeeping", {6, 0, 0}},
                                RuleItems{"escrow bookkeeping", {1, 0, 0}},
                                RuleItems{"state-machines.md §5", {2, 3, 9}},
                                RuleItems{"INV-ELIGIBILITY", {10, 0, 0}},
                                RuleItems{"FEED-LAW", {10, 0, 0}},
                                RuleItems{"ELG", {10, 0, 0}},
                                RuleItems{"ISOLATION", {23, 0, 0}}};

std::vector<int> items_of_action(model::Action action) {
  using model::Action;
  switch (action) {
    case Action::escrow_create_intent:
    case Action::task_create:
    case Action::processor_pay:
    case Action::processor_cancel_intent:
      return {1};
    case Action::webhook_deliver:
      return {4};
    case Action::task_complete:
    case Action::escrow_release:
      return {2};
    case Action::task_cancel:
    case Action::escrow_refund:
      return {3};
    case Action::task_submit_proof:
    case Action::proof_submit:
    case Action::proof_accept:
    case Action::proof_reject:
    case Action::proof_get_by_task_id:
    case Action::job_review_timeout:
    case Action::task_accept:
    case Action::job_task_expiry:
      return {9};
    case Action::dispute_create:
    case Action::dispute_resolve:
    case Action::dispute_get_by_task_id:
      return {12};
    case Action::user_get_profile:
    case Action::user_update_profile:
    case Action::user_get_xp:
    case Action::user_get_badges:
    case Action::user_get_trust_tier:
      return {6};
    case Action::task_get_by_id:
    case Action::task_list:
    case Action::escrow_get_by_task_id:
      return {10};
    case Action::admin_set_freeze:
    case Action::admin_get_freeze:
      return {13};
    case Action::admin_add_strike:
    case Action::admin_update_user_status:
    case Action::admin_review_content:
    case Action::admin_get_moderation_queue:
    case Action::moderation_report_content:
      return {12};
    case Action::admin_grant_role:
    case Action::admin_revoke_role:
    case Action::admin_set_rule:
    case Action::admin_set_flag:
      return {14};
    case Action::admin_create_invite:
    case Action::beta_join:
      return {29};
    case Action::feed_get:
    case Action::eligibility_check:
    case Action::eligibility_get_profile:
    case Action::verification_submit_license:
    case Action::verification_submit_insurance:
    case Action::verification_initiate_background_check:
    case Action::verification_get_status:
    case Action::verification_resolve:
    case Action::onboarding_get_progress:
    case Action::onboarding_set_role:
    case Action::onboarding_submit_capabilities:
    case Action::onboarding_complete_step:
    case Action::onboarding_complete:
    case Action::job_verification_expire:
      return {10};
    case Action::job_transfer_retry:
      return {5};
  }
  return {};
}

}  // namespace

std::vector<int> items_of(const model::Finding& finding, const model::Action* action) {
  for (const RuleItems& entry : kRuleItems) {
    if (!finding.rule.starts_with(entry.rule)) continue;
    std::vector<int> items;
    std::ranges::copy_if(entry.items, std::back_inserter(items), [](int item) { return item != 0; });
    return items;
  }
  return action != nullptr ? items_of_action(*action) : std::vector<int>{6};
}

}  // namespace loadgen
