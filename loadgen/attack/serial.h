// One session, one write at a time: runs every attempt of every stage on a schema copy and judges what it
// left.
#pragma once

#include <string>
#include <vector>

#include "loadgen/campaign/attack.h"

namespace loadgen::attack {

std::vector<AttackResult> attack_serially(const std::string& copy_url, const AttackOptions& options);

}  // namespace loadgen::attack
