// Checks of long histories, boundary values and the calendar; side_schedule.cpp says which runs where.
#pragma once

#include "loadgen/campaign/safety_stage.h"

namespace loadgen {

void check_streaks(const SafetyStage& stage);
void check_instants(const SafetyStage& stage);
void check_long_lists(const SafetyStage& stage);
void check_nearby(const SafetyStage& stage);
void check_pairs(const SafetyStage& stage);
void check_windows(const SafetyStage& stage);
void check_expiry(const SafetyStage& stage);

}  // namespace loadgen
