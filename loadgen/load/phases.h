// The arrivals of several phases, one after another, as one stream.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "loadgen/load/arrivals.h"
#include "sim/load.h"

namespace loadgen::load {

struct PhaseSpan {
  const sim::LoadPhase* phase = nullptr;
  ArrivalPlan plan;
  std::int64_t from_ns = 0, to_ns = 0;
  bool measured = false;
};

// Phases keep the scenario's order; each has a seed of its own out of `seed`. The load outlives the spans.
std::vector<PhaseSpan> spans_of(const sim::Load& load, std::uint64_t seed);

class PhasedArrivals {
 public:
  struct Next {
    std::int64_t at_ns;
    std::uint32_t phase;
  };
  explicit PhasedArrivals(const std::vector<PhaseSpan>& spans) : spans_(spans) {}
  std::optional<Next> next();

 private:
  const std::vector<PhaseSpan>& spans_;
  std::uint32_t phase_ = 0;
  std::optional<Arrivals> stream_;
};

// Counts and hashes everything that is planned: instants, who, what, and every expected answer.
ScheduleFacts journey_schedule(const sim::Load& load, std::uint64_t seed);

}  // namespace loadgen::load
