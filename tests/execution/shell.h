// A command line of a test, run to its end.
#pragma once

#include <sys/wait.h>

#include <cstdio>
#include <string>

namespace loadgen {

struct Ran {
  int code = -1;     // exit code; -1: not started, or ended by a signal
  std::string text;  // both streams
};

inline Ran shell(const std::string& command) {
  Ran ran;
  std::FILE* pipe = popen(("{ " + command + "\n} 2>&1").c_str(), "r");
  if (pipe == nullptr) return ran;
  char buffer[4096];
  for (std::size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) ran.text.append(buffer, n);
  const int status = pclose(pipe);
  ran.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return ran;
}

}  // namespace loadgen
