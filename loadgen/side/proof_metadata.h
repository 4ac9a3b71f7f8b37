// Every place of a photo's file that can carry metadata, on the side stage (proof-and-gps.md §6, FM-142).
#pragma once

#include "loadgen/side/safety_stage.h"

namespace loadgen {

void check_photo_metadata(const SafetyStage& stage);

}  // namespace loadgen
