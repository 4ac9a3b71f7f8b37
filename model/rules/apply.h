// The rules: what must be answered, and what changes. Pure, deterministic, no allocation on the usual path.
#pragma once

#include "model/rules/world.h"
#include "model/vocabulary/command.h"
#include "model/vocabulary/outcome.h"

namespace model {

// Applies one command at `now`. A refusal leaves the world unchanged (except that a webhook acknowledged without
// effect is remembered). Ids outside the world's vectors count as unknown entities (NOT_FOUND), never as a bug.
Outcome apply(World& world, const Command& command, Instant now);

// error-codes.md §4: two answers are allowed where the spec says a tester accepts either (steps 8 and 9,
// decision 10, HX001 against CONFLICT). `expected` comes from apply, `observed` from a server.
bool acceptable(const Outcome& expected, const Outcome& observed);

}  // namespace model
