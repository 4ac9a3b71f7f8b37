// `hustle gate`: the readiness gate. Console summary (or --json), report folder, exit code by findings and
// items.
#pragma once

#include <string>
#include <vector>

namespace cli {

int run_gate(const std::vector<std::string>& arguments);

// Where named scenarios are.
std::string scenario_folder();

}  // namespace cli
