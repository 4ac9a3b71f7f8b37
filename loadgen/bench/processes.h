// Processes of a benchmark: what a tree of them has used (of /proc, so that any program can be measured), and
// what one of them says.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "loadgen/environment/children.h"

namespace loadgen::bench {

struct Usage {
  double cpu_s = 0;              // of the process, its living children, and its ended and awaited ones
  std::uint64_t memory_kib = 0;  // largest resident set so far (VmHWM), summed over the living
};
Usage usage_of(pid_t root);  // zeros when it is gone

// All that it writes to stdout until it ends; nullopt when `stop`, asked five times a second, ends the
// reading.
std::optional<std::string> output_of(Child& child, const std::function<bool()>& stop);

}  // namespace loadgen::bench
