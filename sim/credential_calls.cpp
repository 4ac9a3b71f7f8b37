#include "sim/credential_calls.h"

#include <array>

#include "model/rules/eligibility.h"
#include "sim/credentials.h"

namespace sim {

using model::Action;
using model::Command;
using model::Trade;
using model::UserId;
using model::VerificationId;
using model::VerificationKind;
using model::VerificationStatus;

namespace {

constexpr std::array<model::Millis, 6> kTerms{365 * model::kDay,  2 * model::kHour,    20 * model::kMinute,
                                              2 * model::kMinute, 30 * model::kSecond, 1};

Trade any_trade(Stage& stage) {
  // Mostly what a posted task asks for, so that it matters.
  for (const model::Task& task : stage.world.tasks) {
    if (task.exists && task.trade != Trade::none && stage.choices.chance(1, 2)) return task.trade;
  }
  return static_cast<Trade>(1 + stage.choices.pick(model::kTradeNames.size() - 1));
}

model::Millis term(Stage& stage) {
  return kTerms[stage.choices.pick(stage.scenario.steps.credential_expiry > 0 ? kTerms.size() : 2)];
}

// A record of the wanted status, at or after a chosen position; absent when there is none.
VerificationId record_in(Stage& stage, VerificationStatus status) {
  const auto count = static_cast<std::uint32_t>(stage.world.verifications.size());
  if (count == 0) return {};
  const std::uint32_t from = stage.choices.pick(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto index = static_cast<std::uint16_t>((from + i) % count);
    const model::Verification& v = stage.world.verifications[index];
    if (v.exists && model::status_at(v, stage.now) == status) return {index};
  }
  return {};
}

bool advance_newcomer(Stage& stage, UserId user) {
  Command command{.action = Action::onboarding_set_role, .actor = user};
  const std::uint8_t done = stage.world.users[user.value].onboarding;
  const bool claimed = (done & model::onboarding_claims) != 0;
  switch (stage.choices.pick(6)) {
    case 0:
    case 1:
      command.action = claimed ? Action::onboarding_complete : Action::onboarding_submit_capabilities;
      break;
    case 2:
      command.action = Action::onboarding_complete;
      command.skip_tutorial = stage.choices.chance(1, 2);
      break;
    case 3:
      command.action = Action::onboarding_complete_step;
      command.onboarding_step =
          stage.choices.chance(1, 2) ? model::OnboardingStep::tutorial : model::OnboardingStep::profile;
      break;
    case 4:
      command.action = Action::onboarding_get_progress;
      break;
    default:
      break;
  }
  if (command.action == Action::onboarding_submit_capabilities) {
    command.state = stage.region;
    command.willingness = static_cast<std::uint8_t>(stage.choices.pick(8));
  }
  send(stage, command);
  return true;
}

bool submit_something(Stage& stage, UserId user) {
  const auto kind = static_cast<VerificationKind>(stage.choices.pick(4) % 3);
  const Trade trade = kind == VerificationKind::background_check ? Trade::none : any_trade(stage);
  const bool elsewhere = stage.choices.chance(1, 5);
  const auto state =
      static_cast<model::UsState>((stage.region + (elsewhere ? 1U : 0U)) % model::kUsStateNames.size());
  send(stage,
       submission(stage, user, kind, trade, kind == VerificationKind::license ? state : model::UsState{0}));
  return true;
}

bool review_something(Stage& stage) {
  const VerificationId record = record_in(
      stage, stage.choices.chance(1, 5) ? VerificationStatus::verified : VerificationStatus::pending);
  if (!record.present() || stage.admins.empty()) return false;
  const VerificationKind kind = stage.verification_keys[record.value].kind;
  const UserId by =
      stage.choices.chance(1, 8) ? one_of(stage.choices, everybody(stage)) : stage.admins.front();
  Command command = review(record, kind, by, !stage.choices.chance(1, 4));
  command.valid_for = term(stage);
  if (stage.choices.chance(1, 20)) command.verification = {kNowhere};
  send(stage, command);
  return true;
}

}  // namespace

VerificationId verification_slot(Stage& stage, UserId user, VerificationKind kind, Trade trade,
                                 model::UsState state) {
  const VerificationKey key{user, kind, trade, state};
  for (std::uint16_t i = 0; i < stage.verification_keys.size(); ++i) {
    if (stage.verification_keys[i] == key) return {i};
  }
  stage.verification_keys.push_back(key);
  stage.world.verifications.emplace_back();
  return {static_cast<std::uint16_t>(stage.world.verifications.size() - 1)};
}

Command submission(Stage& stage, UserId user, VerificationKind kind, Trade trade, model::UsState state) {
  static constexpr std::array kActions{Action::verification_submit_license,
                                       Action::verification_submit_insurance,
                                       Action::verification_initiate_background_check};
  Command command{.action = kActions[static_cast<std::size_t>(kind)], .actor = user};
  command.verification = verification_slot(stage, user, kind, trade, state);
  command.kind = kind;
  command.trade = trade;
  command.state = state;
  return command;
}

Command review(VerificationId record, VerificationKind kind, UserId admin, bool approve) {
  Command command{.action = Action::verification_resolve, .actor = admin};
  command.verification = record;
  command.kind = kind;
  command.approve = approve;
  return command;
}

bool obtain(Stage& stage, UserId user, VerificationKind kind, Trade trade, model::UsState state) {
  if (stage.admins.empty()) return false;
  const VerificationId slot = verification_slot(stage, user, kind, trade, state);
  const model::Verification& record = stage.world.verifications[slot.value];
  if (record.exists && record.status == VerificationStatus::pending) {
    Command command = review(slot, kind, stage.admins.front(), true);
    command.valid_for = term(stage);
    send(stage, command);
  } else {
    send(stage, submission(stage, user, kind, trade, state));
  }
  return true;
}

bool move_credential(Stage& stage) {
  const UserId user = one_of(stage.choices, stage.workers);
  const bool newcomer = (stage.world.users[user.value].onboarding & model::onboarding_done) == 0;
  if (newcomer && !stage.choices.chance(1, 4)) return advance_newcomer(stage, user);
  switch (stage.choices.pick(6)) {
    case 0:
    case 1:
      if (review_something(stage)) return true;
      break;
    case 2:
      send(stage, {.action = Action::verification_get_status, .actor = user});
      return true;
    case 3:
      send(stage, {.action = Action::eligibility_get_profile, .actor = user});
      return true;
    default:
      break;
  }
  return submit_something(stage, user);
}

}  // namespace sim
