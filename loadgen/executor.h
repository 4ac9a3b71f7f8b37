// Runs plans against a real target over HTTP and records what happened. It judges nothing but the wire
// contract.
//
//   Executor executor({.endpoints = {target, database, providers, test_clock}});
//   const Ended ended = executor.run(next_plan, [&](CaseRecord record) { judge(record); }, {});
//   CaseRecord again = executor.run_one(plan);   // replay, shrinking
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/vocabulary/finding.h"
#include "model/vocabulary/history.h"
#include "sim/plan.h"

namespace loadgen {

struct Endpoints {
  std::string target;      // http://host:port
  std::string database;    // postgresql://…; users are created here
  std::string providers;   // http://host:port of `hustle providers`
  bool test_clock = true;  // the target honours x-hustle-now and /test/jobs
};

struct ExecutorOptions {
  Endpoints endpoints;
  int workers = 8;                            // cases that run at the same time
  std::chrono::milliseconds timeout{10'000};  // for one answer; then the outcome is unknown
  std::chrono::milliseconds patience{0};      // how long a target that refuses connections is waited for
};

// Symbolic numbers of the plan → identifiers of the target. Empty: the entity has not come into being.
struct Bindings {
  std::vector<std::string> users, tasks, escrows, proofs, disputes, events, verifications;
  std::vector<std::string> intents;     // by escrow
  std::vector<std::string> photo_keys;  // of the submission that is sent next
};

struct Sample {
  model::Action action;
  std::int64_t micros = 0;
  bool error = false;  // lost, or a 5xx
};

struct CaseRecord {
  sim::Plan plan;
  model::History history;  // history.case_id = plan.case_id
  Bindings ids;
  std::vector<model::Finding>
      breaches;  // of the wire contract (judge "contract"), of what was written ("readback")
  std::vector<Sample> samples;
  std::size_t groups = 0;   // concurrent ones
  std::size_t unknown = 0;  // operations without an answer
  bool complete = true;     // false: the case was cut short; why is in `cut_short`
  std::string cut_short;
  bool target_gone = false;  // it refuses connections or answers nothing any more; `cut_short` says which
};

struct Progress {
  std::uint64_t plans = 0;
  std::uint64_t commands = 0;
  double seconds = 0;
};

struct Ended {
  enum class Why : std::uint8_t { plans_ran_out, stopped, target_died };
  Why why = Why::plans_ran_out;
  std::string message;  // target_died: what was seen, one line
  Progress progress;
};

struct RunCallbacks {
  std::function<bool()> stop;                     // asked before each case: true ends the run
  std::function<void(const Progress&)> progress;  // about once a second
};

class Executor {
 public:
  // Switches the providers to manual delivery: a webhook is sent exactly when a plan says so. Throws
  // std::runtime_error with one line when database or providers cannot be reached.
  explicit Executor(ExecutorOptions options);
  ~Executor();
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  // `next` is called by one thread at a time; nullopt ends the run. `done` is called by worker threads,
  // several at the same moment. An exception of either ends the run and is thrown again here.
  Ended run(const std::function<std::optional<sim::Plan>()>& next,
            const std::function<void(CaseRecord)>& done, const RunCallbacks& callbacks);

  CaseRecord run_one(const sim::Plan& plan);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace loadgen
