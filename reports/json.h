// A run and its findings as JSON: schema "hustle/report/1" and "hustle/finding/1", keys in a fixed order.
// Seeds are strings of digits, because JavaScript and jq round numbers above 2^53. Times are microseconds
// where the key ends in _us. A new member may appear within a version; nothing is renamed or taken away.
#pragma once

#include <expected>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "loadgen/run.h"

namespace reports {

nlohmann::ordered_json to_json(const model::Finding& finding);
nlohmann::ordered_json to_json(const loadgen::Run& run);

std::string finding_json(const model::Finding& finding);  // as written to findings/N.json
std::string report_json(const loadgen::Run& run);

// Reads findings/N.json back. The error is one line that names the file and the member.
std::expected<model::Finding, std::string> read_finding(const std::filesystem::path& path);
std::expected<model::Finding, std::string> parse_finding(const std::string& text);

}  // namespace reports
