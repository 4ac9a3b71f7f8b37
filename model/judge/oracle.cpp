#include "model/judge/oracle.h"

#include "model/rules/apply.h"

namespace model {

OracleResult follow(const World& start, const History& history) {
  OracleResult result;
  result.world = start;
  std::int64_t last_return = INT64_MIN;
  for (std::uint32_t i = 0; i < history.operations.size(); ++i) {
    const Operation& o = history.operations[i];
    const bool lost = o.outcome.kind == Outcome::Kind::unknown;
    const bool next_overlaps =
        i + 1 < history.operations.size() && history.operations[i + 1].invoked_us < o.returned_us;
    if (o.invoked_us < last_return || (next_overlaps && !lost)) return result;
    World after = result.world;
    const Outcome expected = apply_observed(after, o.command, o.now, o.outcome);
    if (lost) {
      if (after == result.world) continue;
      return result;
    }
    if (!acceptable(o.command, expected, o.outcome)) {
      result.verdict = Verdict::broken;
      result.first_wrong = i;
      result.expected = expected;
      return result;
    }
    result.world = std::move(after);
    last_return = o.returned_us;
  }
  result.verdict = Verdict::holds;
  return result;
}

}  // namespace model
