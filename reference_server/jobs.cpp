#include "reference_server/jobs.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "model/vocabulary/limits.h"

namespace server {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kRowsPerRun = 200;  // one transaction holds at most this many tasks

#define HUSTLE_JOB(name)  \
  Statement{              \
      #name,              \
      "SELECT api." #name \
      "(timestamptz 'epoch' + $1::bigint * interval '1 millisecond', nullif($2, '')::uuid[], $3::integer)"}

constexpr std::array<Job, 4> kJobs{{
    {"task_expiry", model::limits::kExpiryJobPeriod, HUSTLE_JOB(job_task_expiry)},
    {"review_timeout", model::limits::kReviewJobPeriod, HUSTLE_JOB(job_review_timeout)},
    {"transfer_retry", model::limits::kTransferRetryPeriod, HUSTLE_JOB(job_transfer_retry)},
    {"verification_expire", model::limits::kVerificationJobPeriod, HUSTLE_JOB(job_verification_expire)},
}};

model::Instant real_now() {
  return {std::chrono::duration_cast<std::chrono::milliseconds>(
              std::chrono::system_clock::now().time_since_epoch())
              .count()};
}

}  // namespace

const Job* find_job(std::string_view name) {
  const auto found = std::ranges::find(kJobs, name, &Job::name);
  return found == kJobs.end() ? nullptr : &*found;
}

std::int64_t run_job(Session& session, const Job& job, model::Instant now, const std::string& task_ids) {
  std::int64_t changed = 0;
  for (;;) {
    const auto rows = std::stoll(
        session.call(job.statement, {std::to_string(now.ms), task_ids, std::to_string(kRowsPerRun)}));
    changed += rows;
    if (rows < kRowsPerRun) return changed;
  }
}

Jobs::Jobs(std::string database_url, std::function<void()> after, Metrics& metrics, Log& log)
    : url_(std::move(database_url)), after_(std::move(after)), metrics_(metrics), log_(log), thread_([this] {
        run();
      }) {}

Jobs::~Jobs() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Jobs::run() {
  Session session(url_, std::chrono::milliseconds(60'000));
  std::array<Clock::time_point, kJobs.size()> due;
  due.fill(Clock::now());
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    for (std::size_t i = 0; i < kJobs.size(); ++i) {
      if (Clock::now() < due[i]) continue;
      due[i] += std::chrono::milliseconds(kJobs[i].period);
      try {
        if (run_job(session, kJobs[i], real_now(), "") > 0) after_();
      } catch (const DatabaseTrouble& trouble) {
        metrics_.job_failure(kJobs[i].name);
        log_.error("job " + std::string(kJobs[i].name), trouble.what());
      }
    }
    session.close();
    lock.lock();
    wake_.wait_until(lock, *std::ranges::min_element(due), [this] { return stopping_; });
  }
}

}  // namespace server
