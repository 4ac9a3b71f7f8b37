#include "sim/race_groups.h"

#include <algorithm>
#include <utility>

#include "sim/calls.h"
#include "sim/mischief.h"
#include "sim/payments.h"

namespace sim {

using model::Action;
using model::Command;
using model::EscrowState;
using model::ProofState;
using model::TaskId;
using model::TaskState;
using model::UserId;

namespace {

bool latest_proof_is(const Stage& stage, TaskId task, ProofState state) {
  const model::ProofId latest = stage.world.tasks[task.value].latest_proof;
  return latest.present() && stage.world.proofs[latest.value].state == state;
}

bool payment_waits(const Stage& stage, TaskId task) {
  const TaskNotes& notes = stage.notes[task.value];
  return notes.payment.present() && stage.world.events[notes.payment.value].exists && !notes.delivered;
}

bool is_open_for_work(const Stage& stage, TaskId task) {
  return stage.world.tasks[task.value].state == TaskState::open &&
         stage.world.escrows[task.value].state == EscrowState::funded;
}

// The calls of a race about one task. Calls of one group never refer to what another call of the group
// creates, except that all creations of a group share one slot (at most one of them can succeed).
class Group {
 public:
  Group(Stage& stage, TaskId task) : stage_(stage), task_(task) {}

  void add(Action action, UserId actor) {
    Command command = call(stage_, action, task_, actor);
    const bool submits = action == Action::task_submit_proof || action == Action::proof_submit;
    if (submits && std::exchange(proof_, proof_.present() ? proof_ : command.proof).present())
      command.proof = proof_;
    if (action == Action::dispute_create) {
      if (dispute_.present()) command.dispute = dispute_;
      dispute_ = command.dispute;
    }
    commands.push_back(std::move(command));
  }
  void add_by_poster(Action action) { add(action, stage_.world.tasks[task_.value].poster); }
  void add_by_worker(Action action) { add(action, stage_.world.tasks[task_.value].worker); }
  void add_by_stranger(Action action) {
    const UserId worker = acting_worker(stage_, task_);
    add(action, worker.present() ? worker : stage_.workers.front());
  }
  void add_by_admin(Action action) {
    add(action, stage_.admins.empty() ? stage_.world.tasks[task_.value].poster : stage_.admins.front());
  }

  std::vector<Command> commands;

