// Carries out what was committed as an intention (table outbox_events): payouts, refunds, cancelled intents.
// Claim, call, mark: a crash anywhere leaves a row that is due again after its lease, and the idempotency key
// makes the repeated call harmless, so money moves once.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "reference_server/database.h"
#include "reference_server/log.h"
#include "reference_server/processor.h"

namespace server {

struct OutboxOptions {
  std::string database_url;
  int dispatchers = 4;  // threads, each with a database and a processor connection
  int rows_per_claim = 16;
  std::chrono::milliseconds lease{30'000};
  std::chrono::milliseconds poll{1000};  // how often to look without being woken
};

struct OutboxState {
  std::int64_t pending = 0;  // rows not carried out, due or not
  std::int64_t due = 0;
  std::int64_t claimed = 0;  // by a dispatcher whose lease runs
  double oldest_age_seconds = 0;
};

class Outbox {
 public:
  Outbox(const OutboxOptions& options, Processors& processors, Log& log);
  ~Outbox();  // finishes the rows at hand
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  void wake();  // after a commit that may have written a row

  // Carries out every due row on the caller's session and waits, at most `limit`, for rows that others have
  // claimed.
  OutboxState drain(Session& session, std::chrono::milliseconds limit);

  static OutboxState state(Session& session);

 private:
  void run();
  std::size_t pass(Session& session, Processor& processor);  // rows taken
  OutboxOptions options_;
  Processors& processors_;
  Log& log_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::uint64_t woken_ = 0;
  bool gathering_ = false;  // somebody waits a moment for more rows; nobody else needs to wake
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace server
