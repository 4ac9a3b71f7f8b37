// What a tree of processes has used: of /proc, so that any program can be measured.
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace loadgen::bench {

struct Usage {
  double cpu_s = 0;              // of the process, its living children, and its ended and awaited ones
  std::uint64_t memory_kib = 0;  // largest resident set so far (VmHWM), summed over the living
};
Usage usage_of(pid_t root);  // zeros when it is gone

}  // namespace loadgen::bench
