#include "loadgen/load/phases.h"

#include <array>
#include <cmath>

#include "loadgen/load/sha256.h"
#include "sim/journeys.h"

namespace loadgen::load {
namespace {

class Digest {
 public:
  template <class T>
  void add(T value) {
    std::array<unsigned char, 8> bytes{};
    const auto bits = static_cast<std::uint64_t>(value);
    for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<unsigned char>(bits >> (8 * i));
    hash_.add(bytes);
  }
  void add(const sim::PlannedJourney& journey) {
    add(journey.kind);
    add(journey.population);
    add(journey.story);
    add(journey.poster);
    add(journey.worker);
    for (const sim::JourneyStep& step : journey.steps) {
      add(static_cast<std::uint64_t>(step.kind) << 16 | static_cast<std::uint64_t>(step.variant) << 8 |
          static_cast<std::uint64_t>(step.command.action));
      add(static_cast<std::uint64_t>(step.expected.kind) << 8 |
          static_cast<std::uint64_t>(step.expected.code));
    }
  }
  std::string hex() { return hash_.hex(); }

 private:
  Sha256 hash_;
};

}  // namespace

std::vector<PhaseSpan> spans_of(const sim::Load& load, std::uint64_t seed) {
  std::vector<PhaseSpan> out;
  double from = 0;
  for (const sim::LoadPhase& phase : load.phases) {
    const auto [curve, spacing] = parse_arrivals(phase.arrivals).value();
    out.push_back({.phase = &phase,
                   .plan = {.curve = curve,
                            .spacing = spacing,
                            .rate = phase.rate,
                            .duration_s = phase.seconds,
                            .seed = seed + 0x9E3779B97F4A7C15U * out.size()},
                   .from_ns = std::llround(from * 1e9),
                   .to_ns = std::llround((from + phase.seconds) * 1e9),
                   .measured = phase.kind == "measure"});
    from += phase.seconds;
  }
  return out;
}

std::optional<PhasedArrivals::Next> PhasedArrivals::next() {
  while (phase_ < spans_.size()) {
    if (!stream_) stream_.emplace(spans_[phase_].plan);
    const std::int64_t at = stream_->next();
    if (at != Arrivals::kEnd) return Next{at + spans_[phase_].from_ns, phase_};
    ++phase_;
    stream_.reset();
  }
  return std::nullopt;
}

ScheduleFacts journey_schedule(const sim::Load& load, std::uint64_t seed) {
  const std::vector<PhaseSpan> spans = spans_of(load, seed);
  PhasedArrivals arrivals(spans);
  std::vector<sim::JourneyPlanner> planners;
  for (std::size_t shard = 0; shard < sim::kShards; ++shard)
    planners.emplace_back(load, sim::planner_options(load, seed, shard, {}));
  ScheduleFacts facts;
  Digest digest;
  sim::PlannedJourney journey;
  while (const auto next = arrivals.next()) {
    planners[facts.count++ % sim::kShards].next(next->at_ns, journey);
    digest.add(next->at_ns);
    digest.add(journey);
  }
  facts.sha256 = digest.hex();
  return facts;
}

}  // namespace loadgen::load
