// A server of ours beside the environment's own: on another database, with other providers.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "loadgen/environment/environment.h"

namespace loadgen {

struct OtherServer {
  std::unique_ptr<Child> child;  // ends with it
  std::string url;               // http://host:port
};

struct OtherPlace {
  std::string database, providers;
  std::string log_file;
  bool test_clock = true;  // false: it keeps its own time and runs its jobs by itself
};

// Answers when it is ready. Throws EnvironmentError.
OtherServer start_other_server(const Environment& environment, const OtherPlace& place,
                               const std::vector<std::string>& flags);

}  // namespace loadgen
