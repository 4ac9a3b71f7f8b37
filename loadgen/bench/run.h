// The server against its limit and its peer: pgbench, hustle-server and the Node peer in turn on one durable
// cluster, forward and backward (A B C, C B A), because machines drift. Only ratios of one run mean anything.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "loadgen/bench/journey.h"

namespace loadgen::bench {

struct BenchOptions {
  std::vector<Work> works{Work::ping, Work::read, Work::create, Work::lifecycle};
  bool pgbench = true, node = true;
  bool node_required = false;  // asked for by name: its absence is an error instead of a remark
  double slice_s = 3;          // of one contender in one round; pgbench measures whole seconds
  int rounds = 4;
  unsigned connections = 64;
  std::uint64_t seed = 1;
  std::string harness{}, server{};  // executables; empty: this one and its sibling
  const std::atomic<bool>* interrupted = nullptr;
  std::function<void(const std::string& line)> progress = [](const std::string&) {};
};

struct Figure {  // one contender, one round
  double per_second = 0;
  double server_cpu_us = 0, postgres_cpu_us = 0, client_cpu_us = 0;  // per unit of work
  std::int64_t p50_us = 0, p99_us = 0;                               // of one request; 0 for pgbench
  double memory_mib = 0;  // of the contender's processes, highest so far; 0 for pgbench
  std::uint64_t failures = 0;
};

struct Contender {
  std::string name;  // "hustle-server", "pgbench", "Node, 1 process"
  std::vector<Figure> rounds;
  std::string first_failure;
};

struct Ratio {
  Work work = Work::ping;
  std::string what;     // "throughput", "memory"
  std::string against;  // the contender
  double middle = 0;    // median over the rounds
  double low = 0, high = 0;
  std::optional<double> goal;  // at least; memory: at most
  bool at_most = false;
  bool met() const { return !goal || (at_most ? middle <= *goal : middle >= *goal); }
};

struct WorkResult {
  Work work = Work::ping;
  std::vector<Contender> contenders;  // the first is hustle-server
};

struct BenchResult {
  std::vector<WorkResult> works;
  std::vector<Ratio> ratios;
  std::vector<std::pair<std::string, std::string>> facts;  // machine, versions, settings
  std::string without_node;                                // why it was not measured, empty when it was
  bool complete = true;                                    // false: interrupted
};

// Throws EnvironmentError when something cannot be started or answers wrongly.
BenchResult run_bench(const BenchOptions& options);

// Middle, lowest and highest of the rounds' ratios; the goals are those of docs/bench.md.
std::vector<Ratio> ratios_of(const std::vector<WorkResult>& works);

double median(std::vector<double> values);  // 0 for none

}  // namespace loadgen::bench