 private:
  Stage& stage_;
  TaskId task_;
  model::ProofId proof_;
  model::DisputeId dispute_;
};

void add_delivery(Stage& stage, TaskId task, Group& group) {
  TaskNotes& notes = stage.notes[task.value];
  group.commands.push_back(delivery(task, notes.payment, payment_type(stage, task)));
  notes.delivered = true;
}

void at_deadline(Stage& stage, TaskId task) {
  const model::Instant deadline = stage.world.tasks[task.value].deadline + stage.choices.pick(2);
  if (deadline > stage.now) stage.now = deadline;
}

// The two sides of the race.
void add_sides(Stage& stage, TaskId task, Race race, Group& group) {
  switch (race) {
    case Race::accept_accept:
      group.add_by_stranger(Action::task_accept);
      return group.add_by_stranger(Action::task_accept);
    case Race::accept_cancel:
      group.add_by_stranger(Action::task_accept);
      return group.add_by_poster(Action::task_cancel);
    case Race::accept_expire:
      at_deadline(stage, task);
      group.add_by_stranger(Action::task_accept);
      group.commands.push_back(job(Action::job_task_expiry, task));
      return;
    case Race::submit_cancel:
      group.add_by_worker(Action::task_submit_proof);
      return group.add_by_poster(Action::task_cancel);
    case Race::accept_proof_reject_proof:
      group.add_by_poster(Action::proof_accept);
      return group.add_by_poster(Action::proof_reject);
    case Race::complete_complete:
      group.add_by_poster(Action::task_complete);
      return group.add_by_poster(Action::task_complete);
    case Race::complete_dispute:
      group.add_by_poster(Action::task_complete);
      return group.add_by_worker(Action::dispute_create);
    case Race::complete_cancel:
      group.add_by_poster(Action::task_complete);
      return group.add_by_poster(Action::task_cancel);
    case Race::release_refund:
      group.add_by_poster(Action::escrow_release);
      group.add_by_admin(Action::escrow_refund);
      return group.add_by_poster(stage.world.tasks[task.value].state == TaskState::proof_submitted
                                     ? Action::task_complete
                                     : Action::task_cancel);
    case Race::dispute_dispute:
      group.add_by_poster(Action::dispute_create);
      return group.add_by_worker(Action::dispute_create);
    case Race::resolve_resolve:
      group.add_by_admin(Action::dispute_resolve);
      return group.add_by_admin(Action::dispute_resolve);
    case Race::payment_cancel:
      add_delivery(stage, task, group);
      return group.add_by_poster(Action::task_cancel);
    case Race::webhook_webhook:
      add_delivery(stage, task, group);
      return add_delivery(stage, task, group);
    case Race::award_award:
      group.add_by_poster(Action::task_complete);
      return group.add_by_admin(Action::escrow_release);
  }
}

std::size_t group_size(Stage& stage) {
  return static_cast<std::size_t>(
      stage.choices.between(stage.scenario.races.group.min, stage.scenario.races.group.max));
}

void send_shuffled(Stage& stage, std::vector<Command> commands) {
  const auto turn =
      static_cast<std::ptrdiff_t>(stage.choices.pick(static_cast<std::uint32_t>(commands.size())));
  std::ranges::rotate(commands, commands.begin() + turn);
  send_together(stage, std::move(commands));
}

void send_race(Stage& stage, TaskId task, Race race) {
  const std::size_t size = group_size(stage);
  Group group(stage, task);
  while (group.commands.size() < std::max<std::size_t>(size, 2)) add_sides(stage, task, race, group);
  if (group.commands.size() > 6) group.commands.resize(6);
  send_shuffled(stage, std::move(group.commands));
}

void send_any(Stage& stage, const std::vector<TaskId>& tasks) {
  const std::size_t size = group_size(stage);
  const TaskId task = one_of(stage.choices, tasks);
  std::vector<Command> commands;
  // Mostly about one task, because calls about different tasks seldom meet.
  for (std::size_t i = 0; i < size; ++i) {
    commands.push_back(any_command(stage, stage.choices.chance(1, 4) ? one_of(stage.choices, tasks) : task));
  }
  send_shuffled(stage, std::move(commands));
}

std::vector<std::pair<TaskId, Race>> races_on(const Stage& stage) {
  std::vector<std::pair<TaskId, Race>> found;
  for (const TaskId task : live_tasks(stage)) {
    for (std::size_t i = 0; i < kRaceNames.size(); ++i) {
      const Race race = static_cast<Race>(i);
      const std::vector<Race>& wanted = stage.scenario.races.which;
      if (!wanted.empty() && std::ranges::find(wanted, race) == wanted.end()) continue;
      if (race_is_on(stage, task, race)) found.emplace_back(task, race);
    }
  }
  return found;
}

}  // namespace

bool race_is_on(const Stage& stage, TaskId task, Race race) {
  const TaskState state = stage.world.tasks[task.value].state;
  switch (race) {
    case Race::accept_accept:
    case Race::accept_cancel:
      return is_open_for_work(stage, task);
    case Race::accept_expire:
      return is_open_for_work(stage, task) && stage.scenario.needs.clock;
    case Race::submit_cancel:
      return state == TaskState::accepted;
    case Race::accept_proof_reject_proof:
      return state == TaskState::proof_submitted && latest_proof_is(stage, task, ProofState::submitted);
    case Race::complete_complete:
    case Race::complete_dispute:
    case Race::complete_cancel:
    case Race::award_award:
      return state == TaskState::proof_submitted && latest_proof_is(stage, task, ProofState::accepted);
    case Race::release_refund:
      return state == TaskState::accepted || is_open_for_work(stage, task) ||
             (state == TaskState::proof_submitted && latest_proof_is(stage, task, ProofState::accepted));
    case Race::dispute_dispute:
      return state == TaskState::proof_submitted ||
             (state == TaskState::accepted && latest_proof_is(stage, task, ProofState::rejected));
    case Race::resolve_resolve:
      return state == TaskState::disputed && !stage.admins.empty();
    case Race::payment_cancel:
    case Race::webhook_webhook:
      return state == TaskState::open && payment_waits(stage, task);
  }
  return false;
}

bool send_group(Stage& stage) {
  const std::vector<TaskId> tasks = posted_tasks(stage);
  if (tasks.empty()) return false;
  if (stage.choices.chance(static_cast<std::uint32_t>(stage.scenario.races.random_percent), 100)) {
    send_any(stage, tasks);
    return true;
  }
  const auto on = races_on(stage);
  if (on.empty()) return false;
  const auto [task, race] = one_of(stage.choices, on);
  send_race(stage, task, race);
  return true;
}

}  // namespace sim
