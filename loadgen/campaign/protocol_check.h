// The protocol beneath the procedures, on the side stage.
#pragma once

#include "loadgen/campaign/safety_stage.h"

namespace loadgen {

void check_protocol(const SafetyStage& stage);

}  // namespace loadgen
