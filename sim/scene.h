// What is to be seen on a picture: a scene of light and shade that follows from a number, as brightness of
// 8 x 8 pixel blocks, and as the scan of a JPEG that holds nothing but these.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sim {

// How the same scene was brought into another file (proof-and-gps.md §4).
enum class Copy : std::uint8_t { none, recompressed, cropped };

struct Blocks {
  int width = 1, height = 1;     // in blocks
  int cut = 0;                   // pixels that are missing at the right and below
  std::vector<std::uint8_t> of;  // brightness, row by row
};

// Different numbers give scenes that no eye takes for one another.
Blocks scene(std::uint64_t look, Copy copy);
inline Blocks plain() {
  return {.of = {128}};
}

// From the quantization table to the end of the file. `step`: of brightness, coarser where less is kept.
std::string jpeg_of(const Blocks& blocks, int step);

}  // namespace sim
