// The copy of a photo that people are shown: the same pixels, and nothing that tells where, when or by whom
// they were taken (proof-and-gps.md §6, FM-142).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace server {

// nullopt: not a whole picture of a known kind. Pixels are not decoded, so nothing of them is lost. What lies
// behind the picture's end is left out as well.
std::optional<std::string> without_metadata(std::string_view bytes);

}  // namespace server
