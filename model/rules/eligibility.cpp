#include "model/rules/eligibility.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "model/rules/risk.h"
#include "model/rules/steps.h"
#include "model/vocabulary/limits.h"

namespace model {
namespace {

// eligibility.md §6.2.
struct CategoryRow {
  Risk baseline;
  Trade trade;
  std::uint8_t raising;  // answers that raise
  Risk raised;
};
constexpr CategoryRow kPlain{Risk::low, Trade::none, 0, Risk::low};
constexpr std::array<CategoryRow, kCategoryNames.size()> kCategories{{
    kPlain,  // moving
    kPlain,  // cleaning
    kPlain,  // errands
    kPlain,  // delivery
    kPlain,  // assembly
    kPlain,  // yard_work
    {Risk::low, Trade::it_networking, 0, Risk::low},
    {Risk::medium, Trade::electrician, live_wiring, Risk::high},
    {Risk::medium, Trade::plumber, gas, Risk::high},
    {Risk::medium, Trade::hvac, gas, Risk::high},
    {Risk::medium, Trade::appliance_installer, gas, Risk::high},
    {Risk::medium, Trade::in_home_care, overnight | medical, Risk::critical},
    {Risk::medium, Trade::general_contractor, large_scope, Risk::high},
}};

// §6.3 with decision 1: high asks for tier 4, the lowest that is cleared for it.
constexpr std::array<std::uint8_t, 4> kTierOf{1, 2, 4, 4};

constexpr std::uint16_t bit(Trade trade) {
  return static_cast<std::uint16_t>(1U << static_cast<unsigned>(trade));
}

bool can_be_taken(const World& world, const Task& task, Instant now) {
  const std::size_t index = static_cast<std::size_t>(&task - world.tasks.data());
  const bool expired = task.deadline.present() && task.deadline < now;
  return task.state == TaskState::open && !task.worker.present() &&
         world.escrows[index].state == EscrowState::funded && !expired;
}

// ELG-3: in the state of the task, not in any other.
bool licensed_for(const World& world, UserId user, const Task& task, Instant now) {
  return std::ranges::any_of(world.verifications, [&](const Verification& v) {
    return v.exists && v.user == user && v.kind == VerificationKind::license && v.trade == task.trade &&
           v.state == task.location && status_at(v, now) == VerificationStatus::verified;
  });
}

std::uint16_t capability_gaps(const World& world, UserId user, const Task& task, Instant now) {
  if ((world.users[user.value].onboarding & onboarding_done) == 0) return kCapabilityChecks;
  const Capability own = capability_of(world, user, now);
  std::uint16_t failed = 0;
  const auto require = [&failed](bool holds, EligibilityCheck check) {
    if (!holds) failed = static_cast<std::uint16_t>(failed | check);
  };
  require(own.home == task.location, check_location_state);
  const bool licensed = task.trade == Trade::none || licensed_for(world, user, task, now);
  require(licensed, check_verified_trade);
  require(own.tier >= task.tier, check_trust_tier);
  const bool cleared = task.risk == Risk::critical
                           ? own.tier == 4 && own.background  // decision 1
                           : (clearance_of(own.tier) >> static_cast<unsigned>(task.risk) & 1U) != 0;
  require(cleared, check_risk_clearance);
  const bool insured = task.trade == Trade::none ? own.insured != 0 : (own.insured & bit(task.trade)) != 0;
  require(!task.insurance || insured, check_insurance);  // ELG-9
  require(!task.background || own.background, check_background);
  return failed;
}

bool is_willing(const User& user, const Task& task) {
  const auto flags = static_cast<std::uint8_t>(user.onboarding >> kWillingnessShift);
  const bool risky = task.risk == Risk::high || task.risk == Risk::critical;
  return (!task.in_home || (flags & in_home_work) != 0) && (!risky || (flags & high_risk_tasks) != 0) &&
         (!task.immediate || (flags & urgent_jobs) != 0);
}

bool in_mode(const Command& query, const Task& task, Instant now) {
  switch (query.feed_mode) {
    case FeedMode::normal:
      return true;
    case FeedMode::urgent:
      return task.immediate && now - task.created < limits::kUrgentAge;
    case FeedMode::nearby:
      return task.place.present() && miles_between(query.place, task.place) <= query.radius_miles;
  }
  return false;
}

}  // namespace

void classify(Task& task, std::uint8_t answers) {
  const CategoryRow& row = kCategories[static_cast<std::size_t>(task.category)];
  task.risk = (answers & row.raising) != 0 ? row.raised : row.baseline;
  task.trade = row.trade;
  task.tier = kTierOf[static_cast<std::size_t>(task.risk)];
  task.insurance = task.risk >= Risk::high || (task.risk == Risk::medium && task.trade != Trade::none);
  task.background = task.risk == Risk::critical;
  task.in_home = task.category == Category::in_home_care;
}

VerificationStatus status_at(const Verification& record, Instant now) {
  const bool over = record.status == VerificationStatus::verified && record.expires <= now;
  return over ? VerificationStatus::expired : record.status;
}

std::uint8_t clearance_of(std::uint8_t tier) {
  constexpr std::array<std::uint8_t, 5> kByTier{0, 1, 3, 3, 7};  // low 1, medium 2, high 4
  return kByTier[tier];
}

Capability capability_of(const World& world, UserId user, Instant now) {
  const User& self = world.users[user.value];
  Capability own{.tier = self.tier, .home = self.home};
  for (const Verification& v : world.verifications) {
    if (!v.exists || v.user != user || status_at(v, now) != VerificationStatus::verified) continue;
    switch (v.kind) {
      case VerificationKind::license: {
        std::uint16_t& trades = v.state == self.home ? own.trades_here : own.trades_elsewhere;
        trades = static_cast<std::uint16_t>(trades | bit(v.trade));
        break;
      }
      case VerificationKind::insurance:
        own.insured = static_cast<std::uint16_t>(own.insured | bit(v.trade));
        break;
      case VerificationKind::background_check:
        own.background = true;
        break;
    }
  }
  return own;
}

bool has_valid_trade(const World& world, UserId user, Trade trade, Instant now) {
  if ((world.users[user.value].onboarding & onboarding_done) == 0) return false;
  const Capability own = capability_of(world, user, now);
  return ((own.trades_here | own.trades_elsewhere) & bit(trade)) != 0;
}

std::uint16_t failed_checks(const World& world, UserId user, const Task& task, Instant now) {
  const User& self = world.users[user.value];
  std::uint16_t failed = capability_gaps(world, user, task, now);
  const auto require = [&failed](bool holds, EligibilityCheck check) {
    if (!holds) failed = static_cast<std::uint16_t>(failed | check);
  };
  require(can_be_taken(world, task, now), check_open);
  require(task.poster != user, check_not_own);
  require(rules::in_good_standing(self), check_account);
  require(task.mode == Mode::standard || self.live == LiveState::active, check_live);
  require(rules::may_accept(self.risk_hundredths), check_risk_score);
  return failed;
}

bool in_feed(const World& world, const Command& query, const Task& task, Instant now) {
  return task.exists && failed_checks(world, query.actor, task, now) == 0 &&
         is_willing(world.users[query.actor.value], task) && in_mode(query, task, now);
}

double miles_between(const GeoPoint& a, const GeoPoint& b) {
  constexpr double kRadius = 3959;  // eligibility.md §8
  constexpr double kDegree = std::numbers::pi / 180;
  const double dlat = std::sin((b.latitude() - a.latitude()) * kDegree / 2);
  const double dlng = std::sin((b.longitude() - a.longitude()) * kDegree / 2);
  const double h =
      dlat * dlat + std::cos(a.latitude() * kDegree) * std::cos(b.latitude() * kDegree) * dlng * dlng;
  return 2 * kRadius * std::asin(std::sqrt(std::min(1.0, h)));
}

}  // namespace model
