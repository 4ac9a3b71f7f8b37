// What a submission says, tried at its edges: the client's key, the parts of a fix, the time of a photo
// (proof-and-gps.md PRF-6, GPS-1, PRF-8).
#pragma once

#include "loadgen/side/safety_stage.h"

namespace loadgen {

void check_submissions(const SafetyStage& stage);

}  // namespace loadgen
