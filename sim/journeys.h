// Journeys planned from the model: who does what about which task, and what must be answered. A planner is a
// stream: it is told when a journey begins and says which one it is, with every command and its expected
// answer. Nothing flows back from the execution, so the same seed gives the same journeys everywhere.
//
// Accounts and tasks are divided into kShards fixed shares; journey number k belongs to share k % kShards,
// each share has a planner of its own. Threads own whole shares, so the plan is the same at any thread count.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "model/rules/world.h"
#include "model/vocabulary/command.h"
#include "model/vocabulary/outcome.h"
#include "sim/load.h"

namespace sim {

inline constexpr std::size_t kShards = 16;
inline constexpr std::size_t kVariants = 64;  // different tasks, proofs and disputes
inline constexpr std::uint64_t kNoStory = UINT64_MAX;

// Numbers of accounts within a share; the users of a story's world are always these three.
inline constexpr model::UserId kPoster{0}, kWorker{1}, kAdmin{2};
inline constexpr model::TaskId kTask{0};

enum class StepKind : std::uint8_t {
  call,        // a procedure of the target
  pay,         // the poster confirms the payment at the processor, which delivers the event by itself
  effect,      // a read, repeated until it shows the event's effect
  find_event,  // asks the processor for the payment event
  envelope,    // asks the processor for its bytes and signature
  deliver,     // one delivery to the target's webhook endpoint
};

struct JourneyStep {
  StepKind kind = StepKind::call;
  std::uint8_t variant = 0;  // which of the prepared texts
  model::Command command;
  model::Outcome expected;
};

struct PlannedJourney {
  Journey kind = Journey::read;
  std::uint8_t population = 0;
  std::uint16_t shard = 0;
  std::uint32_t poster = 0, worker = UINT32_MAX;  // within the share; UINT32_MAX: nobody works
  std::uint64_t story = kNoStory;                 // the task or credential, numbered in the share from 0
  std::uint32_t turn = 0;            // journeys of the story that must be over before this one begins
  std::uint32_t worker_turn = 0;     // stories that the worker must have ended, when this journey accepts one
  bool advances = false;             // counts as a turn: later journeys wait for it
  bool ends = false;                 // the worker is free again afterwards
  std::uint64_t retired = kNoStory;  // a story that no later journey will name
  std::vector<JourneyStep> steps;
};

struct PlannerOptions {
  std::uint64_t seed = 0;
  std::size_t shard = 0;
  std::uint32_t posters = 4, workers = 16;  // of the share
  model::Instant start;                     // wall clock at instant 0
};

// Accounts are divided evenly, rounded up.
PlannerOptions planner_options(const Load& load, std::uint64_t seed, std::size_t shard, model::Instant start);

// The tasks that are posted, the same for every share of a seed.
std::vector<model::Command> task_variants(std::uint64_t seed);

class JourneyPlanner {
 public:
  JourneyPlanner(const Load& load, const PlannerOptions& options);

  // The journey that begins `at_ns` after the start; instants never go back. `out` is filled anew and keeps
  // its memory. `population`: of the user whose journey it is; kArrives: drawn by the shares.
  static constexpr std::size_t kArrives = SIZE_MAX;
  void next(std::int64_t at_ns, PlannedJourney& out, std::size_t population = kArrives);

 private:
  enum class Stage : std::uint8_t { posted, funded, accepted, proved, ended };
  static constexpr std::size_t kStages = 5;
  struct Story {
    std::uint64_t serial = 0;
    std::uint32_t poster = 0, worker = UINT32_MAX, turns = 0;
    model::World world;
  };
  struct Waiting {  // of a stage; the instant stands here, so that looking for something to do opens no story
    std::uint32_t slot;
    std::int64_t ready_ns;
  };
  struct Worker {
    model::User user;
    std::uint32_t stories = 0;  // that were given to him
  };
  struct Credential {  // of a poster
    std::uint64_t serial = kNoStory;
    std::uint32_t turns = 0;
    std::int64_t ready_ns = 0;
    model::Verification record;
  };

  std::uint64_t random();
  std::uint32_t pick(std::uint32_t alternatives) {
    return static_cast<std::uint32_t>(random() % alternatives);
  }
  std::size_t who_arrives();
  Journey wish(std::size_t population);
  Journey possible(Journey wished, std::int64_t at_ns) const;
  bool ready(Stage stage, std::int64_t at_ns) const;
  std::uint32_t take(Stage stage);
  std::uint32_t take_any(std::int64_t at_ns, bool ended_too, Stage& stage);
  std::uint32_t take_newest_funded(std::int64_t at_ns);
  void put(Stage stage, std::uint32_t slot, std::int64_t at_ns, PlannedJourney& out);
  std::uint32_t new_story();
  void bring_about(Journey kind, std::int64_t at_ns, PlannedJourney& out);
  void look(Journey kind, std::int64_t at_ns, PlannedJourney& out);
  void progress(Journey kind, std::int64_t at_ns, PlannedJourney& out);
  std::uint32_t take_credential(std::int64_t at_ns);
  void recompute(std::int64_t at_ns, PlannedJourney& out);
  Stage write_steps(Journey kind, Story& story, PlannedJourney& out);
  void name(Story& story, PlannedJourney& out, bool advances);

  const Load& load_;
  PlannerOptions options_;
  std::uint64_t random_;
  double shares_ = 0;
  std::vector<model::Command> variants_;
  model::Instant now_;
  std::vector<Story> stories_;
  std::vector<std::uint32_t> free_stories_;
  std::array<std::deque<Waiting>, kStages> stages_;
  std::vector<Worker> workers_;
  std::deque<std::uint32_t> free_workers_;
  std::vector<Credential> credentials_;  // of those who have begun
  std::deque<std::uint32_t> in_turn_;    // the one left alone longest first
  model::World credential_world_;        // of whoever is at it
  std::uint64_t serial_ = 0;
};

}  // namespace sim
