// How many may work at the same time; the number may change while they do.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>

namespace loadgen {

class Turns {
 public:
  explicit Turns(int at_once) : at_once_(at_once) {}

  void allow(int at_once);  // who is at work goes on

  // Waits for a turn, works, and passes it on, also when the work throws. False: interrupted before it began.
  bool during(const std::function<bool()>& interrupted, const std::function<void()>& work);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int at_once_;
  int working_ = 0;
};

}  // namespace loadgen
