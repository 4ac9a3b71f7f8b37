// What a picture's metadata tell of how it came about (proof-and-gps.md §6). Facts alone: what they weigh is
// decided by api.inspection_store.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "reference_server/picture.h"

namespace server {

struct Origin {
  bool has_exif = false;
  bool has_camera = false;  // the model of a camera
  std::string software;     // of the EXIF, or of the texts of a PNG; empty: not told
  struct Place {
    double latitude = 0, longitude = 0;
  };
  std::optional<Place> place;  // degrees; absent: not told, or no place on earth
};

// `picture`: what inspect_picture says of these bytes.
Origin origin_of(std::string_view bytes, const Picture& picture);

}  // namespace server
