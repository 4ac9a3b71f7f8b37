// A plan: the commands of one test case with symbolic references, lanes and faults, and the answer that the
// model expects of each. Nothing here has been sent yet, and nothing here knows a server.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/rules/world.h"
#include "model/vocabulary/command.h"
#include "model/vocabulary/outcome.h"
#include "sim/choices.h"

namespace sim {

struct PlannedCommand {
  model::Command command;
  model::Outcome
      expected;  // in the order in which the plan lists them; a concurrent answer may differ legally
};

// One entry: a single command, or several that are sent at the same moment on lanes of their own.
struct Step {
  model::Instant now;                    // the case's clock
  std::vector<PlannedCommand> together;  // size 1: sequential
};

struct Plan {
  std::string scenario;
  std::uint64_t seed = 0;
  std::uint64_t case_id = 0;
  std::vector<std::uint32_t>
      choices;         // what was interpreted; interpret(scenario, choices) gives this plan again
  model::World start;  // users (with standing, roles, tier...) and empty slots for the rest
  std::vector<Step> steps;
  bool needs_clock = false;  // uses a clock other than the real one, or runs jobs
  bool needs_processor_events = false;
};

}  // namespace sim
