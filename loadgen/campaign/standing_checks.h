// Checks of people's standing and of what depends on it; side_schedule.cpp says which runs where.
#pragma once

#include "loadgen/campaign/safety_stage.h"

namespace loadgen {

void check_strike_records(const SafetyStage& stage);
void check_standing_orders(const SafetyStage& stage);
void check_standing_money(const SafetyStage& stage);
void check_own_matters(const SafetyStage& stage);
void check_score_reviews(const SafetyStage& stage);
void check_beta_places(const SafetyStage& stage);

}  // namespace loadgen
