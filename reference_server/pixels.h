// What is to be seen on a picture, as 64 bits that survive another compression, another size and a small crop
// (proof-and-gps.md §4). Pictures come from strangers: their size is looked at before anything is decoded.
#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <string_view>

namespace server {

// Differences between neighbouring parts of the picture: bit set where it becomes lighter, from left to right
// and from top to bottom.
struct Look {
  std::bitset<64> across, down;
};

struct Size {
  std::uint32_t width = 0, height = 0;
};

// Of a JPEG or PNG, from its head alone. nullopt: another kind, or no size in it.
std::optional<Size> size_of_picture(std::string_view bytes);

// nullopt: not decodable, larger than 40 million pixels, of a kind that is not decoded (HEIC), or too plain
// to be told from any other picture.
std::optional<Look> look_of(std::string_view bytes);

}  // namespace server
