// Writes that would make a photo prove two things, or rewrite what was noted about photos and fixes (PRF-7,
// PRF-13, proof-and-gps.md §5.6), and the judgement of the rows that follow. A schema without bindings, fixes
// and signals is not tried.
#pragma once

#include <vector>

#include "loadgen/attack/attempts.h"
#include "loadgen/attack/rules.h"
#include "loadgen/attack/story.h"

namespace loadgen::attack {

// The rows that a submitted proof leaves: its upload, its fix, a signal. Bindings come with the photos.
std::vector<StageStatement> evidence_statements(const Catalogue& catalogue);

std::vector<Attempt> evidence_attempts(const Catalogue& catalogue, const Stage& stage);

void judge_evidence(const Snapshot& now, std::vector<Broken>& broken);

}  // namespace loadgen::attack
