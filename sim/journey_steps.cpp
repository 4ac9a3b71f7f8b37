#include "sim/journey_steps.h"

#include "model/rules/apply.h"
#include "model/vocabulary/place.h"

namespace sim {

using model::Action;
using model::Command;
using model::UserId;

namespace {

constexpr model::EventId kPayment{0};
constexpr model::DisputeId kDispute{0};

model::User load_admin() {
  model::User admin;
  admin.is_verified = true;
  admin.is_admin = true;
  admin.can_resolve_disputes = true;
  admin.can_override_escrow = true;
  return admin;
}

}  // namespace

model::User load_worker() {
  model::User user;
  user.is_verified = true;
  user.has_payout_account = true;
  return user;
}

void begin_world(model::World& world) {
  world.users.assign({model::User{}, load_worker(), load_admin()});
  world.tasks.assign(1, {});
  world.escrows.assign(1, {});
  world.proofs.assign(3, {});
  world.disputes.assign(1, {});
  world.events.assign(1, {});
}

void begin_credential_world(model::World& world) {
  world.users.assign({model::User{}, load_worker(), load_admin()});
  world.verifications.assign(1, {});
}

void StepWriter::add(StepKind kind, const Command& command, std::uint32_t variant) {
  // Written where it stays: a step is large.
  JourneyStep& step = steps.emplace_back();
  step.kind = kind;
  step.variant = static_cast<std::uint8_t>(variant);
  step.command = command;
  step.expected = model::apply(world, command, now);
}

Command StepWriter::about(Action action, UserId actor) const {
  return {.action = action, .actor = actor, .task = kTask, .escrow = model::escrow_of(kTask)};
}

void StepWriter::call(Action action, UserId actor, std::uint32_t variant) {
  Command command = about(action, actor);
  const model::Task& task = world.tasks[0];
  switch (action) {
    case Action::proof_submit:
      command.proof = {task.attempts};
      command.category = task.category;
      command.photos = 2;  // as many as any category asks for
      break;
    case Action::proof_accept:
    case Action::proof_reject:
      command.proof = task.latest_proof;
      break;
    case Action::dispute_create:
      command.dispute = kDispute;
      command.reason = static_cast<model::DisputeReason>(variant % model::kDisputeReasonNames.size());
      break;
    case Action::dispute_resolve:
      command.dispute = kDispute;
      command.resolution = static_cast<model::Resolution>(variant % model::kResolutionNames.size());
      if (command.resolution == model::Resolution::split)
        command.split_percent = static_cast<std::uint8_t>(1 + variant * 3 % 99);
      break;
    default:
      break;
  }
  add(StepKind::call, command, variant);
}

void StepWriter::create(std::span<const Command> variants, std::uint32_t variant) {
  add(StepKind::call, variants[variant], variant);
}

// The processor delivers the event by itself: the rules take note of it, nobody here sends it.
void StepWriter::fund() {
  call(Action::escrow_create_intent, kPoster);
  Command pay = about(Action::processor_pay, UserId{});
  pay.event = kPayment;
  add(StepKind::pay, pay);
  Command arrives = pay;
  arrives.action = Action::webhook_deliver;
  model::apply(world, arrives, now);
  add(StepKind::effect, about(Action::escrow_get_by_task_id, kPoster));
}

void StepWriter::accept() {
  call(Action::task_accept, kWorker);
  call(Action::task_get_by_id, kWorker);
}

void StepWriter::prove(std::uint32_t variant) {
  call(Action::proof_submit, kWorker, variant);
  call(Action::proof_get_by_task_id, kWorker);
}

void StepWriter::approve() {
  call(Action::proof_accept, kPoster);
  call(Action::task_complete, kPoster);
  call(Action::escrow_get_by_task_id, kPoster);
  call(Action::user_get_xp, kWorker);
}

void StepWriter::reject() {
  call(Action::proof_reject, kPoster);
  call(Action::task_get_by_id, kPoster);
}

void StepWriter::dispute(std::uint32_t variant) {
  call(Action::dispute_create, kPoster, variant);
  call(Action::dispute_resolve, kAdmin, variant);
  call(Action::escrow_get_by_task_id, kPoster);
}

void StepWriter::cancel() {
  call(Action::task_cancel, kPoster);
  call(Action::escrow_get_by_task_id, kPoster);
}

// Nearby: around the place where all tasks of a load are.
void StepWriter::feed(bool nearby) {
  Command command = about(Action::feed_get, kWorker);
  if (nearby) {
    command.feed_mode = model::FeedMode::nearby;
    command.place = model::kDowntown;
  }
  add(StepKind::call, command, nearby ? 1 : 0);
}

void StepWriter::browse() {
  feed(false);
  call(Action::task_get_by_id, kWorker);
  call(Action::eligibility_check, kWorker);
  call(Action::task_list, kPoster);
  call(Action::escrow_get_by_task_id, kPoster);
  call(Action::user_get_profile, kPoster);
}

void StepWriter::deliver(model::EventFlavour flavour) {
  Command command = about(Action::webhook_deliver, UserId{});
  command.event = kPayment;
  command.flavour = flavour;
  add(StepKind::deliver, command);
}

void StepWriter::storm() {
  Command event = about(Action::webhook_deliver, UserId{});
  event.event = kPayment;
  steps.push_back({.kind = StepKind::find_event, .command = event, .expected = model::Outcome::accepted()});
  steps.push_back({.kind = StepKind::envelope, .command = event, .expected = model::Outcome::accepted()});
  for (int i = 0; i < 3; ++i) deliver(model::EventFlavour::genuine);
  deliver(model::EventFlavour::forged_signature);
  call(Action::escrow_get_by_task_id, kPoster);
}

// Every change of a verification record recomputes the capability profile in its transaction (eligibility.md
// §4.4, R1 and R3): a license of one of the trades, or the background check.
void StepWriter::recompute(std::uint32_t person, bool denied) {
  using model::VerificationStatus;
  const model::Verification& record = world.verifications[0];
  const bool license = person % 2 == 0;
  Command command{.actor = kPoster, .verification = model::VerificationId{0}};
  std::uint32_t variant = 0;
  if (!record.exists || record.status == VerificationStatus::failed) {
    command.action =
        license ? Action::verification_submit_license : Action::verification_initiate_background_check;
    variant = license ? person / 2 % (model::kTradeNames.size() - 1) : 0;
    if (license) command.trade = static_cast<model::Trade>(1 + variant);
  } else {
    command.action = Action::verification_resolve;
    command.actor = kAdmin;
    command.kind = record.kind;
    command.approve = record.status == VerificationStatus::pending && !denied;
    variant = (license ? 0U : 2U) + (command.approve ? 1U : 0U);
  }
  add(StepKind::call, command, variant);
  add(StepKind::call, {.action = Action::eligibility_get_profile, .actor = kPoster});
}

}  // namespace sim
