// Groups of calls that are sent at the same moment.
#pragma once

#include <vector>

#include "sim/races.h"
#include "sim/stage.h"

namespace sim {

// Whether the task is in a state in which both sides of the race can win.
bool race_is_on(const Stage& stage, model::TaskId task, Race race);

// Sends one group: a named race of the scenario that is on for some task, or any calls. False when there is
// no task.
bool send_group(Stage& stage);

}  // namespace sim
