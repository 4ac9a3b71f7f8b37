// Checks of the ways between the marketplace and its payment processor; side_schedule.cpp says when they run.
#pragma once

#include "loadgen/campaign/safety_stage.h"

namespace loadgen {

void check_events(const SafetyStage& stage);
void check_intents(const SafetyStage& stage);
void check_burnt_keys(const SafetyStage& stage);
void check_keys_in_use(const SafetyStage& stage);
void check_late_answers(const SafetyStage& stage);
void check_backlog(const SafetyStage& stage);
void check_large_amounts(const SafetyStage& stage);
void check_lost_commits(const SafetyStage& stage);
void check_drain(const SafetyStage& stage);

}  // namespace loadgen
