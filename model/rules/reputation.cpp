#include "model/rules/reputation.h"

#include <algorithm>

#include "model/rules/money.h"

namespace model {
namespace {

constexpr std::int64_t kEarlyBirdHour = 9;
constexpr Millis kWeek = 7 * kDay;

// Seven completions within a week, none of which ever had a rejected proof.
bool has_clean_week(const User& worker, Instant now) {
  const Instant seventh = worker.clean_completions.back();
  return seventh.present() && now - seventh <= kWeek;
}

// Every proof of the task is ACCEPTED: a second attempt means that one was rejected.
bool is_clean(const World& world, const Task& task) {
  return task.attempts == 1 && world.proofs[task.latest_proof.value].state == ProofState::accepted;
}

bool holds(const BadgeRow& badge, const User& worker, Instant now) {
  using Kind = BadgeRow::Kind;
  switch (badge.kind) {
    case Kind::tasks:
      return worker.completed >= badge.threshold;
    case Kind::streak:
      return worker.streak >= badge.threshold;
    case Kind::tier:
      return worker.tier >= badge.threshold;
    case Kind::level:
      return worker.level >= badge.threshold;
    case Kind::category:
      return worker.completed_by_category[static_cast<std::size_t>(badge.category)] >= badge.threshold;
    case Kind::clean_week:
      return has_clean_week(worker, now);
    case Kind::early:
      return worker.early_completions >= badge.threshold;
  }
  return false;
}

bool meets_requirements_of(std::uint8_t tier, const User& worker) {
  const std::int64_t judged = std::int64_t{worker.proofs_accepted} + worker.proofs_rejected;
  switch (tier) {
    case 2:
      return worker.completed >= 5 && worker.is_verified;
    case 3:
      return worker.completed >= 20 && judged > 0 &&
             std::int64_t{worker.proofs_accepted} * 100 >= judged * 95;
    case 4:
      return worker.completed >= 100 && std::int64_t{worker.disputed_tasks} * 100 < worker.accepted_tasks &&
             worker.rating_hundredths >= 480;
    default:
      return false;
  }
}

}  // namespace

std::int32_t streak_after(const User& worker, Instant now) {
  if (worker.last_completed_day == INT32_MIN) return 1;
  const std::int32_t day = utc_day(now);
  if (day <= worker.last_completed_day) return worker.streak;
  switch (day - worker.last_completed_day) {
    case 1:
      return worker.streak + 1;
    case 2:
      return worker.streak;  // one missed day: the 24 h grace
    default:
      return 1;
  }
}

void count_completion(World& world, TaskId id, Instant now) {
  const Task& task = world.tasks[id.value];
  User& worker = world.users[task.worker.value];
  worker.streak = streak_after(worker, now);
  worker.last_completed_day = std::max(worker.last_completed_day, utc_day(now));
  // End of the day after the completion day, plus 24 h.
  worker.streak_grace_until =
      Instant{(std::int64_t{worker.last_completed_day} + 2) * kDay} + limits::kStreakGrace;
  ++worker.completed;
  ++worker.completed_by_category[static_cast<std::size_t>(task.category)];
  const std::int64_t time_of_day = now.ms - std::int64_t{utc_day(now)} * kDay;
  if (time_of_day < kEarlyBirdHour * kHour) ++worker.early_completions;
  if (is_clean(world, task)) {
    std::shift_right(worker.clean_completions.begin(), worker.clean_completions.end(), 1);
    worker.clean_completions.front() = now;
  }
}

void award(World& world, TaskId id, Instant now) {
  Escrow& escrow = world.escrows[id.value];
  User& worker = world.users[world.tasks[id.value].worker.value];
  const std::int32_t multiplier = multiplier_percent(worker.streak);
  escrow.xp_before = worker.xp_total;
  escrow.xp_multiplier = static_cast<std::uint8_t>(multiplier);
  escrow.effective_xp = effective_xp(base_xp(escrow.amount), multiplier, decay_10000(worker.xp_total));
  worker.xp_total += escrow.effective_xp;
  worker.level = static_cast<std::uint16_t>(level_of(worker.xp_total));
  worker.tier = tier_reached(worker);
  worker.badges = badges_reached(worker, now);
}

std::uint8_t tier_reached(const User& worker) {
  std::uint8_t tier = worker.tier;
  while (meets_requirements_of(static_cast<std::uint8_t>(tier + 1), worker)) ++tier;
  return tier;
}

std::uint32_t badges_reached(const User& worker, Instant now) {
  std::uint32_t badges = worker.badges;
  for (std::size_t i = 0; i < kBadges.size(); ++i) {
    if (holds(kBadges[i], worker, now)) badges |= std::uint32_t{1} << i;
  }
  return badges;
}

}  // namespace model
