// What must have happened by the end of a run (state-machines.md §5, progress rules; zero grace at the quiet
// end).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/vocabulary/states.h"

namespace model {

// One task with its escrow as the database tells it after everything came to rest.
struct Progress {
  TaskState task = TaskState::open;
  std::optional<EscrowState> escrow;
  bool has_xp = false;
  bool transfer_expected = false;  // RELEASED or REFUND_PARTIAL, and the worker has a payout account
  bool transfer_made = false;      // the processor's books know it
  bool deadline_passed = false;    // and the expiry job has run since then
};

struct Stuck {
  std::string rule;
  std::string sentence;
};

std::vector<Stuck> judge_liveness(const Progress& progress);

}  // namespace model
