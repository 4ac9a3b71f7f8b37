// Goals: 100 histories of 85 operations by 10 clients under 100 ms in total; 1,700 operations by 50 clients
// under 50 ms.
#include <benchmark/benchmark.h>

#include <vector>

#include "tests/judge/chance.h"

namespace {

void hundred_histories(benchmark::State& state) {
  std::vector<build::Happened> histories;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) histories.push_back(build::happened({}, seed));
  for (auto _ : state) {
    for (const build::Happened& h : histories) {
      if (model::linearize(h.start, h.history).verdict != model::Verdict::holds)
        state.SkipWithError("not decided");
    }
  }
}
BENCHMARK(hundred_histories)->Unit(benchmark::kMillisecond);

// Argument: number of tasks. Few tasks: everybody fights over the same rows, in one component.
void hostile_history(benchmark::State& state) {
  build::ChanceOptions options;
  options.operations = 1700;
  options.clients = 50;
  options.tasks = static_cast<std::size_t>(state.range(0));
  options.workers = 8;
  const build::Happened h = build::happened(options, 42);
  std::uint64_t states = 0;
  for (auto _ : state) {
    const model::Linearization result = model::linearize(h.start, h.history);
    states = result.states;
    if (result.verdict != model::Verdict::holds) state.SkipWithError("not decided");
  }
  state.counters["states"] = static_cast<double>(states);
}
BENCHMARK(hostile_history)->Arg(1)->Arg(12)->Arg(100)->Arg(400)->Unit(benchmark::kMillisecond);

void sequential_history(benchmark::State& state) {
  build::ChanceOptions options;
  options.operations = static_cast<std::size_t>(state.range(0));
  options.clients = 1;
  const build::Happened h = build::happened(options, 7);
  for (auto _ : state) benchmark::DoNotOptimize(model::linearize(h.start, h.history));
  state.SetComplexityN(state.range(0));
}
BENCHMARK(sequential_history)
    ->Arg(1000)
    ->Arg(10000)
    ->Unit(benchmark::kMillisecond)
    ->Complexity(benchmark::oN);

}  // namespace
