// What submissions must have left behind, by the rules, against the rows and the objects that are there:
// fixes, risks, signals (proof-and-gps.md §5), photos and their bytes (§3, FM-124).
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "loadgen/campaign/final_world.h"
#include "loadgen/campaign/items.h"
#include "loadgen/control.h"
#include "loadgen/database.h"
#include "loadgen/executor.h"
#include "model/rules/submission.h"

namespace loadgen {

// The rules' verdict on photos and fix; nullopt when `o` is no submission or was refused for another reason.
std::optional<model::SubmissionVerdict> verdict_on(const model::World& before, const model::Operation& o);

// Adds what `o`, about to be applied to `before`, leaves behind.
void note_submission(FinalWorld& end, const CaseRecord& record, const model::World& before,
                     const model::Operation& o);

// At a quiet moment. Counts "proofs compared", "signals compared" and "objects compared". Empty, and nothing
// counted, when the database has no such tables. `control` null: no object store to ask.
std::vector<model::Finding> audit_proofs(Database& database, Control* control,
                                         std::span<const FinalWorld> worlds, Tally& tally);

}  // namespace loadgen
