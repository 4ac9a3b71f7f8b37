#include "loadgen/load/shard_run.h"

namespace loadgen::load {

StoryRun* ShardRun::admit(const sim::PlannedJourney& journey) {
  if (journey.retired != sim::kNoStory) {
    const auto old = stories_.find(journey.retired);
    if (old != stories_.end()) {
      old->second.retired = true;
      if (old->second.pending == 0 && journey.retired != journey.story) stories_.erase(old);
    }
  }
  if (journey.story == sim::kNoStory) return nullptr;
  StoryRun& of = stories_[journey.story];
  ++of.pending;
  return &of;
}

ShardRun::Turn ShardRun::turn(const sim::PlannedJourney& journey, StoryRun* story, std::uint32_t job) {
  if (story == nullptr) return Turn::go;
  if (story->broken && story->done >= journey.turn) return Turn::skip;
  if (story->done < journey.turn) {
    story->waiting.push_back(job);
    return Turn::wait;
  }
  if (journey.kind != sim::Journey::accept) return Turn::go;
  WorkerRun& by = workers_[journey.worker];
  if (by.ended >= journey.worker_turn) return Turn::go;
  by.waiting.push_back(job);
  return Turn::wait;
}

void ShardRun::over(const sim::PlannedJourney& journey, StoryRun* story, bool clean,
                    std::vector<std::uint32_t>& woken) {
  const auto wake = [&](std::vector<std::uint32_t>& waiting) {
    woken.insert(woken.end(), waiting.begin(), waiting.end());
    waiting.clear();
  };
  if (journey.worker != UINT32_MAX) {
    WorkerRun& by = workers_[journey.worker];
    by.tainted |= !clean;
    if (journey.ends) {
      ++by.ended;
      wake(by.waiting);
    }
  }
  if (story == nullptr) return;
  story->broken |= !clean;
  if (journey.advances) ++story->done;
  wake(story->waiting);
  if (--story->pending == 0 && story->retired) stories_.erase(journey.story);
}

}  // namespace loadgen::load
