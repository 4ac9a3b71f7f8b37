// pgbench: Postgres asked for the same statements with nothing between, the limit of any server
// (tests/peers/pgbench).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "loadgen/bench/journey.h"

namespace loadgen::bench {

struct PgbenchRun {
  double per_second = 0;
  double seconds = 0;
  double cpu_s = 0;  // of pgbench itself
};

// The best number of clients on two cores: more do not help: 8 for one statement, 16 for the
// lifecycle, whose commits are grouped.
int pgbench_clients(Work work);

// Throws EnvironmentError 3 when a transaction failed, pgbench is missing or says something unknown.
PgbenchRun run_pgbench(Work work, const std::string& database, double seconds, const std::string& log_file);

}  // namespace loadgen::bench
