#include "sim/scene.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <string_view>

#include "sim/splitmix.h"

namespace sim {
namespace {

using namespace std::string_view_literals;

constexpr int kSide = 36;            // blocks
constexpr std::size_t kLattice = 7;  // lights and shades of a scene in each direction
constexpr int kCut = 4;              // pixels that a crop takes off at the right and below

// Bits from the highest down; 0xFF is followed by a zero, as a scan wants it.
class Bits {
 public:
  void put(unsigned value, int count) {
    for (int bit = count - 1; bit >= 0; --bit) {
      byte_ = byte_ << 1 | (value >> bit & 1U);
      if (++filled_ == 8) flush();
    }
  }
  std::string end() {
    while (filled_ != 0) put(1, 1);
    return std::move(out_);
  }

 private:
  void flush() {
    out_ += static_cast<char>(byte_);
    if ((byte_ & 0xFF) == 0xFF) out_ += '\0';
    byte_ = 0;
    filled_ = 0;
  }
  std::string out_;
  unsigned byte_ = 0;
  int filled_ = 0;
};

std::string big(std::uint64_t value, int width) {
  std::string out;
  for (int i = width - 1; i >= 0; --i) out += static_cast<char>(value >> (8 * i) & 0xFF);
  return out;
}

std::string segment(char marker, std::string_view content) {
  return std::string("\xff") + marker + big(content.size() + 2, 2) + std::string(content);
}

using Lights = std::array<std::array<int, kLattice>, kLattice>;

Lights lights_of(std::uint64_t look) {
  constexpr int kLeast = 28, kRange = 200;
  Lights lights{};
  for (auto& row : lights) {
    for (int& each : row) each = kLeast + static_cast<int>(splitmix(look) % kRange);
  }
  return lights;
}

// Between four lights of the lattice.
double brightness(const Lights& lights, double x, double y) {
  const auto left = std::min(static_cast<std::size_t>(x), kLattice - 2);
  const auto top = std::min(static_cast<std::size_t>(y), kLattice - 2);
  const double dx = x - static_cast<double>(left), dy = y - static_cast<double>(top);
  const double above = lights[top][left] * (1 - dx) + lights[top][left + 1] * dx;
  const double below = lights[top + 1][left] * (1 - dx) + lights[top + 1][left + 1] * dx;
  return above * (1 - dy) + below * dy;
}

}  // namespace

Blocks scene(std::uint64_t look, Copy copy) {
  const Lights lights = lights_of(look);
  Blocks blocks{.width = kSide, .height = kSide, .cut = copy == Copy::cropped ? kCut : 0, .of = {}};
  constexpr double kScale = (kLattice - 1.0) / (kSide - 1.0);
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < kSide; ++x)
      blocks.of.push_back(static_cast<std::uint8_t>(std::lround(brightness(lights, x * kScale, y * kScale))));
  }
  return blocks;
}

std::string jpeg_of(const Blocks& blocks, int step) {
  constexpr int kKinds = 12, kKindBits = 4;  // the size of a difference, each told by four bits
  std::string sizes(16, '\0'), kinds;
  sizes[kKindBits - 1] = kKinds;
  for (int i = 0; i < kKinds; ++i) kinds += static_cast<char>(i);
  const std::string_view no_detail =
      "\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"sv;  // one code of one bit: end of block
  Bits bits;
  int before = 0;
  for (const std::uint8_t value : blocks.of) {
    const int now = static_cast<int>(std::lround((value - 128.0) / step));
    const int difference = now - before;
    before = now;
    const int kind = std::bit_width(static_cast<unsigned>(std::abs(difference)));
    bits.put(static_cast<unsigned>(kind), kKindBits);
    bits.put(static_cast<unsigned>(difference >= 0 ? difference : difference + (1 << kind) - 1), kind);
    bits.put(0, 1);
  }
  std::string table(1, '\0');
  table += static_cast<char>(8 * step);
  table += std::string(63, '\x01');
  return segment('\xdb', table) +
         segment('\xc0', "\x08" + big(static_cast<std::uint64_t>(blocks.height * 8 - blocks.cut), 2) +
                             big(static_cast<std::uint64_t>(blocks.width * 8 - blocks.cut), 2) +
                             std::string("\x01\x01\x11\0"sv)) +
         segment('\xc4', '\0' + sizes + kinds) + segment('\xc4', '\x10' + std::string(no_detail)) +
         segment('\xda', "\x01\x01\0\0\x3f\0"sv) + bits.end() + "\xff\xd9";
}

}  // namespace sim
