#include "loadgen/readback_lists.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "model/vocabulary/eligibility.h"
#include "model/vocabulary/states.h"

namespace loadgen {

using nlohmann::json;

namespace {

constexpr std::size_t kDefaultPage = 20;
constexpr std::size_t kDefaultEntries = 10;
constexpr std::array<int, 10> kLevels{0, 100, 300, 700, 1500, 2700, 4500, 7000, 10500, 18500};

struct BadgeFact {
  std::string_view type;
  int tier;
};
constexpr std::array kBadgeFacts{BadgeFact{"first-task", 1},
                                 BadgeFact{"tasks-10", 1},
                                 BadgeFact{"tasks-25", 2},
                                 BadgeFact{"tasks-50", 2},
                                 BadgeFact{"tasks-100", 3},
                                 BadgeFact{"streak-3", 1},
                                 BadgeFact{"streak-7", 2},
                                 BadgeFact{"streak-30", 3},
                                 BadgeFact{"trust-tier-2", 1},
                                 BadgeFact{"trust-tier-3", 2},
                                 BadgeFact{"trust-tier-4", 3},
                                 BadgeFact{"level-3", 1},
                                 BadgeFact{"level-5", 2},
                                 BadgeFact{"level-8", 3},
                                 BadgeFact{"level-10", 4},
                                 BadgeFact{"specialist-cleaning", 1},
                                 BadgeFact{"specialist-delivery", 1},
                                 BadgeFact{"specialist-moving", 1},
                                 BadgeFact{"perfect-week", 3},
                                 BadgeFact{"early-bird", 2}};

bool fits(const json& filter, const json& task) {
  const auto given = [&](const char* name) { return filter.contains(name); };
  if (given("poster_id") && task["poster"]["id"] != filter["poster_id"]) return false;
  if (given("category") && task["category"] != filter["category"]) return false;
  if (given("mode") && task["mode"] != filter["mode"]) return false;
  if (given("min_price") && task["price"] < filter["min_price"]) return false;
  if (given("max_price") && task["price"] > filter["max_price"]) return false;
  if (!given("state")) return true;
  const json& states = filter["state"];
  return states.is_array() ? std::ranges::find(states, task["state"]) != states.end()
                           : states == task["state"];
}

// How many tasks of the memory a filter of unchanging members lets through; nullopt for any other filter.
std::optional<std::size_t> expected_total(const Readback& memory, const json& filter) {
  if (filter.contains("state") || filter.contains("worker_id") || !filter.contains("poster_id"))
    return std::nullopt;
  std::size_t total = 0;
  for (const auto& [task, poster] : memory.poster_of) {
    const auto& written = memory.written.at(task);
    const auto word = [&](const char* member) { return json::parse(*written.at(member).begin()); };
    const json summary{{"poster", {{"id", poster}}},
                       {"category", word("category")},
                       {"mode", word("mode")},
                       {"price", word("price")}};
    total += fits(filter, summary) ? 1 : 0;
  }
  return total;
}

std::optional<std::string> order_breach(const json& input, const json& tasks) {
  const json sort = input.value("sort", json{{"field", "created_at"}, {"direction", "desc"}});
  const std::string field = sort["field"];
  const bool rising = sort["direction"] == "asc";
  for (std::size_t i = 1; i < tasks.size(); ++i) {
    const json& before = tasks[i - 1][field];
    const json& after = tasks[i][field];
    if (before.is_null() || after.is_null()) continue;
    if (rising ? after < before : before < after)
      return fmt::format("tasks[{}].{}: {} follows {}", i, field, after.dump(), before.dump());
  }
  return std::nullopt;
}

std::optional<std::string> page_breach(const json& input, const json& data) {
  const json page = input.value("pagination", json::object());
  const auto limit = page.value("limit", kDefaultPage);
  const auto offset = page.value("offset", std::size_t{0});
  const auto total = data.value("total", std::size_t{0});
  const std::size_t wanted = total > offset ? std::min(limit, total - offset) : 0;
  const std::size_t shown = data["tasks"].size();
  if (shown != wanted)
    return fmt::format("tasks: {} shown, {} follow from total {}, limit {} and offset {}", shown, wanted,
                       total, limit, offset);
  if (data["has_more"] != (total > offset + shown))
    return fmt::format("has_more is {} with {} of {} shown", data["has_more"].dump(), offset + shown, total);
  return std::nullopt;
}

}  // namespace

std::optional<std::string> list_breach(const Readback& memory, const std::string& caller, const json& input,
                                       const json& data) {
  const json filter = input.value("filter", json::object());
  for (const json& task : data["tasks"]) {
    if (!fits(filter, task))
      return fmt::format("tasks: {} does not fit the filter {}", task.dump().substr(0, 200), filter.dump());
    if (auto wrong = place_breach(memory, caller, task)) return "tasks: " + *wrong;
    const auto known = memory.written.find(task.value("id", ""));
    if (known == memory.written.end()) continue;
    if (filter.contains("worker_id") && !tried_to_accept(memory, known->first, filter["worker_id"]))
      return fmt::format("tasks: {} is listed for worker {}, who never asked for it", known->first,
                         filter["worker_id"].dump());
    for (const char* member : {"title", "category", "price", "mode", "deadline"}) {
      const auto sent = known->second.find(member);
      if (sent != known->second.end() && !sent->second.contains(task[member].dump()))
        return fmt::format("tasks: {} is {}, sent was {}", member, task[member].dump(),
                           *sent->second.begin());
    }
  }
  if (auto wrong = order_breach(input, data["tasks"])) return wrong;
  if (auto wrong = page_breach(input, data)) return wrong;
  const auto total = memory.uncertain ? std::nullopt : expected_total(memory, filter);
  if (total && data["total"] != *total)
    return fmt::format("total is {}, but {} tasks fit the filter {}", data["total"].dump(), *total,
                       filter.dump());
  return std::nullopt;
}

std::optional<std::string> xp_breach(const json& input, const json& data) {
  const auto level = data.value("current_level", std::size_t{0});
  if (level < 1 || level > kLevels.size()) return fmt::format("current_level is {}", level);
  const json& progress = data["level_progress"];
  const int low = kLevels[level - 1];
  const bool last = level == kLevels.size();
  if (progress["current_threshold"] != low || progress["next_threshold"].is_null() != last ||
      (!last && progress["next_threshold"] != kLevels[level]))
    return fmt::format("level_progress: {} at level {}", progress.dump(), level);
  const double share = last ? 100 : 100.0 * (data.value("total_xp", 0) - low) / (kLevels[level] - low);
  if (std::abs(progress["progress_percent"].get<double>() - share) > 0.51)
    return fmt::format("level_progress.progress_percent is {}, {:.2f} follows from the total",
                       progress["progress_percent"].dump(), share);
  const json& entries = data["recent_entries"];
  if (entries.size() > input.value("limit", kDefaultEntries))
    return fmt::format("recent_entries: {} entries", entries.size());
  for (std::size_t i = 1; i < entries.size(); ++i) {
    if (entries[i - 1]["balance_after"] < entries[i]["balance_after"])
      return fmt::format("recent_entries[{}] is newer than the one before it", i);
  }
  if (!entries.empty() && entries[0]["balance_after"] != data["total_xp"])
    return fmt::format("recent_entries[0].balance_after is {}, total_xp {}",
                       entries[0]["balance_after"].dump(), data["total_xp"].dump());
  return std::nullopt;
}

std::optional<std::string> badges_breach(const json& data) {
  const json& earned = data["earned_badges"];
  const json& open = data["available_badges"];
  if (data["total_earned"] != earned.size() || data["total_available"] != open.size())
    return "total_earned or total_available does not count its list";
  std::set<std::string> seen;
  for (const json* list : {&earned, &open}) {
    for (const json& badge : *list) {
      const std::string type = badge.value("badge_type", "");
      const auto fact = std::ranges::find(kBadgeFacts, std::string_view(type), &BadgeFact::type);
      if (fact == kBadgeFacts.end()) continue;  // a badge of somebody else's list
      if (badge["badge_tier"] != fact->tier)
        return fmt::format("{} has tier {}, expected {}", type, badge["badge_tier"].dump(), fact->tier);
      if (!seen.insert(type).second) return fmt::format("{} is listed twice", type);
    }
  }
  return std::nullopt;
}

std::optional<std::string> steps_breach(const json& data) {
  constexpr std::array<std::string_view, 4> kPhaseOfOpenStep{"ROLE_SELECTION", "PROFILE_SETUP",
                                                             "CAPABILITY_CLAIMS", "TUTORIAL"};
  json done = json::array();
  std::size_t open = model::kOnboardingStepNames.size();
  for (std::size_t i = model::kOnboardingStepNames.size(); i-- > 0;) {
    const std::string_view step = model::kOnboardingStepNames[i];
    const bool completed =
        std::ranges::any_of(data["completed_steps"], [&](const json& s) { return s == step; });
    if (completed) done.insert(done.begin(), step);
    if (!completed) open = i;
  }
  if (data["completed_steps"] != done)
    return fmt::format("completed_steps: {} are not some of the steps in their order",
                       data["completed_steps"].dump());
  const std::string phase = data.value("phase", "");
  const bool ended = phase == "COMPLETED", all = open == kPhaseOfOpenStep.size();
  const std::string_view due = done.empty() ? "NOT_STARTED" : all ? "TUTORIAL" : kPhaseOfOpenStep[open];
  if (!ended && phase != due) return fmt::format("phase is {} after {}", phase, done.dump());
  const json next = ended ? json() : all ? json("complete") : json(model::kOnboardingStepNames[open]);
  if (data["next_step"] != next)
    return fmt::format("next_step is {} after {}", data["next_step"].dump(), done.dump());
  if (const auto percent = data.find("profile_percent_complete");
      percent != data.end() && *percent != 25 * done.size())
    return fmt::format("profile_percent_complete is {} after {}", percent->dump(), done.dump());
  const bool chosen = std::ranges::any_of(done, [](const json& s) { return s == "role"; });
  if (const auto role = data.find("role"); role != data.end() && role->is_null() == chosen)
    return fmt::format("role is {} after {}", role->dump(), done.dump());
  return std::nullopt;
}

std::optional<std::string> tier_breach(const json& data) {
  constexpr std::array kCompleted{5, 20, 100};
  const auto tier = data.value("current_tier", std::size_t{0});
  if (tier < 1 || tier > model::kTierNames.size()) return fmt::format("current_tier is {}", tier);
  if (data["tier_name"] != model::kTierNames[tier - 1])
    return fmt::format("tier_name is {} at tier {}", data["tier_name"].dump(), tier);
  const bool last = tier == model::kTierNames.size();
  if (data["next_tier"].is_null() != last || (!last && data["next_tier"] != tier + 1))
    return fmt::format("next_tier is {} at tier {}", data["next_tier"].dump(), tier);
  if (last) return std::nullopt;
  const json& next = data["requirements_for_next"];
  if (!next.is_object() || next["tasks_completed"]["required"] != kCompleted[tier - 1])
    return fmt::format("requirements_for_next is {} at tier {}", next.dump(), tier);
  return std::nullopt;
}

}  // namespace loadgen
