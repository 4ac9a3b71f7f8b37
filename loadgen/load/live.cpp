#include "loadgen/load/live.h"

#include <algorithm>

namespace loadgen::load {
namespace {

std::unique_ptr<LiveScope> scope_of(const CallStats& stats) {
  auto out = std::make_unique<LiveScope>();
  out->ok = stats.coarse;
  out->failed = stats.failed();
  return out;
}

}  // namespace

LiveCounts live_of(const JourneyTally& tally) {
  LiveCounts out;
  for (const JourneyPhase& phase : tally.phases) {
    auto& scopes = out.phases.emplace_back(kScopes + 1);
    for (std::size_t i = 0; i < kScopes; ++i) {
      if (const CallStats* stats = phase.find(i)) scopes[i] = scope_of(*stats);
    }
    const JourneyCounts journeys = phase.all();
    if (journeys.due > 0) scopes[kAllScope] = scope_of(phase.requests);
    out.due += journeys.due, out.clean += journeys.clean, out.failed += journeys.failed;
    out.skipped += journeys.skipped;
    out.ok += phase.requests.ok.count();
    out.errors += phase.requests.failed();
    out.lateness_p99_us = std::max(out.lateness_p99_us, phase.lateness.at_percentile(99));
  }
  for (const JourneySecond& second : tally.series) out.sent += second.sent;
  return out;
}

void LiveCounts::add(const LiveCounts& other) {
  phases.resize(std::max(phases.size(), other.phases.size()));
  for (std::size_t phase = 0; phase < other.phases.size(); ++phase) {
    phases[phase].resize(kScopes + 1);
    for (std::size_t i = 0; i < other.phases[phase].size(); ++i) {
      if (!other.phases[phase][i]) continue;
      if (!phases[phase][i]) phases[phase][i] = std::make_unique<LiveScope>();
      for (std::size_t b = 0; b < kCoarse; ++b) phases[phase][i]->ok[b] += other.phases[phase][i]->ok[b];
      phases[phase][i]->failed += other.phases[phase][i]->failed;
    }
  }
  due += other.due, clean += other.clean, failed += other.failed, skipped += other.skipped;
  sent += other.sent, ok += other.ok, errors += other.errors;
  lateness_p99_us = std::max(lateness_p99_us, other.lateness_p99_us);
  in_flight += other.in_flight;
}

}  // namespace loadgen::load
