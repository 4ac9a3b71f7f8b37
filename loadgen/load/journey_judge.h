// A scenario's run judged: thresholds while it goes on and at its end, goodput, the exit code.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "loadgen/load/journeys.h"
#include "loadgen/load/report.h"

namespace loadgen::load {

struct JourneyJudgement {
  std::vector<ThresholdResult> thresholds;
  std::string invalid;
  std::int64_t lateness_limit_us = 0;
  double asked_rate = 0;    // journeys due per second of the measured phases
  double request_rate = 0;  // successful requests per second
  double goodput = 0;       // clean journeys per second whose task no audit blames
  std::uint64_t clean = 0,
                blamed = 0;  // journeys: clean by their answers, and how many of them audits take back
  double rate_error = 0;     // share of the journeys whose first request was not sent within its phase
  double errors = 0;         // share of the requests that failed
  // 0 passed; 1 a threshold crossed or an audit broken; 3 the target died; 4 incomplete; 5 invalid. Findings
  // count in every run; thresholds only in a valid one.
  int exit_code = 0;
};

JourneyJudgement judge(const JourneyOptions& options, const JourneyResult& result);

// One scope of the phases that a threshold is about, added up.
struct Gathered {
  Histogram ok;
  std::uint64_t failed = 0;
};
Gathered gather(const JourneyResult& result, const std::string& phase, std::size_t scope);

// The first threshold that the figures so far cross; empty when none does or it is too early to tell.
std::string crossed_now(const std::vector<Threshold>& thresholds, const std::vector<PhaseSpan>& spans,
                        const LiveCounts& counts, double elapsed_s);

}  // namespace loadgen::load
