#include "tests/model/scenes.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "model/vocabulary/codes.h"

namespace model {
namespace {

template <class IdType, class Record>
IdType next_free(const std::vector<Record>& records) {
  const auto found = std::ranges::find(records, false, &Record::exists);
  return IdType{static_cast<std::uint16_t>(found - records.begin())};
}

void submit(World& world) {
  must(world, Action::task_submit_proof, kWorker);
}

void resolve(World& world, Resolution resolution) {
  Command command = ask(world, Action::dispute_resolve, kAdmin);
  command.resolution = resolution;
  command.split_percent = resolution == Resolution::split ? 60 : 0;
  must(world, command);
}

void accept_funded(World& world) {
  must(world, Action::task_create, kPoster);
  fund(world);
  must(world, Action::task_accept, kWorker);
}

void reject_one(World& world) {
  accept_funded(world);
  submit(world);
  must(world, Action::proof_reject, kPoster);
}

void dispute(World& world) {
  accept_funded(world);
  submit(world);
  must(world, Action::dispute_create, kPoster);
}

void complete(World& world) {
  accept_funded(world);
  submit(world);
  must(world, Action::proof_accept, kPoster);
  must(world, Action::task_complete, kPoster);
}

void cancel_payment(World& world) {
  must(world, Action::task_create, kPoster);
  must(world, Action::escrow_create_intent, kPoster);
  Command command = ask(world, Action::processor_cancel_intent);
  command.event_type = EventType::payment_canceled;
  must(world, command);
  command.action = Action::webhook_deliver;
  must(world, command);
}

void unpay(World& world) {
  complete(world);
  Escrow& escrow = world.escrows[kEscrow.value];
  User& worker = world.users[kWorker.value];
  worker.xp_total -= escrow.effective_xp;
  worker.level = 1;
  escrow.state = EscrowState::funded;
  escrow.xp_multiplier = 0;
  escrow.xp_before = escrow.effective_xp = 0;
}

}  // namespace

World empty_world() {
  World world;
  world.users.resize(kPeople.size());
  world.users[kWorker.value].has_payout_account = true;
  User& admin = world.users[kAdmin.value];
  admin.is_admin = admin.can_resolve_disputes = admin.can_override_escrow = true;
  world.tasks.resize(3);
  world.escrows.resize(3);
  world.proofs.resize(6);
  world.disputes.resize(3);
  world.events.resize(6);
  return world;
}

Command ask(const World& world, Action action, UserId actor) {
  Command command{.action = action, .actor = actor, .task = kTask, .escrow = kEscrow, .price = 5000};
  const bool submits = action == Action::task_submit_proof || action == Action::proof_submit;
  const Task& task = world.tasks[kTask.value];
  command.proof = submits ? next_free<ProofId>(world.proofs) : task.latest_proof;
  if (submits) {  // the photos that the task's category asks for
    command.category = task.category;
    command.photos = 2;
  }
  command.dispute =
      action == Action::dispute_create ? next_free<DisputeId>(world.disputes) : task.latest_dispute;
  command.event = next_free<EventId>(world.events);
  return command;
}

Answer must(World& world, const Command& command, Instant now) {
  const Outcome outcome = apply(world, command, now);
  EXPECT_EQ(verdict(outcome), "ok") << name(command.action);
  return outcome.answer;
}

Answer must(World& world, Action action, UserId actor, Instant now) {
  return must(world, ask(world, action, actor), now);
}

void fund(World& world, TaskId task) {
  Command command = ask(world, Action::escrow_create_intent, world.tasks[task.value].poster);
  command.task = task;
  command.escrow = escrow_of(task);
  must(world, command);
  command.action = Action::processor_pay;
  must(world, command);
  command.action = Action::webhook_deliver;
  must(world, command);
}

World world_in(Scene scene) {
  World world = empty_world();
  const auto expire = [&] { must(world, Action::job_task_expiry, {}, kStart + 2 * kDay); };
  switch (scene) {
    case Scene::open_pending:
      must(world, Action::task_create, kPoster);
      break;
    case Scene::open_funded:
      must(world, Action::task_create, kPoster), fund(world);
      break;
    case Scene::open_refunded:
      cancel_payment(world);
      break;
    case Scene::accepted:
      accept_funded(world);
      break;
    case Scene::accepted_after_rejection:
      reject_one(world);
      break;
    case Scene::submitted:
      accept_funded(world), submit(world);
      break;
    case Scene::proof_accepted:
      accept_funded(world), submit(world), must(world, Action::proof_accept, kPoster);
      break;
    case Scene::disputed:
      dispute(world);
      break;
    case Scene::completed:
      complete(world);
      break;
    case Scene::completed_by_dispute:
      dispute(world), resolve(world, Resolution::hustler_wins);
      break;
    case Scene::cancelled_unassigned:
      must(world, Action::task_create, kPoster), fund(world), must(world, Action::task_cancel, kPoster);
      break;
    case Scene::cancelled_assigned:
      reject_one(world), must(world, Action::task_cancel, kPoster);
      break;
    case Scene::cancelled_client_wins:
      dispute(world), resolve(world, Resolution::client_wins);
      break;
    case Scene::cancelled_split:
      dispute(world), resolve(world, Resolution::split);
      break;
    case Scene::expired_unassigned:
      must(world, Action::task_create, kPoster), fund(world), expire();
      break;
    case Scene::expired_assigned:
      reject_one(world), expire();
      break;
    case Scene::completed_unpaid:
      unpay(world);
      break;
  }
  return world;
}

std::string_view verdict(const Outcome& outcome) {
  return outcome.kind == Outcome::Kind::accepted ? "ok" : name(outcome.code);
}

}  // namespace model
