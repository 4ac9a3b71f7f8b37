// `hustle replay FINDING`: runs the case of a finding again and says whether it still fails. 1 it does, 0 it
// does not.
#pragma once

#include <string>
#include <vector>

namespace cli {

int run_replay(const std::vector<std::string>& arguments);

}  // namespace cli
