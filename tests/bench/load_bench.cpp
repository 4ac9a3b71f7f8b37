// What the raw generator's hot path costs without the kernel: the next instant, the scan of an answer, the
// books.
#include <benchmark/benchmark.h>

#include <string>

#include "loadgen/load/answer_scan.h"
#include "loadgen/load/arrivals.h"
#include "loadgen/load/tally.h"

namespace {

namespace load = loadgen::load;

void arrivals(benchmark::State& state) {
  const auto spacing = state.range(0) == 0 ? load::Spacing::even : load::Spacing::poisson;
  load::Arrivals schedule({.spacing = spacing, .rate = 1e6, .duration_s = 1e5, .seed = 1});
  for (auto _ : state) benchmark::DoNotOptimize(schedule.next());
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(arrivals)->Name("load/next_instant")->ArgName("poisson")->Arg(0)->Arg(1);

void scan(benchmark::State& state) {
  const std::string answer =
      "HTTP/1.1 200 OK\r\nServer: hustle\r\nDate: Fri, 20 Nov 2026 14:00:00 GMT\r\nContent-Type: "
      "application/json\r\n"
      "Content-Length: 120\r\nConnection: keep-alive\r\n\r\n" +
      std::string(120, 'x');
  load::AnswerScan scanner;
  for (auto _ : state) {
    scanner.restart();
    benchmark::DoNotOptimize(scanner.feed(answer));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(scan)->Name("load/scan_answer");

void books(benchmark::State& state) {
  load::Tally tally(0, 60);
  std::int64_t at = 0;
  for (auto _ : state) {
    at = (at + 100'000) % 60'000'000'000;
    tally.due(at);
    tally.sent(at, 0, at + 20'000);
    tally.success(at, at + 20'000, at + 250'000, 200);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(books)->Name("load/books_of_a_request");

}  // namespace
