#include "loadgen/bench/run.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "loadgen/bench/bare_target.h"
#include "loadgen/bench/stage.h"

namespace loadgen::bench {
namespace {

constexpr double kWarmUp = 1, kNodeWarmUp = 4;  // seconds; V8 compiles while it runs
constexpr double kMemoryGoal = 1.0 / 6, kMemoryMib = 32;

struct Goal {
  Work work;
  std::optional<double> pgbench, node;
};
// docs/bench.md.
constexpr std::array kGoals{Goal{Work::ping, std::nullopt, 15}, Goal{Work::read, 0.6, 10},
                            Goal{Work::create, 0.9, 2.8}, Goal{Work::lifecycle, 0.9, 2.5}};

bool is_node(const Contender& contender) {
  return contender.name.starts_with("Node");
}

double middle_rate(const Contender& contender) {
  std::vector<double> rates;
  for (const Figure& figure : contender.rounds) rates.push_back(figure.per_second);
  return median(std::move(rates));
}

// The peer runs the way its users would run it: the better of one process and one per core.
const Contender* better_node(const WorkResult& result) {
  const Contender* best = nullptr;
  for (const Contender& contender : result.contenders) {
    if (is_node(contender) && (best == nullptr || middle_rate(contender) > middle_rate(*best)))
      best = &contender;
  }
  return best;
}

Ratio ratio_of(const WorkResult& result, const Contender& other, double Figure::* figure) {
  std::vector<double> ratios;
  const Contender& ours = result.contenders.front();
  for (std::size_t i = 0; i < std::min(ours.rounds.size(), other.rounds.size()); ++i) {
    if (other.rounds[i].*figure > 0) ratios.push_back(ours.rounds[i].*figure / other.rounds[i].*figure);
  }
  Ratio ratio{.work = result.work, .what = "throughput", .against = other.name};
  if (ratios.empty()) return ratio;
  ratio.low = *std::ranges::min_element(ratios);
  ratio.high = *std::ranges::max_element(ratios);
  ratio.middle = median(std::move(ratios));
  return ratio;
}

WorkResult measure_work(Stage& stage, const BenchOptions& options, Work work, bool& complete) {
  WorkResult result{.work = work, .contenders = {}};
  for (const std::string& name : stage.contenders(work)) result.contenders.push_back({name, {}, {}});
  const auto stopped = [&] { return options.interrupted != nullptr && *options.interrupted; };
  std::uint64_t seed = options.seed;
  for (Contender& contender : result.contenders) {
    if (stopped()) break;
    if (contender.name != "pgbench")
      stage.measure(contender.name, work, is_node(contender) ? kNodeWarmUp : kWarmUp, ++seed,
                    contender.first_failure);
  }
  for (int round = 0; round < options.rounds && !stopped(); ++round) {
    std::vector<Contender*> order;
    for (Contender& contender : result.contenders) order.push_back(&contender);
    if (round % 2 == 1) std::ranges::reverse(order);
    for (Contender* contender : order) {
      if (stopped()) break;
      const Figure figure =
          stage.measure(contender->name, work, options.slice_s, ++seed, contender->first_failure);
      if (stopped()) break;  // a cut slice is no figure
      contender->rounds.push_back(figure);
      options.progress(fmt::format("{} {} of {}: {} {:.0f}/s", work_name(work), round + 1, options.rounds,
                                   contender->name, figure.per_second));
    }
  }
  complete = complete && !stopped();
  return result;
}

}  // namespace

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

std::vector<Ratio> ratios_of(const std::vector<WorkResult>& works) {
  std::vector<Ratio> ratios;
  for (const WorkResult& result : works) {
    const auto goal = std::ranges::find(kGoals, result.work, &Goal::work);
    for (const Contender& contender : result.contenders) {
      if (contender.name != "pgbench" && contender.name != kBareLoop) continue;
      ratios.push_back(ratio_of(result, contender, &Figure::per_second));
      ratios.back().goal = goal->pgbench;
    }
    std::vector<double> memory;
    for (const Figure& figure : result.contenders.front().rounds) memory.push_back(figure.memory_mib);
    const double most = memory.empty() ? 0 : *std::ranges::max_element(memory) / kMemoryMib;
    ratios.push_back({.work = result.work,
                      .what = "memory",
                      .against = fmt::format("{} MiB", kMemoryMib),
                      .middle = most,
                      .low = most,
                      .high = most,
                      .goal = 1,
                      .at_most = true});
    const Contender* node = better_node(result);
    if (node == nullptr) continue;
    ratios.push_back(ratio_of(result, *node, &Figure::per_second));
    ratios.back().goal = goal->node;
    ratios.push_back(ratio_of(result, *node, &Figure::memory_mib));
    ratios.back().what = "memory";
    ratios.back().goal = kMemoryGoal;
    ratios.back().at_most = true;
  }
  return ratios;
}

BenchResult run_bench(const BenchOptions& options) {
  options.progress("starting a durable cluster, the server and its peers");
  Stage stage(options);
  BenchResult result;
  result.facts = stage.facts();
  result.without_node = stage.without_node();
  for (const Work work : options.works) {
    if (!result.complete) break;
    result.works.push_back(measure_work(stage, options, work, result.complete));
  }
  result.ratios = ratios_of(result.works);
  return result;
}

}  // namespace loadgen::bench
