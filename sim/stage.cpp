#include "sim/stage.h"

#include <numeric>
#include <utility>

#include "model/rules/apply.h"
#include "model/rules/eligibility.h"

namespace sim {

using model::Command;
using model::TaskId;
using model::UserId;

namespace {

template <class Tag, class T>
model::Id<Tag> grow(std::vector<T>& records) {
  records.emplace_back();
  return {static_cast<std::uint16_t>(records.size() - 1)};
}

bool needs_processor(const Command& command) {
  return command.action == model::Action::processor_pay ||
         command.action == model::Action::processor_cancel_intent ||
         command.action == model::Action::webhook_deliver;
}

bool is_job(const Command& command) {
  return command.action == model::Action::job_task_expiry ||
         command.action == model::Action::job_review_timeout ||
         command.action == model::Action::job_transfer_retry ||
         command.action == model::Action::job_verification_expire;
}

}  // namespace

Stage::Stage(const Scenario& of, Choices from, model::Instant start)
    : scenario(of), choices(std::move(from)), now(start) {
  plan.scenario = of.name;
}

void send_together(Stage& stage, std::vector<Command> commands) {
  Step step{.now = stage.now, .together = {}};
  for (Command& command : commands) {
    stage.plan.needs_processor_events |= needs_processor(command);
    stage.plan.needs_clock |= is_job(command);
    const model::Outcome expected = model::apply(stage.world, command, stage.now);
    step.together.push_back({std::move(command), expected});
  }
  stage.commands += step.together.size();
  stage.diverged |= step.together.size() > 1;
  stage.plan.steps.push_back(std::move(step));
}

void send(Stage& stage, const Command& command) {
  send_together(stage, {command});
}

void pass_time(Stage& stage, model::Millis duration) {
  stage.now = stage.now + duration;
}

TaskId new_task(Stage& stage) {
  stage.world.escrows.emplace_back();
  stage.notes.emplace_back();
  return grow<model::TaskTag>(stage.world.tasks);
}

// An empty slot is used again only while the world is certain: after a group it may have been filled.
model::ProofId proof_slot(Stage& stage, TaskId task) {
  TaskNotes& notes = stage.notes[task.value];
  const bool reusable =
      !stage.diverged && notes.spare.present() && !stage.world.proofs[notes.spare.value].exists;
  if (!reusable) notes.spare = grow<model::ProofTag>(stage.world.proofs);
  return notes.spare;
}

model::DisputeId new_dispute(Stage& stage) {
  return grow<model::DisputeTag>(stage.world.disputes);
}
model::EventId new_event(Stage& stage) {
  return grow<model::EventTag>(stage.world.events);
}

std::size_t weighted(Choices& choices, std::span<const std::int64_t> weights) {
  const std::int64_t total = std::accumulate(weights.begin(), weights.end(), std::int64_t{0});
  std::int64_t left = choices.between(0, total - 1);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (left < weights[i]) return i;
    left -= weights[i];
  }
  return weights.size() - 1;
}

bool may_act(const Stage& stage, UserId user) {
  return stage.world.users[user.value].status == model::AccountStatus::active;
}

std::vector<UserId> everybody(const Stage& stage) {
  std::vector<UserId> all;
  for (std::uint16_t i = 0; i < stage.world.users.size(); ++i) all.push_back({i});
  return all;
}

UserId acting_poster(Stage& stage) {
  const std::size_t from = stage.choices.pick(static_cast<std::uint32_t>(stage.posters.size()));
  for (std::size_t i = 0; i < stage.posters.size(); ++i) {
    const UserId candidate = stage.posters[(from + i) % stage.posters.size()];
    if (may_act(stage, candidate)) return candidate;
  }
  return stage.posters.front();
}

UserId acting_worker(Stage& stage, TaskId task) {
  const model::Task& of = stage.world.tasks[task.value];
  std::vector<UserId> candidates;
  const auto consider = [&](UserId user) {
    const bool live_enough =
        of.mode == model::Mode::standard || stage.world.users[user.value].live == model::LiveState::active;
    const bool admitted =
        (model::failed_checks(stage.world, user, of, stage.now) & model::kCapabilityChecks) == 0;
    if (user != of.poster && may_act(stage, user) && live_enough && admitted) candidates.push_back(user);
  };
  for (const UserId user : stage.workers) consider(user);
  if (candidates.empty() || stage.choices.chance(1, 8)) {
    for (const UserId user : stage.posters) consider(user);  // a poster may well work for somebody else
  }
  return candidates.empty() ? UserId{} : one_of(stage.choices, candidates);
}

UserId resolving_admin(const Stage& stage) {
  return stage.admins.empty() ? UserId{} : stage.admins.front();
}

std::vector<TaskId> posted_tasks(const Stage& stage) {
  std::vector<TaskId> found;
  for (std::uint16_t i = 0; i < stage.world.tasks.size(); ++i) {
    if (stage.world.tasks[i].exists) found.push_back({i});
  }
  return found;
}

std::vector<TaskId> live_tasks(const Stage& stage) {
  std::vector<TaskId> found;
  for (const TaskId task : posted_tasks(stage)) {
    if (!model::is_terminal(stage.world.tasks[task.value].state)) found.push_back(task);
  }
  return found;
}

}  // namespace sim
