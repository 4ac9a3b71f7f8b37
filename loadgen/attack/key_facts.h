// Two rows of one key, and rows of an append-only table that change or go.
#pragma once

#include <string>
#include <vector>

#include "loadgen/attack/attempts.h"
#include "loadgen/attack/fact_rows.h"

namespace loadgen::attack {

// `prelude`: SQL that comes before every statement.
void key_attempts(const FactRows& rows, const std::string& prelude, std::vector<Attempt>& attempts);

}  // namespace loadgen::attack
