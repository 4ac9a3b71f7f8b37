// Calls that must be refused, or that anybody may try at any time.
#pragma once

#include "sim/stage.h"

namespace sim {

void read_something(Stage& stage, model::TaskId task);
void wrong_actor(Stage& stage,
                 model::TaskId task);  // a call that makes sense now, by a role that may not make it
void any_call(Stage& stage, model::TaskId task);  // any procedure by any role, whatever the state is
void unknown_id(Stage& stage);
void bad_credential(Stage& stage, model::TaskId task);
void bad_input(Stage& stage, model::TaskId task);

// Any procedure by any role, not sent: for groups.
model::Command any_command(Stage& stage, model::TaskId task);

}  // namespace sim
