// `hustle gate`: the readiness gate. Console summary (or --json), report folder, exit code by findings and
// items.
#pragma once

#include <string>
#include <vector>

namespace cli {

int run_gate(const std::vector<std::string>& arguments);

// What --checks names, separated by commas. Throws UserMistake.
std::vector<std::string> split_checks(const std::string& text);

// Where named scenarios are.
std::string scenario_folder();

}  // namespace cli
