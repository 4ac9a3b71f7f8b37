// The queries. Which field each of them fills is written in answers.h.
#include <array>
#include <bit>

#include "model/rules/steps.h"

namespace model::rules {
namespace {

// Decision 10: a stranger's private read is answered as if the task did not exist.
bool may_read_private(const World& world, UserId caller, const Task& task) {
  return caller == task.poster || caller == task.worker || world.users[caller.value].is_admin;
}

Answer task_facts(const World& world, const Command& command, const Task& task) {
  const Escrow& escrow = world.escrows[command.task.value];
  Answer answer{.task = task.state, .escrow = escrow.state, .amount = escrow.amount};
  if (task.latest_proof.present()) answer.proof = world.proofs[task.latest_proof.value].state;
  return answer;
}

Answer proof_facts(const World& world, const Task& task) {
  if (!task.latest_proof.present()) return {.absent = true};
  return {.proof = world.proofs[task.latest_proof.value].state};
}

Answer dispute_facts(const World& world, const Task& task) {
  if (!task.latest_dispute.present()) return {.absent = true};
  const Dispute& dispute = world.disputes[task.latest_dispute.value];
  Answer answer{.dispute = dispute.state};
  if (dispute.state == DisputeState::resolved) answer.resolution = dispute.resolution;
  return answer;
}

const Task* find_private(const World& world, const Command& command) {
  const Task* const task = find(world.tasks, command.task);
  return task != nullptr && may_read_private(world, command.actor, *task) ? task : nullptr;
}

Outcome read_task(const World& world, const Command& command) {
  const Task* const task = find(world.tasks, command.task);
  if (task == nullptr) return refused(Code::not_found);
  return Outcome::accepted(task_facts(world, command, *task));
}

Outcome read_escrow(const World& world, const Command& command) {
  if (find_private(world, command) == nullptr) return refused(Code::not_found);
  const Escrow& escrow = world.escrows[command.task.value];
  return Outcome::accepted({.escrow = escrow.state, .amount = escrow.amount});
}

Outcome read_proof(const World& world, const Command& command) {
  const Task* const task = find_private(world, command);
  return task == nullptr ? refused(Code::not_found) : Outcome::accepted(proof_facts(world, *task));
}

Outcome read_dispute(const World& world, const Command& command) {
  const Task* const task = find_private(world, command);
  return task == nullptr ? refused(Code::not_found) : Outcome::accepted(dispute_facts(world, *task));
}

Outcome read_profile(const World& world, const Command& command) {
  const User& self = world.users[command.actor.value];
  return Outcome::accepted(
      {.xp_total = self.xp_total, .level = self.level, .streak = self.streak, .tier = self.tier});
}

Outcome read_xp(const World& world, const Command& command) {
  const User& self = world.users[command.actor.value];
  return Outcome::accepted({.xp_total = self.xp_total, .level = self.level, .streak = self.streak});
}

Outcome read_tier(const World& world, const Command& command) {
  return Outcome::accepted({.tier = world.users[command.actor.value].tier});
}

Outcome read_badges(const World& world, const Command& command) {
  const UserId owner = command.user.present() ? command.user : command.actor;
  if (owner.value >= world.users.size()) return refused(Code::hx504);
  return Outcome::accepted({.badges = std::popcount(world.users[owner.value].badges)});
}

// task.list: its answer is checked where it is decoded.
Outcome read_list(const World&, const Command&) {
  return Outcome::accepted();
}

struct Read {
  Action action;
  Outcome (*answer)(const World&, const Command&);
};
constexpr std::array kReads{Read{Action::task_get_by_id, read_task},
                            Read{Action::task_list, read_list},
                            Read{Action::escrow_get_by_task_id, read_escrow},
                            Read{Action::proof_get_by_task_id, read_proof},
                            Read{Action::dispute_get_by_task_id, read_dispute},
                            Read{Action::user_get_profile, read_profile},
                            Read{Action::user_get_xp, read_xp},
                            Read{Action::user_get_trust_tier, read_tier},
                            Read{Action::user_get_badges, read_badges}};

}  // namespace

Outcome read(const World& world, const Command& command) {
  for (const Read& row : kReads) {
    if (row.action == command.action) return row.answer(world, command);
  }
  return refused(Code::internal_error);
}

Outcome update_profile(const World& world, const Command& command) {
  if (!in_good_standing(world.users[command.actor.value])) return refused(Code::hx602);
  return Outcome::accepted();
}

}  // namespace model::rules
