// Two sessions, each doing something legal: every pair of moves that start at the same stage (write skew,
// lost updates, check-then-act). Either one of them is held at each of its statements while the other runs as
// far as it gets, or their statements are interleaved in every order that locks allow.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "loadgen/campaign/attack.h"

namespace loadgen::attack {

std::vector<AttackResult> attack_concurrently(const std::string& copy_url, const AttackOptions& options);

}  // namespace loadgen::attack
