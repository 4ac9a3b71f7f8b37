#include "loadgen/side/side_schedule.h"

#include <algorithm>
#include <array>
#include <memory>
#include <mutex>
#include <span>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <vector>

#include "loadgen/campaign/items.h"
#include "loadgen/control.h"
#include "loadgen/environment/side_stage.h"
#include "loadgen/side/safety_stage.h"
#include "loadgen/side/side_checks.h"

namespace loadgen {
namespace {

struct SideCheck {
  std::string_view name;
  std::string_view counter;  // what it counts begins so: some item asks for that (items.cpp)
  void (*run)(const SafetyStage&);
};

// Within a lane the shorter ones come first, so that what is broken anywhere shows early.
// Administration begins, because it wants a clock that nobody has moved yet.
constexpr std::array kPower{SideCheck{"administration", "safety admin", check_administration},
                            SideCheck{"rights", "safety admin", check_rights},
                            SideCheck{"standing", "safety standing", check_standing},
                            SideCheck{"strike-records", "safety standing", check_strike_records},
                            SideCheck{"standing-orders", "safety standing", check_standing_orders},
                            SideCheck{"standing-money", "safety standing", check_standing_money},
                            SideCheck{"own-matters", "safety admin", check_own_matters},
                            SideCheck{"moderation", "safety moderation", check_moderation},
                            SideCheck{"appeals", "safety appeals", check_appeals},
                            SideCheck{"overrides", "safety overrides", check_overrides},
                            SideCheck{"privacy", "safety privacy", check_privacy},
                            SideCheck{"moments", "safety moments", check_moments},
                            SideCheck{"meetings-of-records", "safety collisions", check_meetings_of_records},
                            SideCheck{"torn-reads", "safety collisions", check_torn_reads},
                            SideCheck{"roles", "safety roles", check_role_matrix},
                            SideCheck{"uploads", "safety uploads", check_uploads},
                            SideCheck{"inspections", "safety inspections", check_inspections},
                            SideCheck{"freeze", "safety freeze", check_freeze}};
constexpr std::array kMoney{SideCheck{"events", "safety payouts", check_events},
                            SideCheck{"intents", "safety payouts", check_intents},
                            SideCheck{"payouts", "safety payouts", check_payouts},
                            SideCheck{"payout-paths", "safety payouts", check_payout_paths},
                            SideCheck{"large-amounts", "safety payouts", check_large_amounts},
                            SideCheck{"burnt-keys", "safety payouts", check_burnt_keys},
                            SideCheck{"keys-in-use", "safety payouts", check_keys_in_use},
                            SideCheck{"late-answers", "safety payouts", check_late_answers},
                            SideCheck{"wire", "safety wire", check_wire},
                            SideCheck{"keys", "safety wire", check_keys},
                            SideCheck{"meetings", "safety collisions", check_meetings},
                            SideCheck{"backlog", "safety payouts", check_backlog},
                            SideCheck{"lost-commits", "safety troubles", check_lost_commits},
                            SideCheck{"drain", "safety troubles", check_drain},
                            SideCheck{"troubles", "safety troubles", check_troubles},
                            SideCheck{"collisions", "safety collisions", check_collisions}};
constexpr std::array kCrowds{
    SideCheck{"protocol", "safety wire", check_protocol},
    SideCheck{"payloads", "safety payloads", check_payloads},
    SideCheck{"several-records", "safety requirements", check_several_records},
    SideCheck{"limits", "safety limits", check_limits},
    SideCheck{"risk", "safety risk", check_risk},
    SideCheck{"score-reviews", "safety risk", check_score_reviews},
    SideCheck{"adversaries", "safety abuse", check_adversaries},
    SideCheck{"windows", "safety abuse", check_windows},
    SideCheck{"beta", "safety beta", check_beta},
    SideCheck{"beta-places", "safety beta", check_beta_places},
    SideCheck{"meetings-of-the-marketplace", "safety collisions", check_meetings_of_the_marketplace},
    SideCheck{"health", "safety troubles", check_health}};
constexpr std::array kRecords{SideCheck{"requirements", "safety requirements", check_requirements},
                              SideCheck{"tiers", "safety tiers", check_tiers}};
constexpr std::array kOwnTime{
    SideCheck{"pairs", "safety collisions", check_pairs}, SideCheck{"expiry", "safety jobs", check_expiry},
    SideCheck{"instants", "safety wire", check_instants}, SideCheck{"jobs", "safety jobs", check_jobs}};
constexpr std::array kMany{SideCheck{"nearby", "safety requirements", check_nearby},
                           SideCheck{"lists", "safety wire", check_long_lists},
                           SideCheck{"streaks", "safety tiers", check_streaks}};

struct Lane {
  std::string_view name;
  std::span<const SideCheck> checks;
  std::span<const SideCheck> planters;  // of rows without history: only after the rows were compared
  bool limited = false;                 // needs a server with limits on calls
};
constexpr std::array<Lane, kSideLanes> kLanes{
    Lane{"power", kPower, kRecords}, Lane{"money", kMoney, kOwnTime}, Lane{"crowds", kCrowds, kMany, true}};

// What every check takes for granted (a task is funded, accepted, reviewed) did not happen: that is a breach
// as well, and the other checks go on.
void run_check(const SideCheck& check, const SafetyStage& stage) {
  constexpr std::string_view kOurs = "side stage: ";
  SafetyStage own = stage;
  own.check = check.name;
  try {
    check.run(own);
  } catch (const std::runtime_error& trouble) {
    const std::string text = trouble.what();
    if (!text.starts_with(kOurs)) throw;
    own.broken("usual course", "state-machines.md §1-§4",
               "a step that must succeed was refused: " + text.substr(kOurs.size()), "ok",
               text.substr(kOurs.size()));
  }
}

bool among(std::span<const std::string> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

// By its name, or because an item of a selected group asks for what it counts.
bool wanted(const SideContext& context, const SideCheck& check) {
  if (!context.only.empty()) return among(context.only, check.name);
  return context.groups.empty() || std::ranges::any_of(all_items(), [&](const ItemFacts& item) {
           return among(context.groups, item.group) && std::ranges::any_of(item.needs, [&](const Need& need) {
                    return need.counter.starts_with(check.counter);
                  });
         });
}

void run_lane(const SideContext& context, const Lane& lane) {
  const auto meant = [&](const SideCheck& check) { return wanted(context, check); };
  if (context.interrupted()) return;
  if (std::ranges::none_of(lane.checks, meant) && std::ranges::none_of(lane.planters, meant)) return;
  std::unique_ptr<SideStage> side;
  std::string open, limited;
  context.timeline.during("side stage: " + std::string(lane.name) + " opens", [&] {
    side = std::make_unique<SideStage>(context.environment);
    Control(side->providers()).deliver_manually();
    const std::string biometrics = side->providers();
    open = side->start_server({"--rate-limits", "off", "--biometrics-url", biometrics});
    if (lane.limited) {
      limited = side->start_server(
          {"--rate-limits", "on", "--trusted-proxies", "1", "--biometrics-url", biometrics});
    }
  });
  SideLog log;
  const SafetyStage stage{context.environment, context.judge, context.interrupted, *side, log, open, limited};
  const auto run_all = [&](std::span<const SideCheck> checks) {
    try {
      for (const SideCheck& check : checks) {
        if (!meant(check)) continue;
        const bool ran = context.turns.during(context.interrupted, [&] {
          context.timeline.during("side stage: " + std::string(check.name), [&] { run_check(check, stage); });
        });
        if (!ran) return;
      }
    } catch (const SideStopped&) {
      return;  // in good order
    }
  };
  run_all(lane.checks);
  // Stopped or not: the rows tell of every call that was made.
  context.timeline.during("side stage: rows of " + std::string(lane.name), [&] { check_side_rows(stage); });
  run_all(lane.planters);
}

// The first trouble of any lane; "" when there was none.
std::string run_lanes(const SideContext& context) {
  std::mutex mutex;
  std::string trouble;
  std::vector<std::jthread> threads;
  threads.reserve(kLanes.size());
  for (const Lane& lane : kLanes) {
    threads.emplace_back([&] {
      try {
        run_lane(context, lane);
      } catch (const std::exception& caught) {
        const std::scoped_lock lock(mutex);
        if (trouble.empty()) trouble = caught.what();
      }
    });
  }
  threads.clear();
  return trouble;
}

}  // namespace

std::vector<std::string_view> side_check_names() {
  std::vector<std::string_view> names;
  for (const Lane& lane : kLanes) {
    for (const std::span<const SideCheck> checks : {lane.checks, lane.planters})
      for (const SideCheck& check : checks) names.push_back(check.name);
  }
  return names;
}

void check_safety(const SideContext& context, Impossible& impossible) {
  // What was not tried stays UNKNOWN; the marketplace that is driven is another one.
  const std::string why = context.environment.owns_server()
                              ? run_lanes(context)
                              : "the target is not ours: it cannot be frozen, filled up or throttled";
  if (why.empty()) return;
  for (const ItemFacts& item : all_items()) {
    for (const Need& need : item.needs) {
      if (need.counter.starts_with("safety ")) impossible[std::string(need.counter)] = why;
    }
  }
}

}  // namespace loadgen
