#include "loadgen/load/raw.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <memory>
#include <system_error>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "loadgen/environment/error.h"
#include "loadgen/load/worker.h"

namespace loadgen::load {
namespace {

std::int64_t monotonic_ns() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

net::TargetAddress address_of(const RawOptions& options) {
  return {.url = options.target, .tls = options.tls, .socket_path = options.socket_path};
}

std::string unreachable(const RawOptions& options, std::string_view reason) {
  return fmt::format("--target {}: cannot be reached: {}", address_of(options).text(), reason);
}

using Workers = std::vector<std::unique_ptr<Worker>>;

Workers make_workers(const RawOptions& options, const std::string& bytes, Shared& shared) {
  const unsigned threads = std::clamp(options.threads, 1U, options.connections);
  WorkerPlan plan{.request = bytes,
                  .head_request = options.request.method == "HEAD",
                  .body_has = options.body_has,
                  .status = options.status,
                  .arrivals = options.arrivals,
                  .stride = threads,
                  .closed = options.closed,
                  .think_ns = std::llround(options.think_s * 1e9),
                  .timeout_ns = std::llround(options.timeout_s * 1e9)};
  auto endpoint = net::resolve(address_of(options), options.verify);
  if (!endpoint) throw EnvironmentError(3, unreachable(options, endpoint.error()));
  plan.endpoint = std::move(*endpoint);
  Workers workers;
  for (unsigned i = 0; i < threads; ++i) {
    plan.first = i;
    plan.connections = options.connections / threads + (i < options.connections % threads ? 1 : 0);
    workers.push_back(std::make_unique<Worker>(plan, shared));
    try {
      workers.back()->connect_all();
    } catch (const std::system_error& error) {
      throw EnvironmentError(3, unreachable(options, error.code().message()));
    }
  }
  return workers;
}

RawProgress progress_of(const Workers& workers, double elapsed_s) {
  RawProgress out{.elapsed_s = elapsed_s};
  for (const auto& worker : workers) out.ok += worker->ok(), out.failed += worker->failed();
  return out;
}

// Waits for the threads, passes the user's wish to stop on to them, and tells the progress.
void attend(const RawOptions& options, const Workers& workers, Shared& shared,
            const std::atomic<unsigned>& running, std::int64_t start, MemoryMarks& memory) {
  double told = 0;
  while (running > 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    if (options.interrupted != nullptr && *options.interrupted) shared.stop = true;
    const double elapsed = static_cast<double>(monotonic_ns() - start) / 1e9;
    if (elapsed < told + 1) continue;
    told = std::floor(elapsed);
    const RawProgress progress = progress_of(workers, elapsed);
    memory.look(progress.ok + progress.failed);
    if (options.progress) options.progress(progress);
  }
}

void watch_of(const Workers& workers, const MachineTime& before, const MachineTime& after, SelfWatch& out) {
  for (const auto& worker : workers) {
    const auto [cpu, waiting] = worker->measured_time();
    const auto whole = static_cast<double>(std::max<std::int64_t>(1, worker->measured_ns()));
    out.threads.push_back({static_cast<double>(cpu) / whole, static_cast<double>(waiting) / whole});
    out.cpu_s += static_cast<double>(cpu) / 1e9;
  }
  const auto total = static_cast<double>(std::max<std::uint64_t>(1, after.total - before.total));
  out.steal = static_cast<double>(after.steal - before.steal) / total;
  out.machine_busy = 1 - static_cast<double>(after.idle - before.idle) / total;
}

}  // namespace

std::string request_bytes(const net::Request& request, const net::Url& target) {
  std::string out = fmt::format("{} {} HTTP/1.1\r\n", request.method, request.target);
  if (request.headers.find("host") == nullptr)
    out += fmt::format("Host: {}:{}\r\n", target.host, target.port);
  for (const auto& [name, value] : request.headers.entries) out += fmt::format("{}: {}\r\n", name, value);
  const bool bare = request.method == "GET" || request.method == "HEAD";
  if (!request.body.empty() || !bare) out += fmt::format("Content-Length: {}\r\n", request.body.size());
  return out + "\r\n" + request.body;
}

RawResult run_raw(const RawOptions& options) {
  const std::string bytes = request_bytes(options.request, options.target);
  Shared shared;
  const Workers workers = make_workers(options, bytes, shared);
  RawResult result{.tally = Tally(options.arrivals.warmup_s, options.arrivals.duration_s)};
  if (!options.closed) result.schedule = schedule_facts(options.arrivals);
  const MachineTime before = machine_time();
  result.watch.memory_begin_kb = resident_kb();
  const std::int64_t start = monotonic_ns() + 5'000'000;  // time for the threads to begin
  result.started_epoch_s =
      std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  result.started_monotonic_ns = start;
  std::atomic<unsigned> running = static_cast<unsigned>(workers.size());
  {
    std::vector<std::jthread> threads;
    for (const auto& worker : workers) {
      threads.emplace_back([&running, &worker, start] {
        worker->run(start);
        --running;
      });
    }
    attend(options, workers, shared, running, start, result.watch.memory);
  }
  for (const auto& worker : workers) {
    result.tally.merge(worker->tally());
    result.seconds = std::max(result.seconds, static_cast<double>(worker->measured_ns()) / 1e9);
  }
  watch_of(workers, before, machine_time(), result.watch);
  result.watch.memory_end_kb = resident_kb();
  result.complete = !shared.stop;
  result.died = shared.died;
  if (result.died) {
    result.reason = "the target refused connections for a second without one answer";
  } else if (!result.complete) {
    result.reason = "interrupted";
  }
  return result;
}

}  // namespace loadgen::load
