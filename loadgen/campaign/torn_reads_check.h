// Whether a read shows task and escrow of one instant.
#pragma once

#include "loadgen/campaign/safety_stage.h"

namespace loadgen {

void check_torn_reads(const SafetyStage& stage);

}  // namespace loadgen
