// Numbers that are written down beside what they count, and what follows from a number (part of
// loadgen/audits.h).
#pragma once

#include <vector>

#include "loadgen/audits.h"

namespace loadgen {

// R01 to R04: attempts of payouts and orders against their history.
std::vector<Audit> payout_audits();
// N01 to N06: moderation, standing and caps (safety-and-abuse.md §1, §2.2, §5); F18: weights of signals.
std::vector<Audit> safety_audits();

}  // namespace loadgen
