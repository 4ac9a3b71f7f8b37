// A scenario's load run from its accounts to its audits: accounts are made, journeys are run open loop by the
// plan, and when all is quiet the whole database and the processor's books are audited.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "loadgen/load/journey_worker.h"
#include "loadgen/load/thresholds.h"
#include "model/vocabulary/finding.h"
#include "sim/scenario.h"

namespace loadgen::load {

struct JourneyProgress {
  double elapsed_s = 0, whole_s = 0;
  std::string phase;      // of the scenario, or "audit"
  double asked_rate = 0;  // journeys per second due in the last second; also requests answered in it
  double ok_rate = 0, p50_us = 0, p99_us = 0;  // of the last second
  const LiveCounts* counts = nullptr;
  std::string crossed;  // the first threshold that is crossed for now
};

struct JourneyOptions {
  sim::Scenario scenario;  // with a load part
  net::TargetAddress target;
  std::string database, providers;
  bool verify = true;  // the target's certificate
  unsigned connections = 64;
  unsigned threads = 1;
  double timeout_s = 10;
  std::uint64_t seed = 1;
  std::vector<Threshold> thresholds;
  int rest_seconds = 60;  // for the target to come to rest before the audits
  const std::atomic<bool>* interrupted = nullptr;
  std::function<void(const JourneyProgress&)> progress = {};  // once a second, in the caller's thread
};

struct AuditSummary {
  std::string id, rule, sentence;  // "Q02"
  model::Verdict verdict = model::Verdict::unknown;
  std::uint64_t hits = 0;
};

struct JourneyResult {
  std::vector<PhaseSpan> spans;
  JourneyTally tally;
  ScheduleFacts schedule;
  std::string begun_hash;  // the hash of what was begun; of a whole run without users, the schedule's
  double started_epoch_s = 0;
  double seconds = 0;  // of the measured phases: as planned, shorter when the run was cut
  bool complete = true, died = false;
  std::string aborted;  // the threshold that ended the run
  std::string reason;   // why not complete
  SelfWatch watch;
  bool audited = false;
  std::string not_audited;  // why
  std::vector<AuditSummary> audits;
  std::uint64_t books_compared = 0;
  std::vector<model::Finding> findings;
  std::uint64_t sampled = 0, xp_ignored = 0, feeds_open = 0;
  std::uint32_t longest_story = 1;
  std::size_t journey_bytes = 0;
};

// Thresholds must name phases and scopes of the scenario; the error is one line.
std::expected<void, std::string> check_thresholds(const std::vector<Threshold>& thresholds,
                                                  const sim::Load& load);

// `options` must outlive the result. Throws EnvironmentError (exit code 3) when something cannot be reached
// at the start.
JourneyResult run_journeys(const JourneyOptions& options);

}  // namespace loadgen::load
