// Instants as backends write them: ISO 8601 with a zone (api.md §0), which may be Z or an offset, to the
// second, the millisecond or finer.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>

#include "model/vocabulary/contract.h"
#include "model/vocabulary/instant.h"

namespace loadgen {

// "2026-01-31T23:59:59.123456+00:00" and its like, also with the "+00" of Postgres; finer parts are cut off.
// Nothing for any other text.
std::optional<model::Instant> instant_told(const std::string& text);

// Whether both texts tell an instant, and the same one but for so many milliseconds.
bool same_instant(const std::string& one, const std::string& other, model::Millis tolerance = 0);

// Rewrites every instant of an answer as 2026-01-31T23:59:59.123Z, so that the same instant is the same text.
void in_one_zone(std::span<const model::Field> fields, nlohmann::json& object);

}  // namespace loadgen
