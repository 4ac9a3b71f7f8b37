// `hustle gate`: the readiness gate. Console summary (or --json), report folder, exit code by findings and
// items.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cli {

int run_gate(const std::vector<std::string>& arguments);

// Names of checks of the side stage, separated by commas. Throws UserMistake that names `flag`.
std::vector<std::string> split_checks(std::string_view flag, const std::string& text);

// Where named scenarios are.
std::string scenario_folder();

}  // namespace cli
