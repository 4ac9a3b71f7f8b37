// One session, one write at a time: runs every attempt of every stage on a schema copy and judges what it left.
#pragma once

#include <string>
#include <vector>

#include "loadgen/attack/catalogue.h"
#include "loadgen/attack/rules.h"
#include "loadgen/attack/session.h"
#include "loadgen/campaign/attack.h"

namespace loadgen::attack {

std::vector<AttackResult> attack_serially(const std::string& copy_url, const AttackOptions& options);

// The rows of the core tables of the case under attack.
Snapshot snapshot(Session& session, const Catalogue& catalogue);

}  // namespace loadgen::attack
