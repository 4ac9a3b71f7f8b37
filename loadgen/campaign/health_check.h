// What a server says of its own state, and how it lives through a database that goes away, on the side stage.
#pragma once

#include "loadgen/campaign/safety_stage.h"

namespace loadgen {

void check_health(const SafetyStage& stage);

}  // namespace loadgen
