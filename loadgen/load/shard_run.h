// What the execution remembers of a share's tasks and workers while journeys go on: identifiers, how far each
// task has come, who waits for it. Journeys on one task happen in the order of the plan, never side by side.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "loadgen/load/quick_answer.h"
#include "sim/journeys.h"

namespace loadgen::load {

struct StoryRun {
  StoryIds ids;
  std::uint32_t done = 0;     // turns that are over
  std::uint32_t pending = 0;  // journeys that name it and are not over
  bool broken = false;        // a journey failed: what comes after it cannot be
  bool retired = false;       // no later journey will name it
  std::vector<std::uint32_t> waiting;
};

struct WorkerRun {
  std::uint32_t ended = 0;  // stories
  bool tainted = false;     // a story of his failed: his XP is not known any more
  std::vector<std::uint32_t> waiting;
};

class ShardRun {
 public:
  explicit ShardRun(std::uint32_t workers) : workers_(workers) {}

  // Takes note of a journey when it is due; nullptr for journeys without a task. What is returned stays where
  // it is until the journey is over.
  StoryRun* admit(const sim::PlannedJourney& journey);
  WorkerRun& worker(std::uint32_t number) { return workers_[number]; }

  enum class Turn : std::uint8_t { go, wait, skip };
  // `wait`: `job` is among those that over() returns later. `story`: what admit() returned.
  Turn turn(const sim::PlannedJourney& journey, StoryRun* story, std::uint32_t job);
  // A journey is over; `woken` receives the jobs that may try again.
  void over(const sim::PlannedJourney& journey, StoryRun* story, bool clean,
            std::vector<std::uint32_t>& woken);

 private:
  std::unordered_map<std::uint64_t, StoryRun> stories_;
  std::vector<WorkerRun> workers_;
};

}  // namespace loadgen::load
