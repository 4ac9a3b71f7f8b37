// Raw mode: one prepared HTTP/1.1 request, repeated over keep-alive connections on epoll, one request in
// flight per connection. Open loop by default: requests are due by one schedule for all threads, latency
// counts from the intended start, and a request for which no connection is free waits in the schedule, on the
// target's account. Closed loop: every connection is a user who thinks between answer and next request.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "loadgen/load/arrivals.h"
#include "loadgen/load/self_watch.h"
#include "loadgen/load/tally.h"
#include "net/channel.h"
#include "net/client.h"

namespace loadgen::load {

struct RawProgress {
  double elapsed_s = 0;
  std::uint64_t ok = 0, failed = 0;
};

struct RawOptions {
  net::Url target;
  bool tls = false;
  std::string socket_path = {};  // Unix socket instead of the URL's host and port
  bool verify = true;            // TLS: the certificate must be trusted and name the host
  net::Request request;          // target already holds the URL's base path
  ArrivalPlan arrivals;          // its warmup_s and duration_s hold for closed loop too
  bool closed = false;
  double think_s = 0;         // closed loop: between an answer and the user's next request
  unsigned connections = 64;  // closed loop: users
  unsigned threads = 1;       // one per core at most; no more than connections
  double timeout_s = 10;      // of one request from its send; also how long the run waits after its end
  int status = 0;             // the status of a success; 0: any from 200 to 299
  std::string body_has;       // text that a success has in its body
  const std::atomic<bool>* interrupted = nullptr;         // ends the run within 100 ms
  std::function<void(const RawProgress&)> progress = {};  // once per second, in the caller's thread
};

struct RawResult {
  Tally tally;
  ScheduleFacts schedule;      // empty in closed loop
  double started_epoch_s = 0;  // of the schedule, as wall clock and as CLOCK_MONOTONIC
  std::int64_t started_monotonic_ns = 0;
  double seconds = 0;  // of the measured phase: as planned, shorter when the run was cut
  bool complete = true;
  bool died = false;   // the target refused connections for a second without one success
  std::string reason;  // why not complete
  SelfWatch watch;
};

// The bytes of a request as they are sent each time.
std::string request_bytes(const net::Request& request, const net::Url& target);

// Runs until the schedule is done and everything is answered or timed out. Throws EnvironmentError (exit code
// 3) when the target cannot be reached at the start.
RawResult run_raw(const RawOptions& options);

}  // namespace loadgen::load
