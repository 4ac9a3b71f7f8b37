// `hustle scenarios list | explain NAME... | validate FILE... | schema`: what can be played, in plain
// English; whether a file is a scenario (exit code 2 and one line per mistake, naming the path in it); the
// JSON schema.
#pragma once

#include <string>
#include <vector>

namespace cli {

int run_scenarios(const std::vector<std::string>& arguments);

}  // namespace cli
