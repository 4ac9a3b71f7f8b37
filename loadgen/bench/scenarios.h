// The standard load scenarios in a row against one server on a durable cluster: `hustle load` as its user
// would start it, one after another, and what their reports say of the measured phases.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "loadgen/environment/environment.h"

namespace loadgen::bench {

struct ScenarioOptions {
  std::vector<std::string> names{"load_smoke",  "load_nominal", "load_spike",
                                 "load_stress", "load_soak",    "load_users"};
  double seconds = 20;  // of the measured phases of each; the soak's day is compressed into it
  std::uint64_t seed = 1;
  std::string harness{}, server{};  // executables; empty: this one and its sibling
  const std::atomic<bool>* interrupted = nullptr;
  std::function<void(const std::string& line)> progress = [](const std::string&) {};
};

struct ScenarioPhase {  // one measured phase
  std::string scenario, phase;
  std::uint64_t journeys = 0, clean = 0;
  double requests_per_second = 0, errors = 0;  // errors: share from 0 to 1
  double p50_us = 0, p95_us = 0, p99_us = 0;   // of the requests; 0: too few
  double feed_p95_us = 0;                      // of feed.get; 0: none or too few
};

struct ScenarioRun {
  std::string name;
  int exit_code = 0;                       // of hustle load
  std::string why_invalid;                 // the generator's own word; empty: a valid measurement
  std::uint64_t checks = 0, findings = 0;  // of the audits
  std::vector<std::string> missed;         // thresholds that do not hold, with what was measured
  std::vector<ScenarioPhase> phases;
};

// When interrupted, those that were finished. Throws EnvironmentError 3 when the environment does not start
// or a run leaves no report, 4 when it is interrupted before.
std::vector<ScenarioRun> run_scenarios(const ScenarioOptions& options);

// The report.json that `hustle load --scenario NAME` prints, run as its user would; nullopt: interrupted.
std::optional<std::string> scenario_report(const ScenarioOptions& options, const Environment& environment,
                                           const std::string& name,
                                           const std::vector<std::string>& flags = {});

// The report.json of `hustle load --scenario`; its exit code too.
ScenarioRun read_scenario_run(const std::string& report);

}  // namespace loadgen::bench
