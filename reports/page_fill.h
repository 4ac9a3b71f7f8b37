// The page's template filled with title, style, script and data.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace reports {

// JSON as it may stand inside <script>: only "<" could end the data; ASCII also keeps U+2028 and U+2029
// harmless.
std::string script_safe(const nlohmann::ordered_json& data);

std::string fill_page(const std::string& title, std::string_view script, std::string data);

}  // namespace reports
