// The checks of the side stage; side_schedule.cpp says which runs where and when. Each stands in a file of
// its own, or with others of its kind, and throws what SideClient throws.
#pragma once

#include "loadgen/side/safety_stage.h"

namespace loadgen {

void check_administration(const SafetyStage& stage);
void check_adversaries(const SafetyStage& stage);
void check_appeals(const SafetyStage& stage);
void check_backlog(const SafetyStage& stage);
void check_beta(const SafetyStage& stage);
void check_beta_places(const SafetyStage& stage);
void check_burnt_keys(const SafetyStage& stage);
void check_collisions(const SafetyStage& stage);
void check_drain(const SafetyStage& stage);
void check_events(const SafetyStage& stage);
void check_expiry(const SafetyStage& stage);
void check_freeze(const SafetyStage& stage);
void check_health(const SafetyStage& stage);
void check_inspections(const SafetyStage& stage);
void check_instants(const SafetyStage& stage);
void check_intents(const SafetyStage& stage);
void check_jobs(const SafetyStage& stage);
void check_keys(const SafetyStage& stage);
void check_keys_in_use(const SafetyStage& stage);
void check_large_amounts(const SafetyStage& stage);
void check_late_answers(const SafetyStage& stage);
void check_limits(const SafetyStage& stage);
void check_long_lists(const SafetyStage& stage);
void check_lost_commits(const SafetyStage& stage);
void check_meetings(const SafetyStage& stage);
void check_meetings_of_records(const SafetyStage& stage);
void check_meetings_of_the_marketplace(const SafetyStage& stage);
void check_moderation(const SafetyStage& stage);
void check_moments(const SafetyStage& stage);
void check_nearby(const SafetyStage& stage);
void check_overrides(const SafetyStage& stage);
void check_own_matters(const SafetyStage& stage);
void check_pairs(const SafetyStage& stage);
void check_payloads(const SafetyStage& stage);
void check_payout_paths(const SafetyStage& stage);
void check_payouts(const SafetyStage& stage);
void check_privacy(const SafetyStage& stage);
void check_protocol(const SafetyStage& stage);
void check_requirements(const SafetyStage& stage);
void check_rights(const SafetyStage& stage);
void check_risk(const SafetyStage& stage);
void check_role_matrix(const SafetyStage& stage);
void check_score_reviews(const SafetyStage& stage);
void check_several_records(const SafetyStage& stage);
// The rows that all checks of this stage have left, against what was asked (SideLog).
void check_side_rows(const SafetyStage& stage);
void check_standing(const SafetyStage& stage);
void check_standing_money(const SafetyStage& stage);
void check_standing_orders(const SafetyStage& stage);
void check_streaks(const SafetyStage& stage);
void check_strike_records(const SafetyStage& stage);
void check_tiers(const SafetyStage& stage);
void check_torn_reads(const SafetyStage& stage);
void check_troubles(const SafetyStage& stage);
void check_uploads(const SafetyStage& stage);
void check_windows(const SafetyStage& stage);
void check_wire(const SafetyStage& stage);

}  // namespace loadgen
