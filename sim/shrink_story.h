// Makes a failing story smaller: fewer calls first, then fewer people, then simpler calls. Works on calls
// instead of single choices, so that no attempt is spent on half a call.
#pragma once

#include <cstddef>
#include <functional>

#include "sim/shrink.h"
#include "sim/story.h"

namespace sim {

struct ShrunkStory {
  Story story;  // fails the same way; the best so far when the budget ended
  std::size_t attempts = 0;
  std::size_t successes = 0;
  bool minimal = false;  // without any one of its calls it does not fail any more
};

// `still_fails` must mean the same failure; it is never asked about the same story twice. `story` itself is
// taken to fail.
ShrunkStory shrink_story(Story story, const std::function<bool(const Story&)>& still_fails,
                         const ShrinkBudget& budget);

// The same story with people, tasks and other slots numbered from 0 without gaps.
Story renumbered(const Story& story);

}  // namespace sim
