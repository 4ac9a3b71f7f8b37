// `hustle attack`: Layer 0 alone, on a throw-away copy of a database's schema.
#pragma once

#include <string>
#include <vector>

namespace cli {

// hustle attack: Layer 0 alone, on a schema copy. Exit code 0 nothing broken, 1 broken, 4 something
// undecided.
int run_attack(const std::vector<std::string>& arguments);

}  // namespace cli
