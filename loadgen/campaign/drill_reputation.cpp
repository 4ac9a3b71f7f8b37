#include <array>

#include <fmt/format.h>

#include "loadgen/campaign/drill_builder.h"
#include "model/rules/money.h"

namespace loadgen::drill {

using model::Action;
using model::Command;
using model::Instant;

namespace {

constexpr std::array kThresholds{100, 300, 700, 1500, 2700, 4500, 7000, 10500, 18500};  // of levels, in XP
constexpr model::Millis kBeforeMidnight = model::kDay - model::kSecond;

Instant midnight_after(Instant start) {
  return {(start.ms / model::kDay + 2) * model::kDay};
}

struct Completion {
  Instant at;
  model::Cents price = 5000;
  model::Category category = model::Category::errands;
  int rejections = 0;
};

// All tasks are made ready first, so that two completions may be a moment apart.
Drill complete_all(std::string name, std::string variant, Instant start, bool verified,
                   const std::vector<Completion>& completions) {
  Builder b(std::move(name), std::move(variant), start);
  b.with(kWorker, &model::User::is_verified, verified);
  std::vector<Command> ready;
  for (const Completion& each : completions) {
    if (!ready.empty()) b.next_task();
    b.about(each.price, each.category).funded().then(Action::task_accept, kWorker);
    b.then(Action::proof_submit, kWorker);
    if (each.rejections > 0)
      b.then(Action::proof_reject, kPoster).extra_proof().then(Action::proof_submit, kWorker);
    b.then(Action::proof_accept, kPoster);
    ready.push_back(b.command(Action::task_complete, kPoster));
  }
  for (std::size_t i = 0; i < completions.size(); ++i) {
    b.at(completions[i].at).then(ready[i]).then(Action::user_get_xp, kWorker);
    b.then(Action::user_get_badges, kWorker).then(Action::user_get_trust_tier, kWorker);
  }
  return b.done();
}

// money.md §5: days are UTC dates; one missed day is forgiven, to the second.
std::vector<Completion> streak(Instant day) {
  std::vector<Completion> all;
  const auto add = [&](int days, model::Millis time) { all.push_back({day + days * model::kDay + time}); };
  add(0, kBeforeMidnight);
  add(1, 0);
  add(1, kBeforeMidnight);
  add(2, 7 * model::kHour);
  add(4, 12 * model::kHour);  // day 3 is missed
  for (const int days : {5, 6, 7, 8}) add(days, 20 * model::kHour);
  add(11, 0);  // days 9 and 10 are missed
  add(12, 3 * model::kHour);
  add(14, kBeforeMidnight);
  add(17, 0);
  return all;
}

std::vector<Completion> early(Instant day, model::Millis time) {
  std::vector<Completion> all;
  for (int i = 0; i < 5; ++i) all.push_back({day + i * model::kDay + time});
  return all;
}

std::vector<Completion> week(Instant day, model::Millis last, int rejections) {
  std::vector<Completion> all{{day}};
  for (int i = 1; i <= 5; ++i) all.push_back({day + i * model::kDay});
  all.push_back({day + last});
  all[3].rejections = rejections;
  return all;
}

std::vector<Completion> same_day(Instant day, std::size_t count, model::Category category, int rejected) {
  std::vector<Completion> all(count, Completion{day + 12 * model::kHour, 700, category, 0});
  for (int i = 0; i < rejected; ++i) all[static_cast<std::size_t>(i)].rejections = 1;
  return all;
}

// Totals that end one short of each threshold, and on or just past it (all on one day: multiplier 1.00).
std::vector<Completion> levels(Instant day) {
  constexpr model::Cents kSmallest = 500;
  std::vector<Completion> all;
  std::int32_t total = 0;
  const auto add = [&](model::Cents price) {
    total += model::effective_xp(model::base_xp(price), 100, model::decay_10000(total));
    all.push_back({day + 12 * model::kHour, price});
  };
  for (const std::int32_t threshold : kThresholds) {
    const std::int32_t decay = model::decay_10000(total);
    std::int32_t base = threshold - 1 - total;
    while (model::effective_xp(base, 100, decay) < threshold - 1 - total) ++base;
    add(model::Cents{base} * 100);
    add(kSmallest);
  }
  return all;
}

// Totals that are each threshold itself.
std::vector<Completion> exact_levels(Instant day) {
  std::vector<Completion> all;
  std::int32_t total = 0;
  for (const std::int32_t threshold : kThresholds) {
    const std::int32_t decay = model::decay_10000(total);
    std::int32_t base = threshold - total;
    while (model::effective_xp(base, 100, decay) < threshold - total) ++base;
    total += model::effective_xp(base, 100, decay);
    all.push_back({day + 12 * model::kHour, model::Cents{base} * 100});
  }
  return all;
}

}  // namespace

void add_reputations(std::vector<Drill>& drills, Instant start) {
  const Instant day = midnight_after(start);
  const std::string name = "reputation";
  const auto add = [&](std::string variant, const std::vector<Completion>& completions,
                       bool verified = true) {
    drills.push_back(complete_all(name, std::move(variant), start, verified, completions));
  };
  add("streak", streak(day));
  add("before nine", early(day, 9 * model::kHour - 1));
  add("at nine", early(day, 9 * model::kHour));
  add("a week", week(day, 7 * model::kDay, 0));
  add("a week and a moment", week(day, 7 * model::kDay + 1, 0));
  add("a week with a rejection", week(day, 6 * model::kDay, 1));
  for (const model::Category category :
       {model::Category::cleaning, model::Category::delivery, model::Category::moving})
    add(fmt::format("ten times {}", model::name(category)), same_day(day, 10, category, 0), false);
  add("twenty, one rejected", same_day(day, 20, model::Category::errands, 1));
  add("twenty, two rejected", same_day(day, 20, model::Category::errands, 2));
  add("levels", levels(day));
  add("levels, exactly", exact_levels(day));
}

}  // namespace loadgen::drill
