// Setting a stage up for real, under ids of its own, so that many cases share one database.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "loadgen/attack/catalogue.h"
#include "loadgen/attack/rules.h"
#include "loadgen/attack/story.h"

namespace loadgen::attack {

std::string script_of(const std::vector<StageStatement>& statements);
// The cast, then every stage from the first to this one.
std::vector<StageStatement> path_to(const Catalogue& catalogue, std::string_view stage);

// A random prefix, and the same SQL with every id, mail address and event id moved under it.
std::string random_prefix();
std::string under_prefix(std::string sql, const std::string& prefix);

// The rows of the core tables that belong to the case with this prefix.
inline constexpr std::string_view kIdPrefix = "00000000-0000-4000-8000";
Snapshot snapshot(Session& session, const Catalogue& catalogue,
                  const std::string& prefix = std::string(kIdPrefix));
// The rows that differ, as text.
std::string difference(const Snapshot& before, const Snapshot& after);

}  // namespace loadgen::attack
