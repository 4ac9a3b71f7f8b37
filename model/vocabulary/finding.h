// A broken (or undecided) rule, told so that a stranger can act on it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace model {

enum class Verdict : std::uint8_t { holds, broken, unknown };

struct StoryLine {
  std::uint32_t lane = 0;
  std::int64_t from_us = 0;
  std::int64_t to_us = 0;
  std::string actor;   // "poster 1", "processor", "clock"
  std::string call;    // "task.accept(task 1)"
  std::string answer;  // "200 ACCEPTED", "409 HX001", "no answer"
  bool wrong = false;  // the call that does not fit
};

struct Finding {
  Verdict verdict = Verdict::broken;
  std::string rule;  // "INV-2", "Q07", "T9", "linearizability"
  std::string spec;  // where the rule is written: "invariants.md §1"
  std::string
      judge;  // "linearize", "database", "books", "snapshot", "liveness", "contract", "readback", "attack"
  std::string headline;  // one sentence, with amounts where money is wrong
  std::string expected;
  std::string observed;
  std::vector<std::string> entities;                          // "task 3f2a…", "escrow …"
  std::vector<StoryLine> story;                               // in order of invocation
  std::vector<std::pair<std::string, std::string>> evidence;  // name, text (rows, SQL, bodies)
  std::vector<std::uint32_t> choices;                         // replays the case: plan = interpret(choices)
  std::string scenario;                                       // the scenario that interprets them
  std::uint64_t seed = 0;
};

}  // namespace model
