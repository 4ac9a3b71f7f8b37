// How many calls a key has left (safety-and-abuse.md §4): the calls of the last `window` count, whenever it
// began. A refused call does not count.
#pragma once

#include <deque>

#include "model/vocabulary/instant.h"

namespace model::rules {

class SlidingWindow {
 public:
  SlidingWindow(std::size_t limit, Millis window) : limit_(limit), window_(window) {}

  // Whether a call at `now` is let through; `now` never goes back.
  bool take(Instant now) {
    while (!taken_.empty() && now.ms - taken_.front().ms >= window_) taken_.pop_front();
    if (taken_.size() >= limit_) return false;
    taken_.push_back(now);
    return true;
  }

 private:
  std::size_t limit_;
  Millis window_;
  std::deque<Instant> taken_;
};

}  // namespace model::rules
