// Single calls about verification records and onboarding.
#pragma once

#include "sim/stage.h"

namespace sim {

// The slot of a record: one per user, kind, trade and state, whatever becomes of its submissions.
model::VerificationId verification_slot(Stage& stage, model::UserId user, model::VerificationKind kind,
                                        model::Trade trade, model::UsState state);

model::Command submission(Stage& stage, model::UserId user, model::VerificationKind kind, model::Trade trade,
                          model::UsState state);
model::Command review(model::VerificationId record, model::VerificationKind kind, model::UserId admin,
                      bool approve);

// Sends the next call towards a verified record: the submission, or its review. False without an admin.
bool obtain(Stage& stage, model::UserId user, model::VerificationKind kind, model::Trade trade,
            model::UsState state);

}  // namespace sim
