// The load part of a scenario in plain English.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "sim/scenario.h"
#include "sim/scenario_table.h"

namespace sim {
namespace {

std::string phase_text(const LoadPhase& phase) {
  const std::string arrivals =
      phase.rate > 0 ? fmt::format(", {} arrivals, up to {:g} journeys/s", phase.arrivals, phase.rate) : "";
  return fmt::format("  {} ({}): {:g} s{}\n", phase.name, phase.kind, phase.seconds, arrivals);
}

std::string population_text(const Population& population, double shares) {
  const auto total = std::accumulate(population.weights.begin(), population.weights.end(), std::int64_t{0});
  std::string text =
      population.users > 0
          ? fmt::format("  {} ({} users, one journey after another, {}):", population.name, population.users,
                        population.think_seconds > 0
                            ? fmt::format("thinking {:g} s on average", population.think_seconds)
                            : "without a pause")
          : fmt::format("  {} ({:.1f} % of the journeys):", population.name, 100 * population.share / shares);
  for (std::size_t i = 0; i < kJourneys; ++i) {
    if (population.weights[i] == 0) continue;
    text += fmt::format(" {} {:.0f} %,", kJourneyNames[i],
                        100.0 * static_cast<double>(population.weights[i]) / static_cast<double>(total));
  }
  text.back() = '\n';
  return text;
}

}  // namespace

std::string explain_load(const Load& load) {
  std::string text = "Load, for `hustle load --scenario`. Phases, one after another:\n";
  for (const LoadPhase& phase : load.phases) text += phase_text(phase);
  double shares = 0;
  for (const Population& population : load.populations) shares += population.share;
  text += fmt::format("Who comes ({} posters, {} workers):\n", load.people.posters, load.people.workers);
  for (const Population& population : load.populations) text += population_text(population, shares);
  text +=
      "Journeys meet at a task: what one leaves behind, another takes up. One that finds nothing to do "
      "becomes "
      "the one that brings it about.\n";
  if (!load.thresholds.empty()) {
    text += "Must hold:";
    for (const std::string& threshold : load.thresholds) text += fmt::format(" {};", threshold);
    text.back() = '.';
    text += load.abort ? " The run ends at the first one crossed.\n" : "\n";
  }
  return text;
}

}  // namespace sim
