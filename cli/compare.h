// `hustle compare`: two sets of load runs, found in folders or made now in turn (A B B A), side by side.
#pragma once

#include <string>
#include <vector>

namespace cli {

int run_compare(const std::vector<std::string>& arguments);

}  // namespace cli
