// What a picture shows, for comparing a copy with its original: libjpeg and libpng read it.
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace sim {

struct Picture {
  unsigned width = 0, height = 0;    // pixels
  std::array<int, 64> brightness{};  // of 8 x 8 fields, row by row, 0 to 255
};

// Nothing when it is neither JPEG nor PNG, is broken, cut off or larger than 4,096 pixels a side.
std::optional<Picture> decoded(std::string_view bytes);

// Of the same proportions, and every field about as bright: scaled or coded anew, but the same picture.
bool look_alike(const Picture& one, const Picture& other);

}  // namespace sim
