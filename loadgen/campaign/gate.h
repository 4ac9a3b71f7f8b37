// The readiness gate: drives randomized plans and directed drills against a target, lets every judge look,
// and says for each of the thirty items whether it holds, is broken, or is unknown (docs/gate.md).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "loadgen/environment/environment.h"
#include "loadgen/run.h"

namespace loadgen {

struct GateOptions {
  std::uint64_t seed = 1;
  double seconds = 60;                 // of driving; checks before and after come on top
  std::vector<std::string> scenarios;  // names or paths; empty: the mix of the money core
  std::string scenario_folder;         // where names are looked up
  std::vector<std::string> only;       // groups; empty: all
  std::vector<std::string> checks;     // of the side stage, by name: then nothing else is done
  int workers = 8;                     // cases at the same time
  bool attack = true;                  // the database alone, on a clone
  bool migrations = true;              // of our own server, on fresh databases
  double shrink_seconds = 30;          // for all findings together
  // How long the target may take to come to rest: a killed server's claims on its outbox run out first (a
  // minute in the reference server).
  int rest_seconds = 90;
  // Findings of earlier runs by name, retried before anything is driven.
  std::vector<std::pair<std::string, model::Finding>> corpus{};
  std::string command_line;
};

struct GateProgress {
  std::string_view phase;              // "attack", "drills", "driving", "quiet", "shrinking"
  double elapsed_s = 0, budget_s = 0;  // of the driving phase
  std::uint64_t plans = 0, commands = 0, findings = 0;
};

struct GateEvents {
  std::function<bool()> interrupted = [] {
    return false;
  };  // true: end in good order, the report says partial
  std::function<void(const GateProgress&)> progress = [](const GateProgress&) {};
  // A broken rule, the moment a judge sees it for the first time; from any thread. `commands`: so far.
  std::function<void(const model::Finding&, std::uint64_t commands)> found = {};
};

// Never throws for what the target does: a target that died or cannot be reached any more gives a partial run
// with exit code 3. Throws std::runtime_error with one line when the run cannot begin (scenario, database).
Run run_gate(const GateOptions& options, Environment& environment, const GateEvents& events);

// 1 broken, else 3 target died, else 4 incomplete or a selected item unknown, else 0.
int exit_code_of(const Run& run, bool target_died);

// The scenarios that the gate mixes when none are named.
std::vector<std::string> default_mix();

}  // namespace loadgen
