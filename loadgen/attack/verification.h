// Verification records (eligibility.md §4) and what is derived from them: every step of their status machine
// that does not exist, and every change of evidence, after which the derived rows must say the same
// (INV-ELIGIBILITY-8). Only what a schema derives by itself is judged: a profile that the attack had to write
// by hand is not.
#pragma once

#include <vector>

#include "loadgen/attack/attempts.h"
#include "loadgen/attack/rules.h"
#include "loadgen/attack/story.h"

namespace loadgen::attack {

// The last digits of the id of a profile that the attack wrote by hand.
inline constexpr std::string_view kOwnProfile = "000000000076";

std::vector<Attempt> verification_attempts(const Catalogue& catalogue, const Stage& stage);

// Derived rows that changed while no evidence did.
void judge_derivation(const Snapshot& before, const Snapshot& after, std::vector<Broken>& broken);
// Evidence that the derived rows do not show.
void judge_evidence_is_shown(const Snapshot& now, std::vector<Broken>& broken);

}  // namespace loadgen::attack
