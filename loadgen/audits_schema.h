// What the schema itself must hold, whatever the rows say (part of loadgen/audits.h): read from the system
// catalogue, where the attack tries the same by writing.
#pragma once

#include <vector>

#include "loadgen/audits.h"

namespace loadgen {

// S01 to S04: triggers that keep rows and look at births and steps, unique keys, checks of two columns.
std::vector<Audit> schema_audits();

}  // namespace loadgen
