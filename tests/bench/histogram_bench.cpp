// What recording, merging and reading a latency histogram cost.
#include <benchmark/benchmark.h>

#include "loadgen/histogram.h"
#include "loadgen/histogram_log.h"

namespace {

loadgen::Histogram filled(std::uint64_t values) {
  loadgen::Histogram out;
  std::uint64_t state = 1;
  for (std::uint64_t i = 0; i < values; ++i) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    out.record(static_cast<std::int64_t>(state >> 44));  // 0 to 1 s, uniform
  }
  return out;
}

void record(benchmark::State& state) {
  loadgen::Histogram histogram;
  std::uint64_t value = 1;
  for (auto _ : state) {
    value = value * 6364136223846793005u + 1442695040888963407u;
    histogram.record(static_cast<std::int64_t>(value >> 44));
  }
  benchmark::DoNotOptimize(histogram.count());
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(record)->Name("histogram/record");

void merge(benchmark::State& state) {
  const loadgen::Histogram other = filled(100'000);
  loadgen::Histogram histogram;
  for (auto _ : state) histogram.merge(other);
  benchmark::DoNotOptimize(histogram.count());
}
BENCHMARK(merge)->Name("histogram/merge");

void percentile(benchmark::State& state) {
  const loadgen::Histogram histogram = filled(100'000);
  for (auto _ : state) benchmark::DoNotOptimize(histogram.at_percentile(99.9));
}
BENCHMARK(percentile)->Name("histogram/p99.9");

void encode(benchmark::State& state) {
  const loadgen::Histogram histogram = filled(100'000);
  for (auto _ : state) benchmark::DoNotOptimize(loadgen::encode_histogram(histogram));
}
BENCHMARK(encode)->Name("histogram/encode");

}  // namespace
