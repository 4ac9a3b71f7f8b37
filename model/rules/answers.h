// Which field of Answer each accepted command fills, exactly. Rules fill these, and whoever decodes a
// server's output fills the same ones and no others, so that two answers can be compared field by field.
// Fields not listed stay unset
// (-1 for numbers). An HTTP decoder walks kAnswerFields; `path` is where api.md puts the fact in the output.
//
//   task.create            task (state)
//   task.accept            task (state)
//   task.submitProof,
//   proof.submit           task (task.state), proof (proof.state)
//   task.complete          task (task.state), escrow (escrow.state), base_xp, multiplier_percent,
//   effective_xp
//                          (xp_awarded.*; streak_multiplier * 100; all three unset when xp_awarded is
//                          missing)
//   task.cancel            task (task.state), escrow (escrow.state; unset when escrow is null)
//   task.getById           task (state), escrow and amount (escrow.*; unset when null), proof (proof.state;
//   unset
//                          when null)
//   task.list              nothing
//   escrow.createIntent    amount
//   escrow.release,
//   escrow.refund          escrow (state)
//   escrow.getByTaskId     escrow (state), amount
//   proof.accept, reject   proof (state)
//   proof.getByTaskId      proof (state) of the latest proof, or absent
//   user.getProfile        tier (trust_tier), xp_total, level (current_level), streak (current_streak)
//   user.updateProfile     nothing
//   user.getXP             xp_total (total_xp), level, streak
//   user.getBadges         badges (total_earned)
//   user.getTrustTier      tier (current_tier)
//   dispute.create         dispute (dispute.state), task (task.state), escrow (escrow.state)
//   dispute.resolve        the same and resolution (dispute.resolution)
//   dispute.getByTaskId    dispute (state) and, once resolved, resolution; or absent
//   feed.get               feed: the case's tasks on all pages
//   eligibility.check      failed_checks (names of checks[] that did not pass)
//   eligibility.getProfile tier (trust_tier), capability
//   verification.getStatus verified and waiting (records of all three lists)
//   onboarding.getProgress phase
//   onboarding, verification
//   mutations              nothing
//   processor, webhook,
//   jobs                   nothing
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "model/vocabulary/command.h"

