// The load part of a scenario: when journeys begin (phases), who makes them (populations) and what must hold
// (thresholds). Plain data; sim/journeys.h plans the journeys, loadgen/load runs them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sim {

// What somebody comes to do. Journeys that work on a task meet there: what one brings about, another finds.
enum class Journey : std::uint8_t {
  read,       // one task, once: task.getById
  feed,       // a worker's feed, once: feed.get
  recompute,  // a credential changes its state, which recomputes the capability profile; the profile is read
  browse,     // a worker: feed, a task, may he take it; its poster: own tasks, the escrow, the own profile
  post,       // task.create, and no more
  post_and_fund,  // task.create, escrow.createIntent, payment, until the escrow shows FUNDED
  accept,         // a worker takes a funded task and looks at it
  prove,          // the worker hands in a proof and looks at it
  review,         // the poster accepts the proof, completes, sees the money released; or rejects
  dispute,        // the poster disputes, an admin decides, the money is seen to follow
  cancel,         // the poster gives an open task up and sees the refund
  webhook_storm,  // the payment event once more: three genuine deliveries, one forged; nothing may change
};
inline constexpr std::array<std::string_view, 12> kJourneyNames{
    "read",   "feed",  "recompute", "browse",  "post",   "post_and_fund",
    "accept", "prove", "review",    "dispute", "cancel", "webhook_storm"};
inline constexpr std::size_t kJourneys = kJourneyNames.size();
constexpr std::string_view name(Journey journey) {
  return kJourneyNames[static_cast<std::size_t>(journey)];
}

inline constexpr std::array<std::string_view, 3> kPhaseKinds{"warm-up", "measure", "cool-down"};
inline constexpr std::array<std::string_view, 10> kArrivalNames{
    "constant",     "poisson", "ramp",          "ramp-poisson", "step",
    "step-poisson", "spike",   "spike-poisson", "day",          "day-poisson"};

struct LoadPhase {
  std::string name;
  std::string kind = "measure";  // one of kPhaseKinds; figures and thresholds are of "measure"
  double seconds = 0;
  std::string arrivals = "poisson";  // one of kArrivalNames
  double rate = 0;  // journeys that arrive per second, the highest of the curve; 0 when nobody arrives
};

// Either people who arrive whatever the target does (share), or a fixed number of users (closed loop): each
// makes a journey, thinks, and makes the next one, from the first phase to the last.
struct Population {
  std::string name;
  double share = 0;          // of the journeys that arrive, relative to the other populations
  std::int64_t users = 0;    // closed loop
  double think_seconds = 0;  // closed loop: the mean of exponential pauses; 0: none
  std::array<std::int64_t, kJourneys> weights{};  // by Journey
};

struct LoadPeople {
  std::int64_t posters = 64;
  std::int64_t workers = 256;
};

struct Load {
  std::vector<LoadPhase> phases;
  std::vector<Population> populations;
  LoadPeople people;
  std::vector<std::string> thresholds;  // loadgen/load/thresholds.h
  bool abort = false;                   // end the run at the first threshold that is crossed for good

  std::int64_t users() const {  // of all populations
    std::int64_t sum = 0;
    for (const Population& population : populations) sum += population.users;
    return sum;
  }
};

}  // namespace sim
