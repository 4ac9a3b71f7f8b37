// What an attacker would write over a value: something else of its type, to either side; somebody else's row;
// NULL.
#pragma once

#include <string>
#include <vector>

#include "loadgen/attack/catalogue.h"

namespace loadgen::attack {

// SQL expressions that differ from the column's present value; references lead to rows of strangers
// (story.h).
std::vector<std::string> replacements(const Column& column);

}  // namespace loadgen::attack
