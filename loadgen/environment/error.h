// Why an environment could not be had: one line for a person, and the process's exit code
// (2: the user's mistake, 3: something could not be started or reached).
#pragma once

#include <stdexcept>
#include <string>

namespace loadgen {

struct EnvironmentError : std::runtime_error {
  EnvironmentError(int code, const std::string& message) : std::runtime_error(message), exit_code(code) {}
  int exit_code = 3;
};

}  // namespace loadgen
