// Setting a stage up for real, under ids of its own, so that many cases share one database.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "loadgen/attack/catalogue.h"
#include "loadgen/attack/keys.h"
#include "loadgen/attack/rules.h"
#include "loadgen/attack/story.h"

namespace loadgen::attack {

std::string script_of(const std::vector<StageStatement>& statements);
// The cast, then every stage from the first to this one.
std::vector<StageStatement> path_to(const Catalogue& catalogue, std::string_view stage);

// The rows of the core tables that belong to the case with this prefix.
Snapshot snapshot(Session& session, const Catalogue& catalogue,
                  const std::string& prefix = std::string(kIdPrefix));
// The rows that differ, as text.
std::string difference(const Snapshot& before, const Snapshot& after);

}  // namespace loadgen::attack
