#include "loadgen/campaign/side_schedule.h"

#include <algorithm>
#include <array>
#include <memory>
#include <mutex>
#include <span>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <vector>

#include "loadgen/campaign/health_check.h"
#include "loadgen/campaign/history_checks.h"
#include "loadgen/campaign/inspection_check.h"
#include "loadgen/campaign/items.h"
#include "loadgen/campaign/keys_check.h"
#include "loadgen/campaign/meetings.h"
#include "loadgen/campaign/money_checks.h"
#include "loadgen/campaign/protocol_check.h"
#include "loadgen/campaign/safety_stage.h"
#include "loadgen/campaign/standing_checks.h"
#include "loadgen/campaign/torn_reads_check.h"
#include "loadgen/control.h"
#include "loadgen/environment/side_stage.h"

namespace loadgen {
namespace {

struct SideCheck {
  std::string_view name;
  void (*run)(const SafetyStage&);
};

// Within a lane the shorter ones come first, so that what is broken anywhere shows early.
// Administration begins, because it wants a clock that nobody has moved yet.
constexpr std::array kPower{SideCheck{"administration", check_administration},
                            SideCheck{"rights", check_rights},
                            SideCheck{"standing", check_standing},
                            SideCheck{"strike-records", check_strike_records},
                            SideCheck{"standing-orders", check_standing_orders},
                            SideCheck{"standing-money", check_standing_money},
                            SideCheck{"own-matters", check_own_matters},
                            SideCheck{"moderation", check_moderation},
                            SideCheck{"appeals", check_appeals},
                            SideCheck{"overrides", check_overrides},
                            SideCheck{"privacy", check_privacy},
                            SideCheck{"moments", check_moments},
                            SideCheck{"meetings-of-records", check_meetings_of_records},
                            SideCheck{"torn-reads", check_torn_reads},
                            SideCheck{"roles", check_role_matrix},
                            SideCheck{"uploads", check_uploads},
                            SideCheck{"inspections", check_inspections},
                            SideCheck{"freeze", check_freeze}};
constexpr std::array kMoney{SideCheck{"events", check_events},
                            SideCheck{"intents", check_intents},
                            SideCheck{"payouts", check_payouts},
                            SideCheck{"payout-paths", check_payout_paths},
                            SideCheck{"large-amounts", check_large_amounts},
                            SideCheck{"burnt-keys", check_burnt_keys},
                            SideCheck{"keys-in-use", check_keys_in_use},
                            SideCheck{"late-answers", check_late_answers},
                            SideCheck{"wire", check_wire},
                            SideCheck{"keys", check_keys},
                            SideCheck{"meetings", check_meetings},
                            SideCheck{"backlog", check_backlog},
                            SideCheck{"lost-commits", check_lost_commits},
                            SideCheck{"drain", check_drain},
                            SideCheck{"troubles", check_troubles},
                            SideCheck{"collisions", check_collisions}};
constexpr std::array kCrowds{SideCheck{"protocol", check_protocol},
                             SideCheck{"payloads", check_payloads},
                             SideCheck{"several-records", check_several_records},
                             SideCheck{"limits", check_limits},
                             SideCheck{"risk", check_risk},
                             SideCheck{"score-reviews", check_score_reviews},
                             SideCheck{"adversaries", check_adversaries},
                             SideCheck{"windows", check_windows},
                             SideCheck{"beta", check_beta},
                             SideCheck{"beta-places", check_beta_places},
                             SideCheck{"meetings-of-the-marketplace", check_meetings_of_the_marketplace},
                             SideCheck{"health", check_health}};
constexpr std::array kRecords{SideCheck{"requirements", check_requirements}, SideCheck{"tiers", check_tiers}};
constexpr std::array kOwnTime{SideCheck{"pairs", check_pairs}, SideCheck{"expiry", check_expiry},
                              SideCheck{"instants", check_instants}, SideCheck{"jobs", check_jobs}};
constexpr std::array kMany{SideCheck{"nearby", check_nearby}, SideCheck{"lists", check_long_lists},
                           SideCheck{"streaks", check_streaks}};

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

bool wanted(const SideContext& context, const SideCheck& check) {
  return context.only.empty() || std::ranges::find(context.only, check.name) != context.only.end();
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
