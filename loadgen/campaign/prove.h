// The gate measured: every mutant and every decoy gets a private environment, the default gate runs against
// it until a judge sees something, and the result is the mutation score (docs/prove.md).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "loadgen/campaign/prove_catalogue.h"
#include "loadgen/run.h"

namespace loadgen {

// One seed of one mutant.
struct ProofRun {
  std::uint64_t seed = 0;
  bool found = false;                       // a judge saw a broken rule
  std::map<std::string, std::string> seen;  // judge -> the rule that it named first
  std::string first_judge, rule, headline;  // of the first finding
  double seconds = 0;                       // from the first check on the running target to the first finding
  std::uint64_t commands = 0;               // judged by then
  std::size_t story_length = 0;  // calls of the shortest shrunk story; 0: no story (the database alone)
  double boot_s = 0;             // until the target runs
  double took_s = 0;             // everything, start and end of the environment included
  std::string error;  // not empty: it could not be measured (does not apply, does not start, target died)
};

struct Proof {
  const Mutant* mutant = nullptr;
  std::vector<ProofRun> runs;
  // Killed (an alarm, for a decoy): in every seed; decoys: in any.
  bool killed() const;
  std::string error() const;  // of the first run that could not be measured
};

struct ProveOptions {
  std::uint64_t seed = 1;
  int seeds = 1;  // seed, seed + 1, ...
  double mutant_seconds =
      20;  // of driving, for one seed of one mutant that nobody sees; less when it is seen
  double more_seconds =
      3;  // after the first finding, for the other judges; a third of it when two have seen it
  double shrink_seconds = 4;          // for the stories of one run
  int jobs = 1;                       // mutants at the same time
  std::vector<std::string> checks{};  // of the side stage: only these, and nothing else of the gate
  std::string scenario_folder;
  std::string source_root;  // the checkout
  // Executables; empty: our own, and the one beside it.
  std::string harness{}, server{};
};

struct ProveEvents {
  std::function<bool()> interrupted = [] { return false; };  // from any thread
  // After each gate that was run against a mutant; from any thread, with several jobs at the same time.
  std::function<void(const Mutant&, const Run&)> ran = [](const Mutant&, const Run&) {};
  // After each mutant, all its seeds; one call at a time.
  std::function<void(const Proof&)> done = [](const Proof&) {};
};

// One seed of one mutant. Never throws: what goes wrong is the run's error.
ProofRun prove_once(const Mutant& mutant, std::uint64_t seed, const ProveOptions& options,
                    const ProveEvents& events);

// All of them, in order unless several run at once. `earlier`: runs of a previous call that are not repeated.
// An interrupted mutant is left out.
std::vector<Proof> prove(const std::vector<Mutant>& mutants, const std::vector<Proof>& earlier,
                         const ProveOptions& options, const ProveEvents& events);

struct ProofScore {
  std::size_t mutants = 0, killed = 0, sequential = 0, sequential_killed = 0, decoys = 0, alarms = 0,
              errors = 0;
  std::size_t grave = 0, grave_by_two = 0;  // of severity 1 and killed; of these, by two judges or more
  double score() const {
    return mutants == 0 ? 0 : static_cast<double>(killed) / static_cast<double>(mutants);
  }
  double median_seconds = 0;  // to detection, over all killed runs
  double median_story = 0;    // calls, over all killed runs with a story
};
inline constexpr double kScoreWanted = 0.95;

// Who saw it, in any of its runs.
std::set<std::string> judges_of(const Proof& proof);

ProofScore score_of(const std::vector<Proof>& proofs);

// 1 below the wanted score, a sequential survivor or a false alarm; else 4 when something is missing; else 0.
int exit_code_of(const ProofScore& score, bool complete);

}  // namespace loadgen
