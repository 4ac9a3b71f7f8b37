// One case from its first command to its closing reads.
#pragma once

#include <span>

#include "loadgen/http_target.h"

namespace loadgen {

CaseRecord run_case(HttpTarget& target, sim::Plan plan, std::span<const Person> people);

}  // namespace loadgen
