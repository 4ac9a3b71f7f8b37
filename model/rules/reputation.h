// What a worker earns besides money: XP, level, streak, trust tier, badges (money.md §5, §6, §8).
//
// Order at a completion (decision 24): streak, then the XP award reads it, then tier, then badges. So a tier
// reached by this completion grants its badge at once. Days and hours are UTC, also the 09:00 of early-bird,
// whose zone the documents leave open. A badge is granted when its condition holds after an award and is
// never taken back.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "model/rules/world.h"

namespace model {

// money.md §8, in its order. `threshold` is what the figure of the kind must reach.
struct BadgeRow {
  enum class Kind : std::uint8_t { tasks, streak, tier, level, category, clean_week, early };
  std::string_view type;
  std::uint8_t tier;
  Kind kind;
  std::int32_t threshold;
  Category category = Category::errands;  // Kind::category only
};

inline constexpr std::array kBadges{
    BadgeRow{"first-task", 1, BadgeRow::Kind::tasks, 1},
    BadgeRow{"tasks-10", 1, BadgeRow::Kind::tasks, 10},
    BadgeRow{"tasks-25", 2, BadgeRow::Kind::tasks, 25},
    BadgeRow{"tasks-50", 2, BadgeRow::Kind::tasks, 50},
    BadgeRow{"tasks-100", 3, BadgeRow::Kind::tasks, 100},
    BadgeRow{"streak-3", 1, BadgeRow::Kind::streak, 3},
    BadgeRow{"streak-7", 2, BadgeRow::Kind::streak, 7},
    BadgeRow{"streak-30", 3, BadgeRow::Kind::streak, 30},
    BadgeRow{"trust-tier-2", 1, BadgeRow::Kind::tier, 2},
    BadgeRow{"trust-tier-3", 2, BadgeRow::Kind::tier, 3},
    BadgeRow{"trust-tier-4", 3, BadgeRow::Kind::tier, 4},
    BadgeRow{"level-3", 1, BadgeRow::Kind::level, 3},
    BadgeRow{"level-5", 2, BadgeRow::Kind::level, 5},
    BadgeRow{"level-8", 3, BadgeRow::Kind::level, 8},
    BadgeRow{"level-10", 4, BadgeRow::Kind::level, 10},
    BadgeRow{"specialist-cleaning", 1, BadgeRow::Kind::category, 10, Category::cleaning},
    BadgeRow{"specialist-delivery", 1, BadgeRow::Kind::category, 10, Category::delivery},
    BadgeRow{"specialist-moving", 1, BadgeRow::Kind::category, 10, Category::moving},
    BadgeRow{"perfect-week", 3, BadgeRow::Kind::clean_week, 7},
    BadgeRow{"early-bird", 2, BadgeRow::Kind::early, 5},
};
static_assert(kBadges.size() <= 32);

// The streak after a completion at `now`: first 1; same day unchanged; next day +1; one missed day unchanged
// (24 h grace); later 1.
std::int32_t streak_after(const User& worker, Instant now);

// The task of `escrow` has just become COMPLETED: streak and counters of its worker.
void count_completion(World& world, TaskId task, Instant now);

// The escrow has just become RELEASED: the one XP row, level, tier and badges of its worker (INV-1, INV-5).
void award(World& world, TaskId task, Instant now);

// The tier that `worker` climbs to from his present one (money.md §6): never down, no step skipped. A worker
// without any judged proof has no approval rate and does not reach tier 3; without ratings nobody reaches
// tier 4.
std::uint8_t tier_reached(const User& worker);

// The badge bits that `worker` holds at `now`: the old ones and every one whose condition holds.
std::uint32_t badges_reached(const User& worker, Instant now);

}  // namespace model
