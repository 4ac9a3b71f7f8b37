// Verification records (eligibility.md §4) and onboarding (api.md §1.8).
#include <algorithm>
#include <bit>

#include "model/rules/answers.h"
#include "model/rules/eligibility.h"
#include "model/rules/steps.h"

namespace model::rules {
namespace {

VerificationKind kind_of(Action action) {
  if (action == Action::verification_submit_insurance) return VerificationKind::insurance;
  return action == Action::verification_submit_license ? VerificationKind::license
                                                       : VerificationKind::background_check;
}

// One record per key: license (user, trade, state), insurance (user, trade), background check (user).
bool same_key(const Verification& a, const Verification& b) {
  return a.user == b.user && a.kind == b.kind && a.trade == b.trade && a.state == b.state;
}

// The index of what the caller must still do: role, profile, capabilities, tutorial in this order, 4:
// nothing.
std::size_t next_step(std::uint8_t done) {
  return static_cast<std::size_t>(std::countr_one(static_cast<std::uint8_t>(done & 0xF)));
}

}  // namespace

Outcome submit_verification(World& world, const Command& command, Instant now) {
  if (!in_good_standing(world.users[command.actor.value])) return refused(Code::hx602);
  Verification wanted{.exists = true, .kind = kind_of(command.action), .user = command.actor};
  if (wanted.kind != VerificationKind::background_check) wanted.trade = command.trade;
  if (wanted.kind == VerificationKind::license) wanted.state = command.state;
  if (wanted.kind == VerificationKind::insurance &&
      !has_valid_trade(world, command.actor, command.trade, now)) {
    return refused(Code::hx608);  // INV-ELIGIBILITY-4
  }
  const auto known = std::ranges::find_if(
      world.verifications, [&](const Verification& v) { return v.exists && same_key(v, wanted); });
  if (known != world.verifications.end()) {
    const VerificationStatus status = status_at(*known, now);
    if (status == VerificationStatus::pending || status == VerificationStatus::verified) {
      return refused(Code::conflict);
    }
  }
  // A failed or expired record becomes pending again under its old id (§4.1): the plan names that slot.
  const bool right_slot = known != world.verifications.end()
                              ? known - world.verifications.begin() == command.verification.value
                              : is_free(world.verifications, command.verification);
  if (!right_slot) return refused(Code::internal_error);
  world.verifications[command.verification.value] = wanted;
  return Outcome::accepted();
}

Outcome resolve_verification(World& world, const Command& command, Instant now) {
  Verification* const record = find(world.verifications, command.verification);
  if (record == nullptr || record->kind != command.kind) return refused(Code::not_found);
  const User& caller = world.users[command.actor.value];
  if (!in_good_standing(caller)) return refused(Code::hx602);
  if (!caller.is_admin || record->user == command.actor) return refused(Code::hx503);
  if (command.approve && record->kind == VerificationKind::insurance &&
      !has_valid_trade(world, record->user, record->trade, now)) {
    return refused(Code::hx608);
  }
  const VerificationStatus status = status_at(*record, now);
  const bool legal = status == VerificationStatus::pending ||
                     (!command.approve && status == VerificationStatus::verified);  // revocation
  if (!legal) return refused(Code::conflict);
  record->status = command.approve ? VerificationStatus::verified : VerificationStatus::failed;
  record->expires = command.approve ? now + command.valid_for : Instant{};
  return Outcome::accepted();
}

Outcome read_verifications(const World& world, const Command& command, Instant now) {
  Answer answer{.verified = 0, .waiting = 0};
  for (const Verification& v : world.verifications) {
    if (!v.exists || v.user != command.actor) continue;
    const VerificationStatus status = status_at(v, now);
    answer.verified += status == VerificationStatus::verified ? 1 : 0;
    answer.waiting += status == VerificationStatus::pending ? 1 : 0;
  }
  return Outcome::accepted(answer);
}

Outcome read_feed(const World& world, const Command& command, Instant now) {
  Answer answer{.feed = 0};
  const std::size_t shown = std::min(world.tasks.size(), kFeedSlots);
  for (std::size_t i = 0; i < shown; ++i) {
    if (in_feed(world, command, world.tasks[i], now)) answer.feed |= std::int64_t{1} << i;
  }
  return Outcome::accepted(answer);
}

Outcome read_eligibility(const World& world, const Command& command, Instant now) {
  const Task* const task = find(world.tasks, command.task);
  if (task == nullptr) return refused(Code::not_found);
  return Outcome::accepted({.failed_checks = failed_checks(world, command.actor, *task, now)});
}

Outcome read_capability(const World& world, const Command& command, Instant now) {
  const User& self = world.users[command.actor.value];
  if ((self.onboarding & onboarding_done) == 0) return refused(Code::not_found);
  const Capability own = capability_of(world, command.actor, now);
  return Outcome::accepted(
      {.tier = own.tier,
       .capability = capability_bits(clearance_of(own.tier), own.insured != 0, own.background,
                                     own.trades_here, own.trades_elsewhere)});
}

Outcome read_onboarding(const World& world, const Command& command) {
  const std::uint8_t done = world.users[command.actor.value].onboarding;
  if ((done & onboarding_done) != 0) return Outcome::accepted({.phase = 5});
  if ((done & 0xF) == 0) return Outcome::accepted({.phase = 0});
  return Outcome::accepted(
      {.phase = static_cast<std::int32_t>(std::min<std::size_t>(4, 1 + next_step(done)))});
}

Outcome advance_onboarding(World& world, const Command& command, Instant) {
  User& self = world.users[command.actor.value];
  if (!in_good_standing(self)) return refused(Code::hx602);
  if ((self.onboarding & onboarding_done) != 0) return refused(Code::conflict);
  const auto mark = [&self](unsigned bits) {
    self.onboarding = static_cast<std::uint8_t>(self.onboarding | bits);
  };
  if (command.action == Action::onboarding_set_role) mark(onboarding_role);
  if (command.action == Action::onboarding_complete_step) {
    mark(command.onboarding_step == OnboardingStep::profile ? onboarding_profile : onboarding_tutorial);
  }
  if (command.action == Action::onboarding_submit_capabilities) {
    if ((self.onboarding & onboarding_claims) != 0) return refused(Code::conflict);  // once per user
    self.home = command.state;
    mark(onboarding_claims | static_cast<unsigned>(command.willingness) << kWillingnessShift);
  }
  if (command.action == Action::onboarding_complete) {
    const bool trained = command.skip_tutorial || (self.onboarding & onboarding_tutorial) != 0;
    if ((self.onboarding & onboarding_claims) == 0 || !trained) return refused(Code::conflict);
    mark(onboarding_done);
  }
  return Outcome::accepted();
}

}  // namespace model::rules
