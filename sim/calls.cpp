#include "sim/calls.h"

#include <algorithm>
#include <array>
#include <utility>

#include "sim/credentials.h"
#include "sim/field_work.h"
#include "sim/people.h"

namespace sim {

using model::Action;
using model::Command;
using model::TaskId;
using model::UserId;

namespace {

void fill_task_create(Stage& stage, Command& command) {
  const Jobs& jobs = stage.scenario.tasks;
  command.place = next_place(stage);
  command.mode = stage.choices.chance(static_cast<std::uint32_t>(jobs.live_percent), 100)
                     ? model::Mode::live
                     : model::Mode::standard;
  command.price = price_of(stage, command.mode);
  command.category = static_cast<model::Category>(stage.choices.pick(model::kPlainCategories));
  command.requires_proof = !stage.choices.chance(static_cast<std::uint32_t>(jobs.without_proof_percent), 100);
  command.deadline_in =
      stage.choices.between(jobs.deadline_hours.min, jobs.deadline_hours.max) * model::kHour;
  if (about_eligibility(stage.scenario)) place_task(stage, command);
}

// The worker's share of a split, 1..99. Where the amount allows it, three of four shares leave a fraction of
// a cent: exactly half of one, or the largest that rounds down (money.md §3).
std::uint8_t split_percent(Stage& stage, model::Cents amount) {
  const std::int64_t drawn = stage.choices.between(1, 99);
  const std::uint32_t kind = stage.choices.pick(4);
  const auto fraction = [amount](std::int64_t percent) { return amount * percent % 100; };
  std::int64_t best = drawn;
  for (std::int64_t i = 0; i < 99 && kind != 0; ++i) {
    const std::int64_t percent = 1 + (drawn - 1 + i) % 99;
    const bool better =
        kind == 3 ? fraction(percent) > fraction(best) : fraction(percent) == 50 && fraction(best) != 50;
    if (better) best = percent;
  }
  return static_cast<std::uint8_t>(best);
}

void fill_resolution(Stage& stage, Command& command, TaskId task) {
  const Reviews& reviews = stage.scenario.reviews;
  const std::array<std::int64_t, 3> weights{reviews.hustler_wins, reviews.client_wins, reviews.split};
  const bool none = weights[0] + weights[1] + weights[2] == 0;
  command.resolution =
      static_cast<model::Resolution>(none ? stage.choices.pick(3) : weighted(stage.choices, weights));
  if (command.resolution == model::Resolution::split) {
    command.split_percent = split_percent(stage, stage.world.escrows[task.value].amount);
  }
  const model::DisputeId known = stage.world.tasks[task.value].latest_dispute;
  command.dispute = known.present() ? known : model::DisputeId{kNowhere};
}

}  // namespace

std::vector<UserId> users_in(const Stage& stage, TaskId task, Role role) {
  const model::Task& of = stage.world.tasks[task.value];
  switch (role) {
    case Role::poster:
      return of.poster.present() ? std::vector{of.poster} : std::vector<UserId>{};
    case Role::worker:
      return of.worker.present() ? std::vector{of.worker} : std::vector<UserId>{};
    case Role::admin:
      return stage.admins;
    case Role::stranger:
      break;
  }
  std::vector<UserId> strangers;
  for (const UserId user : everybody(stage)) {
    if (user != of.poster && user != of.worker && !stage.world.users[user.value].is_admin)
      strangers.push_back(user);
  }
  return strangers;
}

// All others are the poster's, or about no task.
constexpr std::array kOfOthers{
    std::pair{Action::task_accept, Role::stranger}, std::pair{Action::task_submit_proof, Role::worker},
    std::pair{Action::proof_submit, Role::worker}, std::pair{Action::proof_request_upload, Role::worker},
    std::pair{Action::dispute_resolve, Role::admin}};

Role right_role(Action action) {
  const auto found = std::ranges::find(kOfOthers, action, &std::pair<Action, Role>::first);
  return found == kOfOthers.end() ? Role::poster : found->second;
}

Command call(Stage& stage, Action action, TaskId task, UserId actor) {
  Command command{.action = action, .actor = actor, .task = task, .escrow = model::escrow_of(task)};
  if (action == Action::task_create) fill_task_create(stage, command);
  if (action == Action::task_submit_proof || action == Action::proof_submit) {
    command.proof = proof_slot(stage, task);
    fill_submission(stage, command);
  }
  if (action == Action::proof_accept || action == Action::proof_reject) {
    const model::ProofId latest = stage.world.tasks[task.value].latest_proof;
    command.proof = latest.present() ? latest : model::ProofId{kNowhere};
  }
  if (action == Action::dispute_create) {
    command.dispute = new_dispute(stage);
    command.reason = static_cast<model::DisputeReason>(stage.choices.pick(model::kDisputeReasonNames.size()));
  }
  if (action == Action::dispute_resolve) fill_resolution(stage, command, task);
  return command;
}

Command list_like(const Stage& stage, TaskId task, UserId actor) {
  const model::Task& of = stage.world.tasks[task.value];
  return {.action = Action::task_list,
          .actor = actor,
          .task = task,
          .user = of.poster,
          .price = of.price,
          .mode = of.mode,
          .category = of.category};
}

Command job(Action action, TaskId task) {
  return {.action = action, .task = task};
}

}  // namespace sim
