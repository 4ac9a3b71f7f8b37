// Judges each case as it ends, in the worker thread that ran it, and counts what it was evidence for.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "loadgen/campaign/final_world.h"
#include "loadgen/campaign/items.h"
#include "loadgen/executor.h"
#include "loadgen/run.h"
#include "model/judge/linearize.h"
#include "model/vocabulary/finding.h"

namespace loadgen {

// A finding with what the gate does with it. Findings of one shape are one finding that was seen several
// times.
struct Found {
  model::Finding finding;
  std::vector<int> items;
  std::string shape;  // rule, call, expected and observed without numbers
  std::uint64_t times = 1;
  sim::Plan plan;  // the case, for shrinking; no steps when no case belongs to it
};

// An effect of an administrator that must have left a row in admin_actions.
struct AdminEffect {
  std::string admin;    // users.id
  std::string target;   // task id; the user of a verification
  bool certain = true;  // false: it may have happened
};

class CaseJudge {
 public:
  CaseJudge();
  ~CaseJudge();

  // Any thread. `drill` names a hand-made plan; empty for a case of a scenario. Answers how much is wrong.
  std::size_t judge(const CaseRecord& record, const std::string& drill = {});
  void add(model::Finding finding, const model::Action* action = nullptr);
  void count(const std::string& counter, std::uint64_t times = 1);

  // Tells the listener of a breach whose finding is not complete yet; it is added later.
  void announce(const model::Finding& finding) const;

  // Told of each new finding that is broken, and how many commands were judged by then. Called under a lock:
  // it must not call back. Set before anything is judged.
  using Listener = std::function<void(const model::Finding&, std::uint64_t commands)>;
  void listen(Listener listener);

  // The case to which an entity of the target (its UUID) belongs: scenario and number; a drill's number is 0.
  struct Owner {
    std::string scenario;
    std::uint64_t case_id = 0;
  };
  std::optional<Owner> owner_of(const std::string& id) const;

  std::uint64_t findings() const;
  std::vector<Found> take_findings();
  std::vector<FinalWorld> take_final_worlds();
  // The ends of cases from number `from` on that are at least so old, at most so many; `from` becomes the
  // number of the next.
  std::vector<FinalWorld> ended_worlds(std::size_t& from, std::chrono::milliseconds age,
                                       std::size_t at_most) const;
  Tally tally() const;
  std::vector<AdminEffect> admin_effects() const;
  void report_into(Run& run) const;  // counts, latencies, histograms, coverage, scenarios

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The findings that a recorded case contains: its breaches of the wire contract, and its history against the
// model.
struct CaseVerdict {
  model::Linearization linearization;
  std::vector<model::Finding> findings;
  std::vector<model::Action> actions;  // the call that went wrong, for each finding
};
CaseVerdict judge_case(const CaseRecord& record, const model::SearchBudget& budget = {});

std::string shape_of(const model::Finding& finding);
// The shape without judge and rule: which call went wrong, what was expected and what came, without numbers.
std::string manner_of(const model::Finding& finding);

}  // namespace loadgen
