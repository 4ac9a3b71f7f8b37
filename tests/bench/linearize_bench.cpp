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

// Argument: percent of lost answers, each of which may have taken effect at any later time or never.
void lossy_history(benchmark::State& state) {
  build::ChanceOptions options;
  options.operations = 1700;
  options.clients = 50;
  options.tasks = 40;
  options.workers = 8;
  options.lost_percent = static_cast<int>(state.range(0));
  const build::Happened h = build::happened(options, 42);
  std::uint64_t states = 0;
  for (auto _ : state) {
    const model::Linearization result = model::linearize(h.start, h.history);
    states = result.states;
    if (result.verdict != model::Verdict::holds) state.SkipWithError("not decided");
  }
  state.counters["states"] = static_cast<double>(states);
}
BENCHMARK(lossy_history)->Arg(2)->Arg(5)->Arg(10)->Unit(benchmark::kMillisecond);

// One answer in the middle is spoiled, so every order has to be refuted. Argument: number of tasks.
void refuted_history(benchmark::State& state) {
  build::ChanceOptions options;
  options.operations = 1700;
  options.clients = 50;
  options.tasks = static_cast<std::size_t>(state.range(0));
  options.workers = 8;
  build::Happened h = build::happened(options, 42);
  std::size_t spoiled = h.history.operations.size() / 2;
  const auto changes = [](const model::Operation& o) {
    return o.outcome.kind == model::Outcome::Kind::accepted && o.command.action == model::Action::task_cancel;
  };
  while (spoiled + 1 < h.history.operations.size() && !changes(h.history.operations[spoiled])) ++spoiled;
  h.history.operations[spoiled].outcome = model::Outcome::refused(model::Code::internal_error);
  std::uint64_t states = 0;
  for (auto _ : state) {
    const model::Linearization result = model::linearize(h.start, h.history);
    states = result.states;
    if (result.verdict != model::Verdict::broken) state.SkipWithError("not refuted");
  }
  state.counters["states"] = static_cast<double>(states);
}
BENCHMARK(refuted_history)->Arg(12)->Arg(100)->Arg(400)->Unit(benchmark::kMillisecond);

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
