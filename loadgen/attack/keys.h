// How a schema spells the ids of the cast: as UUIDs, or as numbers where its keys are integers. Every
// statement is written with UUIDs and spelled for the schema before it is sent; a case of its own gets ids of
// its own.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace loadgen::attack {

enum class Keys : std::uint8_t { uuids, numbers };

inline constexpr std::string_view kIdPrefix = "00000000-0000-4000-8000";

// '00000000-0000-4000-8000-000000000020' as '1000000020'.
std::string spelled(std::string sql, Keys keys);

// The SQL with every id, mail address and event id moved under the case's prefix, spelled or not.
std::string under_prefix(std::string sql, const std::string& prefix);

// The prefix of the Nth case, unlike those of all others of one copy.
std::string prefix_of_case(std::uint32_t number);

// SQL for "between the first and the last id of this case".
std::string within_case(const std::string& column, const std::string& prefix, Keys keys);

}  // namespace loadgen::attack
