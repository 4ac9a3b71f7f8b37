// A closed loop of journeys on one thread: as many users as connections, each sends its next step when the
// last one is answered. For throughput at full load, where pacing would only hide who is faster; `hustle
// load` is for latency.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "loadgen/bench/journey.h"
#include "loadgen/histogram.h"
#include "net/client.h"

namespace loadgen::bench {

struct DriveOptions {
  net::Url target;
  Work work = Work::ping;
  unsigned connections = 64;
  double seconds = 3;  // journeys begun after that are not
  std::uint64_t seed = 1;
  const std::atomic<bool>* interrupted = nullptr;
};

struct Driven {
  std::uint64_t journeys = 0, requests = 0;
  std::uint64_t failures = 0;  // answers other than 2xx, and broken connections: that user begins anew
  std::string first_failure;   // "task.accept: 409 …"
  double seconds = 0;          // from the first request to the last answer
  double cpu_s = 0;            // of the calling thread
  Histogram latency;           // of one request, from its send; microseconds
};

// Throws EnvironmentError 3 when the target cannot be reached.
Driven drive(const DriveOptions& options, const People& people);

}  // namespace loadgen::bench
