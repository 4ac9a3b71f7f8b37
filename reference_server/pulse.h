// Asks the database every half second whether it is there, so that a health answer never waits (OPS-2).
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "reference_server/database.h"
#include "reference_server/log.h"
#include "reference_server/metrics.h"

namespace server {

struct PoolLoad {
  std::size_t busy = 0, waiting = 0;
};

class Pulse {
 public:
  // Has looked once when it returns, so that a server that listens knows its state.
  Pulse(std::string database_url, std::function<PoolLoad()> load, Metrics& metrics, Log& log);
  ~Pulse();
  Pulse(const Pulse&) = delete;
  Pulse& operator=(const Pulse&) = delete;

  bool healthy() const { return healthy_; }  // at the last look
  std::string schema_version() const;        // the latest applied (OPS-3), "" before the first look

 private:
  void run();
  void look(Session& session);
  void try_to_look(Session& session);
  std::string url_;
  std::function<PoolLoad()> load_;
  Metrics& metrics_;
  Log& log_;
  std::atomic<bool> healthy_{false};
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::string version_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace server
