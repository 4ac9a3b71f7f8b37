// What is shown of photos that have no copy without metadata yet, or never get one (FM-142).
#pragma once

#include "loadgen/side/safety_stage.h"

namespace loadgen {

void check_shown_photos(const SafetyStage& stage);

}  // namespace loadgen
