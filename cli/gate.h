// `hustle gate`: the readiness gate. Console summary (or --json), report folder, exit code by findings and
// items.
#pragma once

#include <string>
#include <vector>

namespace cli {

int run_gate(const std::vector<std::string>& arguments);

// "60s", "5m", "1.5h" or a plain number of seconds. Throws UserMistake that names the flag.
double parse_seconds(const std::string& flag, const std::string& text);

// Where named scenarios are.
std::string scenario_folder();

}  // namespace cli
