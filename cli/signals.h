// Ctrl-C and SIGTERM as a flag: the first asks the command to stop in good order, the second ends the process
// at once (children die with it, watchdogs remove its directories).
#pragma once

#include <atomic>
#include <chrono>
#include <thread>

namespace cli {

class StopSignals {
 public:
  StopSignals();  // in the main thread, before any other thread starts: threads inherit the blocked signals
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  bool stopped() const { return stopped_; }
  const std::atomic<bool>& flag() const { return stopped_; }
  bool wait(std::chrono::milliseconds timeout) const;  // true as soon as stopped

 private:
  void listen(int signals);

  std::atomic<bool> stopped_ = false;
  int finish_ = -1;    // eventfd: ends the listening thread
  int announce_ = -1;  // eventfd: readable once stopped
  std::thread listener_;
};

}  // namespace cli
