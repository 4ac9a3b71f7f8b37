#include "model/rules/small_world.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "model/rules/apply.h"
#include "model/rules/hash.h"
#include "model/rules/steps.h"
#include "model/vocabulary/limits.h"

namespace model {
namespace {

using enum Action;

constexpr std::uint16_t kPeople = 4;
constexpr std::uint16_t kProofs = 2;
constexpr std::uint16_t kEvents = 3;
constexpr Instant kStart{1'000 * kDay};

std::uint16_t slots_of(Action action) {
  switch (action) {
    case task_submit_proof:
    case proof_submit:
    case proof_accept:
    case proof_reject:
      return kProofs;
    case processor_pay:
    case processor_cancel_intent:
    case webhook_deliver:
      return kEvents;
    default:
      return 1;
  }
}

struct HashWorld {
  std::size_t operator()(const World& world) const { return hash(world); }
};

class Explorer {
 public:
  SmallWorld run() {
    small_.alphabet = small_alphabet();
    World first = small_world_people();
    apply(first, small_posting(), kStart);
    index_of(std::move(first));
    std::map<Cell, std::uint32_t> numbers;
    std::vector<std::optional<Cell>> met;
    for (std::size_t at = 0; at < small_.worlds.size(); ++at) {
      for (const Command& letter : small_.alphabet) {
        World world = small_.worlds[at];
        const Command command = fitted(world, letter);
        const Outcome outcome = apply(world, command, due(world, command, kStart));
        const bool taken = outcome.code == Code::internal_error;
        met.push_back(taken ? std::nullopt : cell_of(small_.worlds[at], command, outcome));
        if (met.back()) numbers.emplace(*met.back(), 0);
        small_.next.push_back(taken ? SmallWorld::kNowhere : index_of(std::move(world)));
      }
    }
    for (auto& [cell, number] : numbers) {
      number = static_cast<std::uint32_t>(small_.cells.size());
      small_.cells.push_back(cell);
    }
    for (const auto& cell : met) small_.cell.push_back(cell ? numbers.at(*cell) : SmallWorld::kNowhere);
    return std::move(small_);
  }

 private:
  std::uint32_t index_of(World world) {
    const auto [found, fresh] = known_.try_emplace(world, static_cast<std::uint32_t>(small_.worlds.size()));
    if (fresh) small_.worlds.push_back(std::move(world));
    return found->second;
  }

  SmallWorld small_;
  std::unordered_map<World, std::uint32_t, HashWorld> known_;
};

}  // namespace

World small_world_people() {
  World world;
  world.users.resize(kPeople);
  for (User& user : world.users) user.has_payout_account = true;
  User& admin = world.users.back();
  admin.is_admin = admin.can_resolve_disputes = admin.can_override_escrow = true;
  world.tasks.resize(1);
  world.escrows.resize(1);
  world.proofs.resize(kProofs);
  world.disputes.resize(1);
  world.events.resize(kEvents);
  return world;
}

Command small_posting() {
  return {.action = task_create,
          .actor = UserId{0},
          .task = TaskId{0},
          .escrow = EscrowId{0},
          .price = 500,
          .deadline_in = kSmallDeadline};
}

std::vector<Command> small_alphabet() {
  std::vector<Command> commands;
  for (std::size_t a = 0; a < kActionCount; ++a) {
    const Action action = static_cast<Action>(a);
    if (action == task_create || !cell_has_subject(action)) continue;
    const bool procedure = is_procedure(action);
    for (std::uint16_t who = 0; who < (procedure ? kPeople : 1); ++who) {
      for (std::uint16_t slot = 0; slot < slots_of(action); ++slot) {
        Command command{.action = action,
                        .actor = procedure ? UserId{who} : UserId{},
                        .task = TaskId{0},
                        .escrow = EscrowId{0},
                        .proof = ProofId{slot},
                        .dispute = DisputeId{0},
                        .event = EventId{slot}};
        const std::size_t outcomes = action == dispute_resolve ? kResolutionNames.size() : 1;
        for (std::size_t outcome = 0; outcome < outcomes; ++outcome) {
          command.resolution = static_cast<Resolution>(outcome);
          command.split_percent =
              action == dispute_resolve && command.resolution == Resolution::split ? 50 : 0;
          commands.push_back(command);
        }
      }
    }
  }
  return commands;
}

Command fitted(const World& world, Command command) {
  if (command.action == processor_pay) command.event_type = EventType::payment_succeeded;
  if (command.action == processor_cancel_intent) command.event_type = EventType::payment_canceled;
  if (command.action != webhook_deliver) return command;
  const PaymentEvent& event = world.events[command.event.value];
  command.event_type = event.exists ? event.type : EventType::transfer_created;
  return command;
}

Instant due(const World& world, const Command& command, Instant now) {
  const Task& task = world.tasks[command.task.present() ? command.task.value : 0];
  Instant at = now;
  if (command.action == job_task_expiry) at = task.deadline + 1;
  if (command.action == job_review_timeout && task.latest_proof.present()) {
    const Proof& proof = world.proofs[task.latest_proof.value];
    at = std::max(proof.submitted, proof.reviewed.present() ? proof.reviewed : proof.submitted) +
         limits::kReviewWindow + 1;
  }
  if (at <= now) return now;
  World later = world;
  apply(later, command, at);
  return later == world ? now : at;
}

SmallWorld explore_small_world() {
  return Explorer().run();
}

}  // namespace model
