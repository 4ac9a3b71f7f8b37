// Histories told to people: calls, answers, story lines, and why an operation fits nowhere.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/judge/linearize.h"
#include "model/rules/world.h"
#include "model/vocabulary/finding.h"
#include "model/vocabulary/history.h"

namespace model {

std::string describe_call(const Command& command);  // "task.accept(task 1)"
std::string describe_actor(const World& start,
                           const Command& command);       // "user 2", "admin 5", "processor", "clock"
std::string describe_answer(const Operation& operation);  // "200 task ACCEPTED", "409 HX001", "no answer"
std::string describe_outcome(const Outcome& outcome);     // "accepted, task ACCEPTED", "HX001"
std::string seconds(std::int64_t microseconds);           // "1.204 s"

// The operations in order of invocation; `wrong` marks the one that does not fit.
std::vector<StoryLine> tell(const World& start, const History& history, std::vector<std::uint32_t> operations,
                            std::uint32_t wrong = UINT32_MAX);

struct Explanation {
  std::string sentence;  // "escrow.release(escrow 0) answered 200 ... at 1.204 s, so ... : no order fits"
  std::string expected;  // what the rules answer where the longest legal prefix ends
  std::string observed;
  std::string state;  // "task 0 is COMPLETED, its escrow RELEASED"
};

// Only for a broken linearization of this history.
Explanation explain(const World& start, const History& history, const Linearization& broken);

// The whole finding: rule "linearizability", headline, story, evidence with the longest legal prefix.
Finding finding_of(const World& start, const History& history, const Linearization& broken);

}  // namespace model
