// What the database must show of a case that ended: the rules' world after its calls. Provider books are
// compared with the database's own amounts, so this is what notices amounts that are wrong in both.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/database.h"
#include "loadgen/executor.h"
#include "model/judge/linearize.h"
#include "model/vocabulary/cents.h"
#include "model/vocabulary/instant.h"
#include "model/vocabulary/states.h"

namespace loadgen {

inline constexpr std::string_view kFinalWorldJudge = "model state";

struct FinalTask {
  std::string id;  // tasks.id
  model::TaskState state = model::TaskState::open;
  model::EscrowState escrow = model::EscrowState::pending;
  model::Cents amount = 0, release_amount = 0, refund_amount = 0;  // the parts in REFUND_PARTIAL only
};

struct FinalWorker {
  std::string id;  // users.id
  std::int32_t xp_total = 0, level = 1, streak = 0, tier = 1;
};

struct FinalProof {
  std::string id;    // proofs.id
  std::string zone;  // slug, "" for none
  std::uint32_t signals = 0;
  int risk = 0;
  int photos = 0;
  bool manual_review = false;
};

// Signals of a refused submission: their rows have no proof.
struct RefusedSignals {
  std::string user, task;
  std::uint32_t signals = 0;
};

struct FinalWorld {
  std::vector<FinalTask> tasks;  // those whose identifiers are known
  std::vector<FinalWorker> workers;
  std::vector<std::string> escrows;  // escrows.id of the tasks, those that are known
  std::vector<FinalProof> proofs;
  std::vector<RefusedSignals> refused;
  std::vector<std::string> ids;       // of everything that belongs to the case
  std::vector<model::Instant> calls;  // when its calls were made, in order, each once
};

// Nothing when the case has no certain end: the history does not hold, an answer was lost, or the case was
// cut short.
std::optional<FinalWorld> final_world_of(const CaseRecord& record, const model::Linearization& search);

// Every row that differs from what the case must have left behind. Only at a quiet moment. Without a test
// clock the target's own jobs go on after the case, so only cases are compared whose escrows are terminal.
std::vector<model::Finding> audit_final_worlds(Database& database, std::span<const FinalWorld> worlds,
                                               bool test_clock);

}  // namespace loadgen
