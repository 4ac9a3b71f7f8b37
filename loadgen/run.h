// What a command did, as recorded: the only thing that reports read. Plain values.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "model/vocabulary/finding.h"

namespace loadgen {

struct Latency {  // per procedure, from an HDR histogram; microseconds
  std::string name;
  std::uint64_t count = 0;
  std::uint64_t errors = 0;  // refusals that the model expected are not errors; lost answers and 5xx are
  std::int64_t p50_us = 0, p90_us = 0, p99_us = 0, p999_us = 0, max_us = 0;
};

struct Evidence {
  std::string name;  // "plans with double webhooks", "Q05", "kill -9"
  std::string text;  // what was done and seen, with counts
  model::Verdict verdict = model::Verdict::unknown;
};

struct Item {  // one line of the readiness gate (operations.md §10)
  int number = 0;
  std::string group;  // money, proof, safety, ai, analytics, ops, abuse, cost
  std::string title;
  model::Verdict verdict = model::Verdict::unknown;
  std::string reason;    // one sentence: why this verdict, or what is missing
  std::string scope;     // how far it was judged, empty when completely
  bool selected = true;  // --only
  std::vector<Evidence> evidence;
};

struct CoverageCell {   // state x command x actor x outcome, out of the model's reachable cells
  std::string state;    // "ACCEPTED/FUNDED, REJECTED, no dispute": task, escrow, latest proof, latest dispute
  std::string command;  // "task.cancel"
  std::string actor;    // "poster", "worker", "stranger", "admin", "processor", "clock"
  std::uint64_t hits = 0;
  std::string outcome{};  // "ok" or the code of the refusal
};

struct Retried {  // a finding of an earlier run, played again
  enum class Now : std::uint8_t { skipped, fails, fixed };
  std::string name;  // of its file in the corpus, without .json
  std::string rule, headline;
  Now now = Now::skipped;  // skipped: no time, another version's choices, or it needs what the target lacks
  std::uint64_t runs = 0;  // until it failed, or without a failure
};

struct Phase {       // a part of the run; several may overlap
  std::string name;  // "drills", "side stage: uploads", "first finding of books"
  double from_s = 0, took_s = 0;
};

struct Run {
  std::string command;       // "gate"
  std::string command_line;  // what was typed
  std::string started_utc;   // ISO 8601
  std::string target, database, providers;
  std::string server_version;
  std::uint64_t seed = 0;
  double seconds = 0;    // driving time
  bool complete = true;  // false: interrupted, or the target died; the report says partial
  std::string incomplete_reason;
  std::uint64_t plans = 0, commands = 0, concurrent_groups = 0, unknown_outcomes = 0;
  std::vector<Item> items;
  std::vector<model::Finding> findings;
  std::vector<Retried> retried;
  std::vector<Phase> phases;  // in the order in which they ended
  std::vector<Latency> latencies;
  std::vector<CoverageCell> coverage;
  std::vector<std::pair<std::string, std::uint64_t>> races;      // each order of each race, times seen
  std::vector<std::pair<std::string, std::uint64_t>> scenarios;  // name, plans
  std::vector<std::pair<std::string, std::string>> facts;        // machine, versions, settings
  std::vector<std::string> assumptions;  // stay UNKNOWN until a person supplies evidence (operations.md §10)
  std::vector<std::pair<std::string, std::string>> histograms;  // tag, encoded V2 payload (base64)
  int exit_code = 3;
};

}  // namespace loadgen
