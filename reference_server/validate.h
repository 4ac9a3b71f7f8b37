// Checks an input against the contract table (model/vocabulary/contract.h) and the rules that join several
// fields.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "model/vocabulary/contract.h"
#include "model/vocabulary/instant.h"
#include "reference_server/refusal.h"

namespace server {

// `text` is the JSON text of the input, nullopt when the client sent none. On success the input as compact
// JSON
// ("{}" for none). Refuses depth over 32, more than 1000 members, unknown fields, NUL characters, numbers
// with a fraction where an integer is asked for; `field` names the first bad one ("filter.state"). A price
// under the LIVE minimum is HX902, a deadline that is not after `now` VALIDATION_ERROR (error-codes.md §4
// step 2).
std::expected<std::string, Refusal> validated_input(const model::Procedure& procedure,
                                                    const std::optional<std::string>& text,
                                                    model::Instant now);

// The first field of `json` (a JSON text) that breaks the table, nullopt when all hold. Outputs may hold
// nulls where the table says so.
std::optional<std::string> output_fault(const model::Procedure& procedure, std::string_view json);

// ISO 8601 with seconds and zone: 2026-01-31T23:59:59.123Z, 2026-01-31T23:59:59+01:00. Milliseconds since
// 1970.
std::optional<model::Instant> parse_instant(std::string_view text);

}  // namespace server
