// The answer to a streamed batch: newline-delimited JSON in any form that the client of tRPC 11 understands
// (protocols.md §1.6).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace loadgen {

// One JSON text per call, {"result":…} or {"error":…}, in the order of the batch. nullopt: the body is not
// such an answer, a line does not end, or a promise of the head was not kept.
std::optional<std::vector<std::string>> read_json_lines(std::string_view body);

}  // namespace loadgen
