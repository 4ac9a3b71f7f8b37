// hustle load: one request, repeated at a rate that the target does not set (docs/load.md).
#pragma once

#include <string>
#include <vector>

namespace cli {

int run_load(const std::vector<std::string>& arguments);

}  // namespace cli
