// A scenario's run told: report.json (format "hustle-load", the shape of docs/load.md), histograms.hlog, the
// console.
#pragma once

#include <string>

#include "loadgen/load/journey_judge.h"

namespace loadgen::load {

struct JourneyTold {
  std::string command_line;
  const JourneyOptions& options;
  const JourneyResult& result;
  const JourneyJudgement& judgement;
};
std::string report_json(const JourneyTold& told);
std::string report_console(const JourneyTold& told);  // ends with the verdict and the exit code
std::string histograms_log(const JourneyTold& told);  // tags PHASE/PROCEDURE, of successes

}  // namespace loadgen::load
