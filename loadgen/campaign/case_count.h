// What one case was evidence for: calls, answers, deliveries, races, cells of the model that it visited.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "loadgen/campaign/items.h"
#include "loadgen/executor.h"
#include "loadgen/run.h"
#include "model/judge/linearize.h"
#include "model/rules/reachable.h"

namespace loadgen {

struct AdminEffect;

struct CaseCount {
  Tally tally;
  std::map<model::Cell, std::uint64_t> cells;
  std::vector<AdminEffect> admin_effects;
};

CaseCount count_case(const CaseRecord& record, const model::Linearization& search);

CoverageCell described(const model::Cell& cell, std::uint64_t hits);

}  // namespace loadgen
