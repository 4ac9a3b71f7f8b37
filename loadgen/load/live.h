// How a run is getting on, for the live view, the metrics page and thresholds that may end it: counted by
// each thread and shown once a second.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "loadgen/load/journey_tally.h"

namespace loadgen::load {

struct LiveScope {
  CoarseCounts ok{};
  std::uint64_t failed = 0;
};

struct LiveCounts {
  // By phase and scope; empty where nothing has happened. The last scope is all requests to the target.
  std::vector<std::vector<std::unique_ptr<LiveScope>>> phases;
  std::uint64_t due = 0, clean = 0, failed = 0, skipped = 0;  // journeys, all phases
  std::uint64_t sent = 0, ok = 0, errors = 0;                 // requests
  std::int64_t lateness_p99_us = 0;
  std::size_t in_flight = 0;

  void add(const LiveCounts& other);
};
inline constexpr std::size_t kAllScope = kScopes;

LiveCounts live_of(const JourneyTally& tally);

}  // namespace loadgen::load
