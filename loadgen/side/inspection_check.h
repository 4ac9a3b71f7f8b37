// What becomes of photos after their proof was stored (proof-and-gps.md §8 step 10).
#pragma once

#include "loadgen/side/safety_stage.h"

namespace loadgen {

// Until every stored proof's photos were looked at, which the server does by and by. Throws as drive_task
// does when that does not come to pass.
void await_inspections(SideClient& client);

}  // namespace loadgen
