// What a cooperative marketplace would do next with a task, and the turns it may take on purpose.
#pragma once

#include "sim/stage.h"

namespace sim {

void post_task(Stage& stage);
// Each returns false when it had nothing to do (and then sent nothing).
bool progress(Stage& stage, model::TaskId task);
bool cancel(Stage& stage, model::TaskId task);
bool open_dispute(Stage& stage, model::TaskId task);
bool expire(Stage& stage, model::TaskId task);           // the clock passes the deadline, the job runs
bool time_out_review(Stage& stage, model::TaskId task);  // the clock passes the review deadline, the job runs
bool pay_out(Stage& stage, model::TaskId task);  // after a final state: transfer events, jobs, repeated calls

}  // namespace sim
