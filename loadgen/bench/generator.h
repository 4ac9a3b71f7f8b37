// The generator against wrk, and against its own schedule (docs/load.md): both with the bare target, in turn.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace loadgen::bench {

struct GeneratorOptions {
  bool against_wrk = true, pacing = true;
  double slice_s = 3;
  int rounds = 4;
  unsigned connections = 64;
  std::uint64_t seed = 1;
  std::string harness = {}, server = {};  // executables; empty: this one and its sibling
  const std::atomic<bool>* interrupted = nullptr;
  std::function<void(const std::string& line)> progress = [](const std::string&) {};
};

struct ClientRound {        // requests by processor-second of the client's whole process or thread
  double raw = 0, wrk = 0;  // both against the bare loop
  double journeys = 0, server_wrk = 0;  // both against the reference server
  double raw_rate = 0, wrk_rate = 0;    // requests by wall-clock second
};

struct PacingRound {  // 5,000/s, evenly
  double rate_error = 0;
  double send_p99_us = 0;     // from due to sent, by the generator's clock
  double arrival_p99_us = 0;  // from due to read, by the target's stamps
  double waited = 0;          // share for which the target was too slow: no connection was free
  double machine_busy = 0;
  bool usable() const { return waited <= 0.01; }
};

struct GeneratorResult {
  std::vector<ClientRound> clients;
  std::vector<PacingRound> pacing;
  std::string without_wrk;  // why it was not measured, empty when it was
  bool complete = true;     // false: interrupted

  bool asked() const { return !clients.empty() || !pacing.empty() || !without_wrk.empty(); }
};

struct GeneratorGoal {
  std::string what, unit;
  double measured = 0, low = 0, high = 0, goal = 0;  // median and range of the rounds
  bool at_most = false;
  bool met() const { return at_most ? measured <= goal : measured >= goal; }
};

GeneratorResult measure_generator(const GeneratorOptions& options);
std::vector<GeneratorGoal> goals_of(const GeneratorResult& result);

// Requests of "  123456 requests in 3.00s, …" in what wrk prints; 0 when there is no such line or errors are
// told.
double wrk_requests(const std::string& output);

}  // namespace loadgen::bench
