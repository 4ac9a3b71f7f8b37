// `hustle bench`: the server against pgbench and the Node peer in one run, and the inner loops; one report.
#pragma once

#include <string>
#include <vector>

namespace cli {

int run_bench(const std::vector<std::string>& arguments);

}  // namespace cli
