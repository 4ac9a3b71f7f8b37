// The sequential oracle: the answers of a history without overlap, against the model, one by one.
#pragma once

#include <cstdint>
#include <optional>

#include "model/rules/world.h"
#include "model/vocabulary/finding.h"
#include "model/vocabulary/history.h"

namespace model {

struct OracleResult {
  Verdict verdict =
      Verdict::unknown;  // unknown: from a lost answer or an overlap on, only linearize can tell
  std::optional<std::uint32_t> first_wrong;
  Outcome expected;  // at first_wrong
  World world;       // as far as it was followed
};

// Follows the history in order of invocation until a wrong answer, a lost answer that may have had an effect,
// or two operations that overlap.
OracleResult follow(const World& start, const History& history);

}  // namespace model
