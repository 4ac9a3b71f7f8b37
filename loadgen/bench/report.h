// A benchmark told: console and Markdown, report.json, and one HTML file that needs no network.
#pragma once

#include <string>
#include <vector>

#include "loadgen/bench/generator.h"
#include "loadgen/bench/micro.h"
#include "loadgen/bench/run.h"
#include "loadgen/bench/scenarios.h"

namespace loadgen::bench {

struct Told {
  std::string command_line, started_utc;
  std::uint64_t seed = 0;
  const BenchResult& result;
  const std::vector<Micro>& micro;
  const std::vector<ScenarioRun>& scenarios;
  const GeneratorResult& generator;
  int exit_code = 0;
};
inline constexpr int kBenchReportVersion = 1;

std::string report_json(const Told& told);      // format "hustle-bench", version kBenchReportVersion
std::string report_markdown(const Told& told);  // the console's text too
std::string report_html(const Told& told);

}  // namespace loadgen::bench
