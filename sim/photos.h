// Pictures as phones make them: small, whole and decodable, with EXIF or bare. The same recipe
// gives the same bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "model/vocabulary/geo.h"
#include "model/vocabulary/instant.h"
#include "sim/scene.h"

namespace sim {

struct PhotoRecipe {
  std::string nonce;                         // makes the bytes unlike any other photo's
  std::optional<model::Instant> captured{};  // EXIF DateTimeOriginal; absent: no EXIF at all
  std::size_t padding = 0;                   // this many bytes more
  int zone_minutes = 0;                      // east of UTC: the camera writes its local time, and this offset
  std::string camera{};                      // in the EXIF, as are software and place
  std::string software{};                    // of a PNG: as a text of its own
  model::GeoPoint place{};                   // absent: none
  std::optional<std::uint64_t> look{};       // what is to be seen on a JPEG (scene.h); absent: plain grey
  Copy copy = Copy::none;
  bool screen = false;  // a PNG of the size of a phone's screen (1080 x 1920), black
};

std::string jpeg_photo(const PhotoRecipe& recipe);
std::string png_photo(const PhotoRecipe& recipe);   // EXIF in an eXIf chunk
std::string heic_photo(const PhotoRecipe& recipe);  // boxes around no pixels; EXIF as an item in mdat

}  // namespace sim
