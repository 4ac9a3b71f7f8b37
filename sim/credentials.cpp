#include "sim/credentials.h"

#include <algorithm>
#include <array>

#include "model/rules/eligibility.h"
#include "sim/calls.h"
#include "sim/credential_calls.h"
#include "sim/seattle.h"

namespace sim {

using model::Action;
using model::Command;
using model::TaskId;
using model::Trade;
using model::UserId;
using model::VerificationId;
using model::VerificationKind;
using model::VerificationStatus;

namespace {

constexpr model::Millis kSoon = 6 * model::kHour;  // an expiry that a case waits for

bool lucky(Stage& stage, std::int64_t percent) {
  return percent > 0 && stage.choices.chance(static_cast<std::uint32_t>(percent), 100);
}

model::UsState another_state(const Stage& stage) {
  return static_cast<model::UsState>((stage.region + 1U) % model::kUsStateNames.size());
}

std::uint16_t gaps(const Stage& stage, UserId user, TaskId task) {
  return model::failed_checks(stage.world, user, stage.world.tasks[task.value], stage.now);
}

std::vector<TaskId> open_tasks(const Stage& stage) {
  std::vector<TaskId> found;
  for (const TaskId task : posted_tasks(stage)) {
    if (stage.world.tasks[task.value].state == model::TaskState::open) found.push_back(task);
  }
  return found;
}

void ask_about(Stage& stage, UserId user, TaskId task) {
  send(stage, {.action = Action::eligibility_check, .actor = user, .task = task});
}

void accept(Stage& stage, UserId user, TaskId task) {
  send(stage, call(stage, Action::task_accept, task, user));
}

Command look(Stage& stage, UserId user) {
  static constexpr std::array<std::uint8_t, 4> kPages{0, 1, 2, 100};
  Command command{.action = Action::feed_get, .actor = user};
  command.page = kPages[stage.choices.pick(kPages.size())];
  command.feed_mode = static_cast<model::FeedMode>(stage.choices.pick(5) % 3);
  if (command.feed_mode == model::FeedMode::nearby) {
    if (!stage.choices.chance(1, 12))
      command.place = place_of(stage.choices.pick(12 * 97)).place;  // without a place: refused
    command.radius_miles = static_cast<std::uint8_t>(stage.choices.between(1, 8));
  }
  return command;
}

// A verified record that ends within the case, the soonest first; or nothing.
VerificationId next_to_expire(const Stage& stage) {
  VerificationId soonest;
  for (std::uint16_t i = 0; i < stage.world.verifications.size(); ++i) {
    const model::Verification& v = stage.world.verifications[i];
    const bool ends = v.exists && model::status_at(v, stage.now) == VerificationStatus::verified &&
                      v.expires - stage.now <= kSoon;
    if (ends && (!soonest.present() || v.expires < stage.world.verifications[soonest.value].expires))
      soonest = {i};
  }
  return soonest;
}

// What the owner could take now with this record, in the order of the tasks; absent when nothing.
TaskId task_resting_on(const Stage& stage, const model::Verification& record) {
  for (const TaskId task : open_tasks(stage)) {
    const model::Task& of = stage.world.tasks[task.value];
    const bool needed =
        record.kind == VerificationKind::background_check ? of.background : of.trade == record.trade;
    if (needed && gaps(stage, record.user, task) == 0) return task;
  }
  return {};
}

}  // namespace

bool about_eligibility(const Scenario& scenario) {
  const Steps& s = scenario.steps;
  return s.credential + s.feed + s.unqualified + s.credential_expiry + s.revocation > 0;
}

void equip_worker(Stage& stage, model::User& worker) {
  const People& people = stage.scenario.people;
  worker.home = lucky(stage, people.elsewhere_percent) ? another_state(stage) : stage.region;
  if (lucky(stage, people.senior_percent)) worker.tier = static_cast<std::uint8_t>(4 - stage.choices.pick(3));
  const auto willing =
      static_cast<unsigned>(lucky(stage, people.willing_percent) ? 7 : stage.choices.pick(8));
  worker.onboarding = static_cast<std::uint8_t>(model::kOnboarded | willing << model::kWillingnessShift);
  if (lucky(stage, people.newcomer_percent)) worker.onboarding = 0;
}

void place_task(Stage& stage, Command& posting) {
  const Jobs& jobs = stage.scenario.tasks;
  posting.state = stage.choices.chance(1, 8) ? another_state(stage) : stage.region;
  if (!lucky(stage, jobs.trade_percent)) return;
  const auto special = static_cast<std::uint32_t>(model::kCategoryNames.size() - model::kPlainCategories);
  posting.category = static_cast<model::Category>(model::kPlainCategories + stage.choices.pick(special));
  if (lucky(stage, jobs.risky_percent)) {
    posting.risk_answers = static_cast<std::uint8_t>(1 + stage.choices.pick(31));
  }
}

bool qualify_somebody(Stage& stage, TaskId task) {
  const model::Task& of = stage.world.tasks[task.value];
  for (const UserId user : stage.workers) {
    const model::User& self = stage.world.users[user.value];
    const bool able = user != of.poster && may_act(stage, user) && self.tier >= of.tier;
    if (!able || (self.onboarding & model::onboarding_done) == 0 || self.home != of.location) continue;
    const std::uint16_t lacking = gaps(stage, user, task);
    if ((lacking & model::check_verified_trade) != 0)
      return obtain(stage, user, VerificationKind::license, of.trade, of.location);
    if ((lacking & model::check_insurance) != 0)
      return obtain(stage, user, VerificationKind::insurance, of.trade, 0);
    if ((lacking & (model::check_background | model::check_risk_clearance)) != 0)
      return obtain(stage, user, VerificationKind::background_check, Trade::none, 0);
  }
  return false;
}

bool look_at_feed(Stage& stage) {
  const UserId user = one_of(stage.choices, stage.choices.chance(1, 6) ? everybody(stage) : stage.workers);
  send(stage, look(stage, user));
  const std::vector<TaskId> open = open_tasks(stage);
  if (open.empty() || stage.choices.chance(1, 2)) return true;
  ask_about(stage, user, one_of(stage.choices, open));
  return true;
}

bool try_unqualified(Stage& stage) {
  std::vector<std::pair<UserId, TaskId>> pairs;
  for (const TaskId task : open_tasks(stage)) {
    for (const UserId user : everybody(stage)) {
      if ((gaps(stage, user, task) & model::kCapabilityChecks) != 0) pairs.emplace_back(user, task);
    }
  }
  if (pairs.empty()) return false;
  const auto [user, task] = one_of(stage.choices, pairs);
  if (stage.choices.chance(1, 2)) ask_about(stage, user, task);
  if (stage.choices.chance(1, 3)) send(stage, look(stage, user));
  accept(stage, user, task);
  return true;
}

bool meet_expiry(Stage& stage) {
  const VerificationId next = next_to_expire(stage);
  if (!next.present()) return false;
  const model::Verification record = stage.world.verifications[next.value];
  const TaskId task = task_resting_on(stage, record);
  const model::Instant moment = record.expires + (static_cast<model::Millis>(stage.choices.pick(3)) - 1);
  if (moment > stage.now) stage.now = moment;
  if (stage.choices.chance(1, 4))
    send(stage, {.action = Action::job_verification_expire, .user = record.user});
  send(stage, {.action = Action::eligibility_get_profile, .actor = record.user});
  send(stage, look(stage, record.user));
  if (!task.present()) return true;
  ask_about(stage, record.user, task);
  accept(stage, record.user, task);
  return true;
}

bool revoke_in_flight(Stage& stage) {
  const UserId admin = resolving_admin(stage);
  if (!admin.present()) return false;
  for (std::uint16_t i = 0; i < stage.world.verifications.size(); ++i) {
    const model::Verification& v = stage.world.verifications[i];
    if (!v.exists || model::status_at(v, stage.now) != VerificationStatus::verified) continue;
    const TaskId task = task_resting_on(stage, v);
    if (!task.present()) continue;
    Command seen{.action = Action::feed_get, .actor = v.user};
    seen.page = 100;  // one page, one instant
    std::vector<Command> group{call(stage, Action::task_accept, task, v.user),
                               review({i}, v.kind, admin, false), seen};
    if (stage.choices.chance(1, 2))
      group.push_back({.action = Action::eligibility_check, .actor = v.user, .task = task});
    const auto turn =
        static_cast<std::ptrdiff_t>(stage.choices.pick(static_cast<std::uint32_t>(group.size())));
    std::ranges::rotate(group, group.begin() + turn);
    send_together(stage, std::move(group));
    return true;
  }
  return false;
}

}  // namespace sim
