// hustle load --scenario: journeys of a scenario against a target or a private environment.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "loadgen/load/thresholds.h"

namespace cli {

struct ScenarioFlags {
  std::string scenario;  // name or file
  std::optional<std::string> target, database, providers;
  std::vector<loadgen::load::Threshold> thresholds;  // on top of the scenario's
  double rate = 0;                      // 0: the scenario's; else its highest rate becomes this one
  double measure_s = 0, warmup_s = -1;  // 0 and -1: the scenario's
  double timeout_s = 10;
  unsigned connections = 64, threads = 1;
  std::uint64_t seed = 1;
  std::optional<std::uint16_t> metrics_port;
  bool insecure = false, abort = false, json = false, quiet = false;
  std::string out, command_line;
};

int run_load_scenario(const ScenarioFlags& flags);

}  // namespace cli
