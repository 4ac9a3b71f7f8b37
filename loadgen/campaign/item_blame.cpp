// Which items a finding counts against: by its rule, else by the call that went wrong.
#include <algorithm>
#include <array>
#include <iterator>
#include <span>

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
                                RuleItems{"SAF-19", {12, 14, 3}},
                                RuleItems{"SAF-21", {14, 2, 3}},
                                RuleItems{"SAF-17", {14, 10, 0}},
                                RuleItems{"appeals", {12, 0, 0}},
                                RuleItems{"HX954", {12, 0, 0}},
                                RuleItems{"T-SAF-17", {12, 0, 0}},
                                RuleItems{"fraud score", {26, 0, 0}},
                                RuleItems{"HX913", {26, 0, 0}},
                                RuleItems{"FM-200", {26, 12, 0}},
                                RuleItems{"post-and-cancel", {26, 0, 0}},
                                RuleItems{"T-SAF-21", {26, 0, 0}},
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
                                RuleItems{"written when called", {6, 14, 0}},
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
                                RuleItems{"PRF-", {8, 27, 0}},
                                RuleItems{"GPS", {7, 27, 0}},
                                RuleItems{"fraud signal", {27, 7, 8}},
                                RuleItems{"LIVE", {6, 0, 0}},
                                RuleItems{"MODE-FIX", {6, 0, 0}},
                                RuleItems{"layer 0", {6, 19, 0}},
                                RuleItems{"OPS-1", {20, 0, 0}},
                                RuleItems{"OPS-2", {20, 0, 0}},
                                RuleItems{"OPS-SHUTDOWN", {20, 0, 0}},
                                RuleItems{"OPS-CONFIG", {22, 0, 0}},
                                RuleItems{"PRIVACY", {28, 0, 0}},
                                RuleItems{"FM-125", {28, 8, 0}},
                                RuleItems{"FM-142", {28, 8, 0}},
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

// Facts of one table, found by the attack: "user_strikes: values".
constexpr std::array kTableItems{RuleItems{"escrows:", {6, 1, 0}},
                                 RuleItems{"processed_stripe_events:", {4, 0, 0}},
                                 RuleItems{"outbox_events:", {5, 0, 0}},
                                 RuleItems{"transfer_retry_queue:", {5, 0, 0}},
                                 RuleItems{"proofs:", {6, 9, 0}},
                                 RuleItems{"proof_locations:", {7, 27, 0}},
                                 RuleItems{"proof_", {8, 27, 0}},
                                 RuleItems{"photo_", {8, 27, 0}},
                                 RuleItems{"submission_keys:", {9, 0, 0}},
                                 RuleItems{"fraud_risk_scores:", {26, 0, 0}},
                                 RuleItems{"fraud_patterns:", {26, 0, 0}},
                                 RuleItems{"user_risk_facts:", {26, 0, 0}},
                                 RuleItems{"poster_cancellations:", {26, 0, 0}},
                                 RuleItems{"override_approvals:", {14, 3, 0}},
                                 RuleItems{"money_overrides:", {14, 3, 0}},
                                 RuleItems{"strike_removals:", {12, 0, 0}},
                                 RuleItems{"fraud_", {27, 0, 0}},
                                 RuleItems{"city_zones:", {7, 0, 0}},
                                 RuleItems{"disputes:", {12, 0, 0}},
                                 RuleItems{"user_strikes:", {12, 0, 0}},
                                 RuleItems{"content_", {12, 0, 0}},
                                 RuleItems{"freeze_switches:", {13, 0, 0}},
                                 RuleItems{"admin_", {14, 0, 0}},
                                 RuleItems{"capability_", {10, 0, 0}},
                                 RuleItems{"verified_trades:", {10, 0, 0}},
                                 RuleItems{"license_verifications:", {10, 0, 0}},
                                 RuleItems{"insurance_verifications:", {10, 0, 0}},
                                 RuleItems{"background_checks:", {10, 0, 0}},
                                 RuleItems{"verification", {10, 0, 0}},
                                 RuleItems{"onboarding_progress:", {10, 0, 0}},
                                 RuleItems{"rate_hits:", {25, 0, 0}},
                                 RuleItems{"beta_", {29, 0, 0}},
                                 RuleItems{"feature_flags:", {29, 0, 0}},
                                 RuleItems{"marketplace_rules:", {29, 0, 0}}};