namespace model {

enum class AnswerField : std::uint8_t {
  task,
  escrow,
  proof,
  dispute,
  resolution,
  amount,
  base_xp,
  multiplier_percent,
  effective_xp,
  xp_total,
  level,
  streak,
  tier,
  badges,
  absent,         // path empty: the whole output is null
  capability,     // the whole output
  failed_checks,  // the whole output
  verifications,  // the whole output: verified and waiting
  phase,
};

struct AnswerRow {
  Action action;
  AnswerField field;
  std::string_view path;  // dots lead into objects; a null on the way leaves the field unset
};

// feed.get: task slots that Answer::feed can tell.
inline constexpr std::size_t kFeedSlots = 62;

// Answer::capability: risk levels in bits 0-3, insurance_valid bit 4, background_check_valid bit 5, trades
// verified for location_state from bit 8, trades verified for other states from bit 16.
constexpr std::int32_t capability_bits(unsigned clearance, bool insured, bool background, unsigned here,
                                       unsigned elsewhere) {
  return static_cast<std::int32_t>(clearance | (insured ? 16U : 0U) | (background ? 32U : 0U) | here << 8U |
                                   elsewhere << 16U);
}

inline constexpr std::array kAnswerFields{
    AnswerRow{Action::task_create, AnswerField::task, "state"},
    AnswerRow{Action::task_accept, AnswerField::task, "state"},
    AnswerRow{Action::task_submit_proof, AnswerField::task, "task.state"},
    AnswerRow{Action::task_submit_proof, AnswerField::proof, "proof.state"},
    AnswerRow{Action::proof_submit, AnswerField::task, "task.state"},
    AnswerRow{Action::proof_submit, AnswerField::proof, "proof.state"},
    AnswerRow{Action::task_complete, AnswerField::task, "task.state"},
    AnswerRow{Action::task_complete, AnswerField::escrow, "escrow.state"},
    AnswerRow{Action::task_complete, AnswerField::base_xp, "xp_awarded.base_xp"},
    AnswerRow{Action::task_complete, AnswerField::multiplier_percent, "xp_awarded.streak_multiplier"},
    AnswerRow{Action::task_complete, AnswerField::effective_xp, "xp_awarded.effective_xp"},
    AnswerRow{Action::task_cancel, AnswerField::task, "task.state"},
    AnswerRow{Action::task_cancel, AnswerField::escrow, "escrow.state"},
    AnswerRow{Action::task_get_by_id, AnswerField::task, "state"},
    AnswerRow{Action::task_get_by_id, AnswerField::escrow, "escrow.state"},
    AnswerRow{Action::task_get_by_id, AnswerField::amount, "escrow.amount"},
    AnswerRow{Action::task_get_by_id, AnswerField::proof, "proof.state"},
    AnswerRow{Action::escrow_create_intent, AnswerField::amount, "amount"},
    AnswerRow{Action::escrow_release, AnswerField::escrow, "state"},
    AnswerRow{Action::escrow_refund, AnswerField::escrow, "state"},
    AnswerRow{Action::escrow_get_by_task_id, AnswerField::escrow, "state"},
    AnswerRow{Action::escrow_get_by_task_id, AnswerField::amount, "amount"},
    AnswerRow{Action::proof_accept, AnswerField::proof, "state"},
    AnswerRow{Action::proof_reject, AnswerField::proof, "state"},
    AnswerRow{Action::proof_get_by_task_id, AnswerField::proof, "state"},
    AnswerRow{Action::proof_get_by_task_id, AnswerField::absent, ""},
    AnswerRow{Action::user_get_profile, AnswerField::tier, "trust_tier"},
    AnswerRow{Action::user_get_profile, AnswerField::xp_total, "xp_total"},
    AnswerRow{Action::user_get_profile, AnswerField::level, "current_level"},
    AnswerRow{Action::user_get_profile, AnswerField::streak, "current_streak"},
    AnswerRow{Action::user_get_xp, AnswerField::xp_total, "total_xp"},
    AnswerRow{Action::user_get_xp, AnswerField::level, "current_level"},
    AnswerRow{Action::user_get_xp, AnswerField::streak, "current_streak"},
    AnswerRow{Action::user_get_badges, AnswerField::badges, "total_earned"},
    AnswerRow{Action::user_get_trust_tier, AnswerField::tier, "current_tier"},
    AnswerRow{Action::dispute_create, AnswerField::dispute, "dispute.state"},
    AnswerRow{Action::dispute_create, AnswerField::task, "task.state"},
    AnswerRow{Action::dispute_create, AnswerField::escrow, "escrow.state"},
    AnswerRow{Action::dispute_resolve, AnswerField::dispute, "dispute.state"},
    AnswerRow{Action::dispute_resolve, AnswerField::resolution, "dispute.resolution"},
    AnswerRow{Action::dispute_resolve, AnswerField::task, "task.state"},
    AnswerRow{Action::dispute_resolve, AnswerField::escrow, "escrow.state"},
    AnswerRow{Action::dispute_get_by_task_id, AnswerField::dispute, "state"},
    AnswerRow{Action::dispute_get_by_task_id, AnswerField::resolution, "resolution"},
    AnswerRow{Action::dispute_get_by_task_id, AnswerField::absent, ""},
    AnswerRow{Action::eligibility_get_profile, AnswerField::tier, "trust_tier"},
    AnswerRow{Action::eligibility_get_profile, AnswerField::capability, ""},
    AnswerRow{Action::eligibility_check, AnswerField::failed_checks, ""},
    AnswerRow{Action::verification_get_status, AnswerField::verifications, ""},
    AnswerRow{Action::onboarding_get_progress, AnswerField::phase, "phase"},
};

}  // namespace model
