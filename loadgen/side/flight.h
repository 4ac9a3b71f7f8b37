// A call on its way in a thread of its own, and how long to wait for it when it may be held by a lock.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>

#include "loadgen/side/side_client.h"

namespace loadgen {

class Flight {
 public:
  template <class Work>  // answers what the call was told
  explicit Flight(Work work)
      : thread_([this, work] {
          reply_ = work();
          answered_ = true;
        }) {}
  bool answered() const { return answered_; }
  std::string reply() {
    if (thread_.joinable()) thread_.join();
    return reply_;
  }

 private:
  std::atomic<bool> answered_{false};
  std::string reply_;
  std::jthread thread_;
};

// Until the call is answered or so many sessions of the database wait for a lock; a call that does neither is
// given up after a while.
inline void until_held(SideClient& monitor, const Flight& flight, std::int64_t waiters) {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::milliseconds kPatience{1500};
  constexpr std::chrono::microseconds kLook{200};
  const auto waiting = [&] {
    return std::stoll(
        monitor.sql("SELECT count(*) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND wait_event_type = 'Lock'"));
  };
  const Clock::time_point limit = Clock::now() + kPatience;
  while (!flight.answered() && waiting() < waiters && Clock::now() < limit)
    std::this_thread::sleep_for(kLook);
}

}  // namespace loadgen
