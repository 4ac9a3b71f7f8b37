// Directed cases for photos and fixes: each edge of the tables of proof-and-gps.md, one step inside and one
// outside.
#pragma once

#include <vector>

#include "loadgen/campaign/drill_plans.h"

namespace loadgen {

// "GPS vectors": box, accuracy, distance, clock and speed. "photo rules": every trick, count and capture
// time, and the same picture on the same task, another task and by another worker.
std::vector<Drill> proof_drills(model::Instant start);

}  // namespace loadgen
