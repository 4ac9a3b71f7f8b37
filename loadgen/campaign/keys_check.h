// The identity provider's keys through their lives, on the side stage.
#pragma once

#include "loadgen/campaign/safety_stage.h"

namespace loadgen {

void check_keys(const SafetyStage& stage);

}  // namespace loadgen
