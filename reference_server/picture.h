// What the bytes of an upload are, whatever they were declared to be (proof-and-gps.md §3): kind by content,
// and the capture time of its EXIF.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace server {

struct Picture {
  std::string_view content_type;           // image/jpeg, image/png or image/heic
  std::optional<std::int64_t> captured_s;  // seconds since 1970; absent without EXIF, or without a time in it
  std::string exif{};                      // its block from "Exif\0\0" on; empty: none
};

// nullopt: not a whole picture of these kinds. Containers are walked from beginning to end; pixels are not
// decoded.
std::optional<Picture> inspect_picture(std::string_view bytes);

}  // namespace server
