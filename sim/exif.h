// The EXIF block that a camera writes into its pictures: when, where and by what they were taken.
#pragma once

#include <optional>
#include <string>

#include "model/vocabulary/geo.h"
#include "model/vocabulary/instant.h"

namespace sim {

struct ExifFacts {
  model::Instant captured{};  // DateTimeOriginal, in whole seconds
  int zone_minutes = 0;       // east of UTC: the camera writes its local time, and this offset
  std::string camera{};       // Model; empty: none
  std::string software{};     // Software; empty: none
  model::GeoPoint place{};    // absent: no GPS directory
};

// Begins with "Exif\0\0", as in a JPEG segment; what follows is the TIFF block.
std::string exif_block(const ExifFacts& facts);

}  // namespace sim
