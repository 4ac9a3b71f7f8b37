// Pictures as phones make them: small, whole and decodable (8 x 8 grey), with EXIF or bare. The same recipe
// gives the same bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "model/vocabulary/instant.h"

namespace sim {

struct PhotoRecipe {
  std::string nonce;                         // makes the bytes unlike any other photo's
  std::optional<model::Instant> captured{};  // EXIF DateTimeOriginal; absent: no EXIF at all
  std::size_t padding = 0;                   // this many bytes more
  int zone_minutes = 0;                      // east of UTC: the camera writes its local time, and this offset
};

std::string jpeg_photo(const PhotoRecipe& recipe);
std::string png_photo(const PhotoRecipe& recipe);   // EXIF in an eXIf chunk
std::string heic_photo(const PhotoRecipe& recipe);  // boxes around no pixels; EXIF as an item in mdat

}  // namespace sim
