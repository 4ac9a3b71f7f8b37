// Writes that would make somebody eligible who is not (INV-ELIGIBILITY-1 to -8), and the judgement of the
// rows that follow. Tried once, where everybody of the cast exists; a schema without profiles is not tried.
#pragma once

#include <vector>

#include "loadgen/attack/attempts.h"
#include "loadgen/attack/moves.h"
#include "loadgen/attack/rules.h"
#include "loadgen/attack/story.h"

namespace loadgen::attack {

// A worker with claims and a verified license, and what rests on them: derived by the schema where it does so
// itself, else written by hand.
std::vector<StageStatement> qualification_statements(const Catalogue& catalogue);

// What changes the standing of that worker: each of them leads to a profile derived anew.
std::vector<Move> qualification_moves(const Catalogue& catalogue);

std::vector<Attempt> eligibility_attempts(const Catalogue& catalogue, const Stage& stage);

// Derived rows against their evidence.
void judge_eligibility(const Snapshot& now, std::vector<Broken>& broken);

}  // namespace loadgen::attack
