// What people in the field send with a proof: photos and a fix. Honest ones stand near the task, came there
// at a plausible speed and have noise; cheaters do not (proof-and-gps.md §5.6, failure-modes.md
// FM-117..FM-134).
#pragma once

#include "model/vocabulary/command.h"
#include "sim/stage.h"

namespace sim {

// Where the next task is to be done: mostly in the zone of the first one, now and then at the city's edge.
model::GeoPoint next_place(Stage& stage);

// Fills photos and fix of a submission by `command.actor` for `command.task`. May let time pass: an honest
// worker travels first. How many cheat is the scenario's (Scenario::proofs).
void fill_submission(Stage& stage, model::Command& command);

}  // namespace sim
