#include "loadgen/campaign/drill_builder.h"

#include <algorithm>

#include "loadgen/campaign/drill_slots.h"
#include "model/rules/apply.h"

namespace loadgen::drill {

using model::Action;
using model::Command;

Builder::Builder(std::string name, std::string variant, model::Instant start, model::Cents price)
    : now_(start), price_(price) {
  drill_.name = std::move(name);
  drill_.variant = std::move(variant);
  drill_.plan.scenario = "drill:" + drill_.name + ":" + drill_.variant;
  drill_.plan.needs_processor_events = true;
  model::World& world = drill_.plan.start;
  world.users.resize(7);
  for (model::User& user : world.users) user.has_payout_account = true;
  model::User& admin = world.users[kAdmin];
  admin.is_admin = admin.can_resolve_disputes = admin.can_override_escrow = true;
  world.users[kPaused].status = model::AccountStatus::paused;
  world.users[kSuspended].status = model::AccountStatus::suspended;
  world.users[kClerk].is_admin = true;  // an admin without any right
  world.tasks.resize(1);
  world.escrows.resize(1);
  world.proofs.resize(4);
  world.disputes.resize(4);
  world.events.resize(4);
  world.verifications.resize(kVerificationSlots);
  world_ = world;
}

Command Builder::command(Action action, int actor) const {
  Command c;
  c.action = action;
  if (actor >= 0) c.actor = model::UserId{static_cast<std::uint16_t>(actor)};
  c.task = model::TaskId{task_};
  c.escrow = model::escrow_of(c.task);
  c.event = model::EventId{event_};
  c.proof = model::ProofId{proof_};
  c.dispute = model::DisputeId{0};
  c.price = price_;
  c.category = category_;
  return c;
}

Builder& Builder::together(const std::vector<Command>& commands) {
  sim::Step step;
  step.now = now_;
  for (const Command& c : commands) step.together.push_back({c, model::apply(world_, c, now_)});
  drill_.plan.steps.push_back(std::move(step));
  now_ = now_ + pause_;
  pause_ = model::kSecond;
  return *this;
}

Builder& Builder::same_moment() {
  pause_ = 0;
  return *this;
}

Builder& Builder::later(model::Millis duration) {
  now_ = now_ + duration;
  drill_.plan.needs_clock = true;
  return *this;
}

Builder& Builder::at(model::Instant now) {
  now_ = std::max(now_, now);
  drill_.plan.needs_clock = true;
  return *this;
}

Builder& Builder::about(model::Cents price, model::Category category) {
  price_ = price;
  category_ = category;
  return *this;
}

Builder& Builder::next_proof() {
  ++proof_;
  return *this;
}

Builder& Builder::extra_proof() {
  drill_.plan.start.proofs.emplace_back();
  world_.proofs.emplace_back();
  proof_ = static_cast<std::uint16_t>(world_.proofs.size() - 1);
  return *this;
}

Builder& Builder::extra_event() {
  drill_.plan.start.events.emplace_back();
  world_.events.emplace_back();
  event_ = static_cast<std::uint16_t>(world_.events.size() - 1);
  return *this;
}

Builder& Builder::next_task() {
  for (model::World* world : {&drill_.plan.start, &world_}) {
    world->tasks.emplace_back(), world->escrows.emplace_back();
    world->proofs.emplace_back(), world->events.emplace_back();
  }
  const auto last = [](const auto& slots) { return static_cast<std::uint16_t>(slots.size() - 1); };
  task_ = last(world_.tasks), proof_ = last(world_.proofs), event_ = last(world_.events);
  return *this;
}

Builder& Builder::paid() {
  return then(Action::task_create, kPoster)
      .then(Action::escrow_create_intent, kPoster)
      .then(Action::processor_pay);
}

Builder& Builder::funded() {
  return paid().then(Action::webhook_deliver);
}

Builder& Builder::submitted() {
  return funded().then(Action::task_accept, kWorker).then(Action::proof_submit, kWorker);
}

Builder& Builder::reviewed() {
  return submitted().then(Action::proof_accept, kPoster);
}

Builder& Builder::disputed() {
  return submitted().then(Action::dispute_create, kWorker);
}

Builder& Builder::read() {
  return then(Action::task_get_by_id, kPoster)
      .then(Action::escrow_get_by_task_id, kPoster)
      .then(Action::user_get_xp, kWorker);
}

Command resolve(const Builder& b, model::Resolution resolution, int percent, int actor) {
  Command c = b.command(Action::dispute_resolve, actor);
  c.resolution = resolution;
  c.split_percent = static_cast<std::uint8_t>(percent);
  return c;
}

}  // namespace loadgen::drill
