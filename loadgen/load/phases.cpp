#include "loadgen/load/phases.h"

#include <cmath>

namespace loadgen::load {

void ShareDigest::add(std::int64_t at_ns, const sim::PlannedJourney& journey) {
  bytes_.clear();
  const auto put = [&](auto value) {
    const auto bits = static_cast<std::uint64_t>(value);
    for (std::size_t i = 0; i < 8; ++i) bytes_.push_back(static_cast<unsigned char>(bits >> (8 * i)));
  };
  put(at_ns);
  put(journey.kind);
  put(journey.population);
  put(journey.story);
  put(journey.poster);
  put(journey.worker);
  for (const sim::JourneyStep& step : journey.steps) {
    put(static_cast<std::uint64_t>(step.kind) << 16 | static_cast<std::uint64_t>(step.variant) << 8 |
        static_cast<std::uint64_t>(step.command.action));
    put(static_cast<std::uint64_t>(step.expected.kind) << 8 | static_cast<std::uint64_t>(step.expected.code));
  }
  hash_.add(bytes_);
}

std::string schedule_hash(const std::vector<std::string>& shares) {
  net::Sha256 all;
  for (const std::string& share : shares)
    all.add({reinterpret_cast<const unsigned char*>(share.data()), share.size()});
  return all.hex();
}

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
    const bool arrive = spans_[phase_].plan.rate > 0;
    if (arrive && !stream_) stream_.emplace(spans_[phase_].plan);
    const std::int64_t at = arrive ? stream_->next() : Arrivals::kEnd;
    if (at != Arrivals::kEnd) return Next{at + spans_[phase_].from_ns, phase_};
    ++phase_;
    stream_.reset();
  }
  return std::nullopt;
}

ScheduleFacts journey_schedule(const sim::Load& load, std::uint64_t seed) {
  ScheduleFacts facts;
  if (load.users() > 0) return facts;
  const std::vector<PhaseSpan> spans = spans_of(load, seed);
  PhasedArrivals arrivals(spans);
  std::vector<sim::JourneyPlanner> planners;
  for (std::size_t shard = 0; shard < sim::kShards; ++shard)
    planners.emplace_back(load, sim::planner_options(load, seed, shard, model::Instant{0}));
  std::vector<ShareDigest> digests(sim::kShards);
  sim::PlannedJourney journey;
  while (const auto next = arrivals.next()) {
    const std::size_t shard = facts.count++ % sim::kShards;
    planners[shard].next(next->at_ns, journey);
    digests[shard].add(next->at_ns, journey);
  }
  std::vector<std::string> shares;
  for (ShareDigest& digest : digests) shares.push_back(digest.hex());
  facts.sha256 = schedule_hash(shares);
  return facts;
}

}  // namespace loadgen::load
