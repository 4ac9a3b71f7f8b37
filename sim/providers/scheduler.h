// A few threads that run jobs now or later: everything that must not hold up a network thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

namespace sim::providers {

class Scheduler {
 public:
  using Job = std::move_only_function<void()>;

  explicit Scheduler(int threads);
  ~Scheduler();  // waits for running jobs, drops the others
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  // Jobs that are due run in the order of their times. A job must not throw.
  void after(std::chrono::milliseconds delay, Job job);

 private:
  void work();

  using Clock = std::chrono::steady_clock;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::multimap<Clock::time_point, Job> jobs_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace sim::providers
