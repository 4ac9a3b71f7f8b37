// Payments and what goes wrong with their webhooks.
#pragma once

#include "sim/stage.h"

namespace sim {

model::Command delivery(model::TaskId task, model::EventId event, model::EventType type,
                        model::EventFlavour flavour = model::EventFlavour::genuine);

// The next step of a PENDING escrow: intent, payment (or its cancellation), delivery of the event.
bool progress_payment(Stage& stage, model::TaskId task);

// transfer.created of a task whose money has gone to a worker with an account; false when there is no
// transfer.
bool deliver_transfer(Stage& stage, model::TaskId task);

// A delivery that must change nothing, or one that has happened before. False when the task has no event yet.
bool trouble_webhook(Stage& stage, model::TaskId task);

// Which type the task's payment event has; only with stage.notes[task].payment present.
model::EventType payment_type(const Stage& stage, model::TaskId task);

}  // namespace sim
