// A lock that the harness takes, so that calls meet: each looks at what it asks and stops where it would
// write.
#pragma once

#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "loadgen/side/side_client.h"

namespace loadgen {

// A table ("LOCK TABLE tasks IN SHARE MODE": it may be read, and its rows locked) or rows ("SELECT … FOR
// UPDATE"). Given back in any case, so that nobody waits for ever.
class Held {
 public:
  Held(SideClient& client, const std::string& lock) : client_(client) {
    client_.sql("BEGIN");
    try {
      client_.sql(lock);
    } catch (const std::runtime_error&) {
      release();
      throw;
    }
  }
  ~Held() { release(); }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  // Until so many sessions wait, for this lock or for one another, or for a while nobody joins them: a server
  // may have fewer connections, or make one bundle of calls that come together.
  void await(std::size_t sessions) {
    using Clock = std::chrono::steady_clock;
    constexpr std::chrono::milliseconds kFirst{2000}, kNobodyElse{500};  // the first may have to connect
    std::size_t most = 0;
    Clock::time_point since = Clock::now();
    while (most < sessions && Clock::now() - since < (most == 0 ? kFirst : kNobodyElse)) {
      if (const std::size_t now = waiting(); now > most) most = now, since = Clock::now();
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }
  void let_in(std::size_t sessions) {
    await(sessions);
    release();
  }
  void release() {
    if (!std::exchange(held_, false)) return;
    try {
      client_.sql("ROLLBACK");
    } catch (const std::runtime_error&) {
      return;  // the database is gone, and the lock with it
    }
  }

 private:
  std::size_t waiting() {
    client_.sql("SELECT pg_stat_clear_snapshot()");  // a transaction sees activity as it was otherwise
    return std::stoul(
        client_.sql("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
                    "wait_event_type = 'Lock'"));
  }

  SideClient& client_;
  bool held_ = true;
};

}  // namespace loadgen
