#include "sim/providers/scheduler.h"

#include <utility>

namespace sim::providers {

Scheduler::Scheduler(int threads) {
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

Scheduler::~Scheduler() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Scheduler::after(std::chrono::milliseconds delay, Job job) {
  {
    const std::lock_guard lock(mutex_);
    jobs_.emplace(Clock::now() + delay, std::move(job));
  }
  changed_.notify_one();
}

void Scheduler::work() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (jobs_.empty()) {
      changed_.wait(lock);
      continue;
    }
    const auto due = jobs_.begin()->first;
    if (Clock::now() < due) {
      changed_.wait_until(lock, due);
      continue;
    }
    Job job = std::move(jobs_.extract(jobs_.begin()).mapped());
    lock.unlock();
    job();
    job = nullptr;  // what it holds is let go without the lock
    lock.lock();
  }
}

}  // namespace sim::providers
