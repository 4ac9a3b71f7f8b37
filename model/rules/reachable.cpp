#include "model/rules/reachable.h"

#include <set>
#include <unordered_set>

#include "model/rules/apply.h"
#include "model/rules/hash.h"
#include "model/rules/steps.h"

namespace model {
namespace {

using enum Action;

// The task that a command concerns, by whichever id it carries.
TaskId subject_of(const World& world, const Command& command) {
  switch (command.action) {
    case task_accept:
    case task_submit_proof:
    case proof_submit:
    case task_complete:
    case task_cancel:
    case task_get_by_id:
    case escrow_create_intent:
    case escrow_get_by_task_id:
    case proof_get_by_task_id:
    case dispute_create:
    case dispute_get_by_task_id:
    case job_task_expiry:
    case job_review_timeout:
    case job_transfer_retry:
      return command.task;
    case escrow_release:
    case escrow_refund:
    case processor_pay:
    case processor_cancel_intent:
      return task_of(command.escrow);
    case proof_accept:
    case proof_reject: {
      const Proof* const proof = rules::find(world.proofs, command.proof);
      return proof != nullptr ? proof->task : TaskId{};
    }
    case dispute_resolve: {
      const Dispute* const dispute = rules::find(world.disputes, command.dispute);
      return dispute != nullptr ? dispute->task : TaskId{};
    }
    case webhook_deliver: {
      const PaymentEvent* const event = rules::find(world.events, command.event);
      return task_of(event != nullptr ? event->escrow : command.escrow);
    }
    case task_create:
    case task_list:
    case user_get_profile:
    case user_update_profile:
    case user_get_xp:
    case user_get_badges:
    case user_get_trust_tier:
      return {};
  }
  return {};
}

bool is_query(Action action) {
  return action == task_get_by_id || action == escrow_get_by_task_id || action == proof_get_by_task_id ||
         action == dispute_get_by_task_id;
}

std::optional<ActorKind> kind_of_caller(const World& world, const Command& command, const Task& task) {
  if (command.credential != Credential::valid || command.input_fault != 0) return std::nullopt;
  if (command.actor.value >= world.users.size()) return std::nullopt;
  const User& caller = world.users[command.actor.value];
  if (!is_query(command.action) && !rules::in_good_standing(caller)) return std::nullopt;
  if (command.actor == task.poster) return ActorKind::poster;
  if (command.actor == task.worker) return ActorKind::worker;
  return caller.is_admin ? ActorKind::admin : ActorKind::stranger;
}

std::optional<ActorKind> kind_of(const World& world, const Command& command, const Task& task) {
  if (is_procedure(command.action)) return kind_of_caller(world, command, task);
  const bool clock = command.action == job_task_expiry || command.action == job_review_timeout ||
                     command.action == job_transfer_retry;
  return clock ? ActorKind::clock : ActorKind::processor;
}

// One task, four people (poster, worker, stranger, admin), two proofs, one dispute, three events. Two proofs
// suffice: a third attempt meets no situation that the second does not.
constexpr UserId kPoster{0};
constexpr UserId kAdmin{3};
constexpr std::uint16_t kPeople = 4;
constexpr std::uint16_t kProofs = 2;
constexpr std::uint16_t kEvents = 3;
constexpr Instant kEarly{1'000 * kDay};        // before every deadline
constexpr Instant kLate = kEarly + 30 * kDay;  // after every deadline

World small_world() {
  World world;
  world.users.resize(kPeople);
  for (User& user : world.users) user.has_payout_account = true;
  User& admin = world.users[kAdmin.value];
  admin.is_admin = admin.can_resolve_disputes = admin.can_override_escrow = true;
  world.tasks.resize(1);
  world.escrows.resize(1);
  world.proofs.resize(kProofs);
  world.disputes.resize(1);
  world.events.resize(kEvents);
  apply(world, {.action = task_create, .actor = kPoster, .task = TaskId{0}, .price = 500}, kEarly);
  return world;
}

// Everything that anybody may try; slots of creating commands follow from the world.
std::vector<Command> alphabet() {
  std::vector<Command> commands;
  Command base{.task = TaskId{0}, .escrow = EscrowId{0}, .dispute = DisputeId{0}};
  for (std::size_t a = 0; a < kActionCount; ++a) {
    base.action = static_cast<Action>(a);
    if (base.action == task_create) continue;
    for (std::uint16_t who = 0; who < (is_procedure(base.action) ? kPeople : 1); ++who) {
      base.actor = UserId{who};
      for (std::uint16_t slot = 0; slot < kEvents; ++slot) {
        Command command = base;
        command.proof = ProofId{slot};
        command.event = EventId{slot};
        command.event_type = EventType::transfer_created;
        for (std::uint8_t outcome = 0; outcome < kResolutionNames.size(); ++outcome) {
          command.resolution = static_cast<Resolution>(outcome);
          command.split_percent = command.resolution == Resolution::split ? 50 : 0;
          commands.push_back(command);
          if (base.action != dispute_resolve) break;
        }
      }
    }
  }
  return commands;
}

struct HashWorld {
  std::size_t operator()(const World& world) const { return hash(world); }
};

}  // namespace

std::optional<Cell> cell_of(const World& world, const Command& command) {
  const TaskId id = subject_of(world, command);
  const Task* const task = rules::find(world.tasks, id);
  if (task == nullptr) return std::nullopt;
  const auto actor = kind_of(world, command, *task);
  if (!actor) return std::nullopt;
  return Cell{task->state, world.escrows[id.value].state, command.action, *actor};
}

std::vector<Cell> reachable_cells() {
  const std::vector<Command> commands = alphabet();
  std::set<Cell> cells;
  std::unordered_set<World, HashWorld> seen;
  std::vector<World> open{small_world()};
  while (!open.empty()) {
    const World world = std::move(open.back());
    open.pop_back();
    for (const Command& command : commands) {
      if (const auto cell = cell_of(world, command)) cells.insert(*cell);
      World next = world;
      apply(next, command, is_procedure(command.action) ? kEarly : kLate);
      if (seen.insert(next).second) open.push_back(std::move(next));
    }
  }
  return {cells.begin(), cells.end()};
}

}  // namespace model