struct ActionItem {
  model::Action action;
  int item;
};

using enum model::Action;

// The item that a wrong answer speaks against, when its rule names none.
constexpr std::array kItemOfAction{ActionItem{escrow_create_intent, 1},
                                   ActionItem{task_create, 1},
                                   ActionItem{processor_pay, 1},
                                   ActionItem{processor_cancel_intent, 1},
                                   ActionItem{webhook_deliver, 4},
                                   ActionItem{task_complete, 2},
                                   ActionItem{escrow_release, 2},
                                   ActionItem{task_cancel, 3},
                                   ActionItem{escrow_refund, 3},
                                   ActionItem{task_submit_proof, 9},
                                   ActionItem{proof_submit, 9},
                                   ActionItem{proof_request_upload, 9},
                                   ActionItem{proof_accept, 9},
                                   ActionItem{proof_reject, 9},
                                   ActionItem{proof_get_by_task_id, 9},
                                   ActionItem{job_review_timeout, 9},
                                   ActionItem{task_accept, 9},
                                   ActionItem{job_task_expiry, 9},
                                   ActionItem{dispute_create, 12},
                                   ActionItem{dispute_resolve, 12},
                                   ActionItem{dispute_get_by_task_id, 12},
                                   ActionItem{user_get_profile, 6},
                                   ActionItem{user_update_profile, 6},
                                   ActionItem{user_get_xp, 6},
                                   ActionItem{user_get_badges, 6},
                                   ActionItem{user_get_trust_tier, 6},
                                   ActionItem{task_get_by_id, 10},
                                   ActionItem{task_list, 10},
                                   ActionItem{escrow_get_by_task_id, 10},
                                   ActionItem{admin_set_freeze, 13},
                                   ActionItem{admin_get_freeze, 13},
                                   ActionItem{admin_add_strike, 12},
                                   ActionItem{admin_update_user_status, 12},
                                   ActionItem{admin_review_content, 12},
                                   ActionItem{admin_get_moderation_queue, 12},
                                   ActionItem{admin_remove_strike, 12},
                                   ActionItem{admin_decide_appeal, 12},
                                   ActionItem{admin_assess_risk, 26},
                                   ActionItem{admin_review_risk, 26},
                                   ActionItem{admin_approve_override, 3},
                                   ActionItem{moderation_report_content, 12},
                                   ActionItem{moderation_appeal, 12},
                                   ActionItem{admin_grant_role, 14},
                                   ActionItem{admin_revoke_role, 14},
                                   ActionItem{admin_set_rule, 14},
                                   ActionItem{admin_set_flag, 14},
                                   ActionItem{admin_create_invite, 29},
                                   ActionItem{beta_join, 29},
                                   ActionItem{feed_get, 10},
                                   ActionItem{eligibility_check, 10},
                                   ActionItem{eligibility_get_profile, 10},
                                   ActionItem{verification_submit_license, 10},
                                   ActionItem{verification_submit_insurance, 10},
                                   ActionItem{verification_initiate_background_check, 10},
                                   ActionItem{verification_get_status, 10},
                                   ActionItem{verification_resolve, 10},
                                   ActionItem{onboarding_get_progress, 10},
                                   ActionItem{onboarding_set_role, 10},
                                   ActionItem{onboarding_submit_capabilities, 10},
                                   ActionItem{onboarding_complete_step, 10},
                                   ActionItem{onboarding_complete, 10},
                                   ActionItem{job_verification_expire, 10},
                                   ActionItem{job_transfer_retry, 5}};
static_assert(kItemOfAction.size() == model::kActionCount);

std::vector<int> items_of_action(model::Action action) {
  const auto row = std::ranges::find(kItemOfAction, action, &ActionItem::action);
  return row == kItemOfAction.end() ? std::vector<int>{} : std::vector<int>{row->item};
}

}  // namespace

std::vector<int> items_of(const model::Finding& finding, const model::Action* action) {
  for (const auto& table :
       {std::span<const RuleItems>(kRuleItems), std::span<const RuleItems>(kTableItems)}) {
    for (const RuleItems& entry : table) {
      if (!finding.rule.starts_with(entry.rule)) continue;
      std::vector<int> items;
      std::ranges::copy_if(entry.items, std::back_inserter(items), [](int item) { return item != 0; });
      return items;
    }
  }
  return action != nullptr ? items_of_action(*action) : std::vector<int>{6};
}

}  // namespace loadgen
