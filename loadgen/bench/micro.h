// The repository's Google Benchmarks, run as the program they are.
#pragma once

#include <atomic>
#include <string>
#include <vector>

namespace loadgen::bench {

struct Micro {
  std::string name;
  double nanoseconds = 0;       // per iteration, of the processor
  double items_per_second = 0;  // 0 when the benchmark does not count any
};

// `program`: hustle_bench. Throws EnvironmentError 3 when it is missing, fails or prints something else.
std::vector<Micro> run_micro(const std::string& program, const std::string& filter, double min_time_s,
                             const std::string& log_file);

}  // namespace loadgen::bench
