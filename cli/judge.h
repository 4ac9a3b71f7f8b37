// `hustle judge FILE`: judges recorded histories (docs/histories.md) without any server. 0 every history has
// a legal order, 1 some history has none, 4 undecided within the budget.
#pragma once

#include <string>
#include <vector>

namespace cli {

int run_judge(const std::vector<std::string>& arguments);

}  // namespace cli
