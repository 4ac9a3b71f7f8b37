// One command about one task, with every field that the action needs.
#pragma once

#include "sim/stage.h"

namespace sim {

enum class Role : std::uint8_t { poster, worker, stranger, admin };
inline constexpr std::uint32_t kRoleCount = 4;

// The users that have this role towards the task; a task without worker has no user in the role worker.
std::vector<model::UserId> users_in(const Stage& stage, model::TaskId task, Role role);

// The role whose call of `action` can succeed (task.accept: stranger; either party of a dispute: poster).
Role right_role(model::Action action);

// A procedure call about `task` (any slot, also one that is not posted yet). proof.accept, proof.reject and
// dispute.resolve refer to the task's latest proof or dispute, or to nothing that exists.
model::Command call(Stage& stage, model::Action action, model::TaskId task, model::UserId actor);

model::Command job(model::Action action, model::TaskId task);
// task.list of the tasks of this task's poster, narrowed to what they share with it.
model::Command list_like(const Stage& stage, model::TaskId task, model::UserId actor);

}  // namespace sim
