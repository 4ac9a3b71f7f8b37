// The arrivals of several phases, one after another, as one stream.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "loadgen/load/arrivals.h"
#include "net/sign.h"
#include "sim/journeys.h"
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

// The hash of one share's journeys in their order: instants, who, what, and every expected outcome.
class ShareDigest {
 public:
  void add(std::int64_t at_ns, const sim::PlannedJourney& journey);
  std::string hex() { return hash_.hex(); }

 private:
  net::Sha256 hash_;
  std::vector<unsigned char> bytes_;  // of one journey
};
// Of all shares together, by number: whoever walked them, in as many threads as there were.
std::string schedule_hash(const std::vector<std::string>& shares);

// What arrives, counted and hashed before the run. Users make their journeys at the target's pace: with some,
// there is no schedule, and the facts are empty.
ScheduleFacts journey_schedule(const sim::Load& load, std::uint64_t seed);

}  // namespace loadgen::load
