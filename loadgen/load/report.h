// A raw run judged and told: the verdict with its exit code, report.json, histograms.hlog, the console.
#pragma once

#include <string>
#include <vector>

#include "loadgen/load/raw.h"
#include "loadgen/load/thresholds.h"

namespace loadgen::load {

struct ThresholdResult {
  Threshold threshold;
  bool known = false;  // false: too few samples to tell
  bool kept = false;
  double measured = 0;        // in the limit's unit
  std::string measured_text;  // "p95 12.4 ms", or why it is not known
};

struct Judgement {
  std::vector<ThresholdResult> thresholds;
  std::string invalid;    // why the figures may not be believed; empty when they may
  double asked_rate = 0;  // due per second of the measured phase
  double sent_rate = 0;   // sent within the phase, per second
  double ok_rate = 0;     // successes per second
  double rate_error = 0;  // share of the due that was not sent within the phase
  double errors = 0;      // share of the due that failed
  std::int64_t lateness_limit_us = 0;
  // 0 passed, 1 a threshold crossed, 3 the target died or nothing succeeded, 4 incomplete or a threshold not
  // to be told, 5 invalid. The worst evidence first: 3, 5, 1, 4. A run that is not valid says nothing about
  // thresholds.
  int exit_code = 0;
};
Judgement judge(const RawOptions& options, const RawResult& result, const std::vector<Threshold>& thresholds);

struct Told {
  std::string command_line;
  const RawOptions& options;
  const RawResult& result;
  const Judgement& judgement;
};
inline constexpr int kReportVersion = 1;
std::string report_json(const Told& told);            // format "hustle-load", version kReportVersion
std::string report_console(const Told& told);         // ends with the verdict and the exit code
std::string histograms_log(const RawResult& result);  // phases by tag: warmup, measured, measured_service

}  // namespace loadgen::load
