// What was asked when, what came back when, by whom: the only input of every judge.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/vocabulary/command.h"
#include "model/vocabulary/outcome.h"

namespace model {

struct Operation {
  std::uint32_t lane = 0;        // concurrent lanes of one case overlap only by these instants
  std::uint32_t step = 0;        // position in the plan
  Instant now;                   // the case's clock when the command was sent
  std::int64_t invoked_us = 0;   // real time since the run began
  std::int64_t returned_us = 0;  // INT64_MAX while unknown
  Command command;
  Outcome outcome;
  int http_status = 0;  // 0: no HTTP answer
  std::string note;     // transport fault or contract breach, empty when clean
};

// One test case: its own users, tasks and keys (isolation by namespace, not by reset).
struct History {
  std::uint64_t case_id = 0;
  std::vector<Operation> operations;  // ordered by invoked_us
};

}  // namespace model
