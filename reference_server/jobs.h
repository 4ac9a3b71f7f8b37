// The clock's work: task expiry, review timeout, payout retries (state-machines.md §7). On the real clock
// they run by themselves; under a test clock only when a test asks for them.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "model/vocabulary/instant.h"
#include "reference_server/database.h"
#include "reference_server/log.h"
#include "reference_server/metrics.h"

namespace server {

struct Job {
  std::string_view name;  // "task_expiry", as in POST /test/jobs/task_expiry
  model::Millis period;
  Statement statement;  // (now in ms, array of task ids or "", limit) -> rows changed
};

const Job* find_job(std::string_view name);

// Runs the job once over these tasks ("{uuid,uuid}"), or over all when `task_ids` is empty. Answers what
// changed.
std::int64_t run_job(Session& session, const Job& job, model::Instant now, const std::string& task_ids);

class Jobs {  // the scheduler on the real clock
 public:
  Jobs(std::string database_url, std::function<void()> after, Metrics& metrics, Log& log);
  ~Jobs();
  Jobs(const Jobs&) = delete;
  Jobs& operator=(const Jobs&) = delete;

 private:
  void run();
  std::string url_;
  std::function<void()> after_;  // a job changed something
  Metrics& metrics_;
  Log& log_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace server
