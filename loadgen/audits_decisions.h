// What administrators decided twice over, about whom, and together with whom (part of loadgen/audits.h).
#pragma once

#include <vector>

#include "loadgen/audits.h"

namespace loadgen {

// N07 to N11: appeals, removed strikes, risk scores, money that one admin may not move alone
// (safety-and-abuse.md §1.2, §2.2, §3, §7.1).
std::vector<Audit> decision_audits();

}  // namespace loadgen
