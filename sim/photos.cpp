#include "sim/photos.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "sim/exif.h"
#include "sim/scene.h"

namespace sim {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

std::string big(std::uint64_t value, int width) {
  std::string out;
  for (int i = width - 1; i >= 0; --i) out += static_cast<char>(value >> (8 * i) & 0xFF);
  return out;
}

std::string segment(char marker, std::string_view content) {
  return std::string("\xff") + marker + big(content.size() + 2, 2) + std::string(content);
}

std::string exif(const PhotoRecipe& recipe) {
  return exif_block({.captured = *recipe.captured,
                     .zone_minutes = recipe.zone_minutes,
                     .camera = recipe.camera,
                     .software = recipe.software,
                     .place = recipe.place});
}

}  // namespace

std::string jpeg_photo(const PhotoRecipe& recipe) {
  constexpr int kFine = 1, kCoarse = 5;
  std::string out = "\xff\xd8";
  if (recipe.captured) out += segment('\xe1', exif(recipe));
  out += segment('\xfe', recipe.nonce);
  constexpr std::size_t kLargestComment = 60'000;
  for (std::size_t left = recipe.padding; left > 0;) {
    const std::size_t size = std::min(left, kLargestComment);
    out += segment('\xfe', std::string(size, 'p'));
    left -= size;
  }
  return out + jpeg_of(recipe.look ? scene(*recipe.look, recipe.copy) : plain(),
                       recipe.copy == Copy::recompressed ? kCoarse : kFine);
}

namespace {

std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320U : 0U);
  }
  return ~crc;
}

std::string chunk(std::string_view type, std::string_view content) {
  const std::string body = std::string(type) + std::string(content);
  return big(content.size(), 4) + body + big(crc32(body), 4);
}

std::string box(std::string_view type, std::string_view content) {
  return big(content.size() + 8, 4) + std::string(type) + std::string(content);
}

// One bit a pixel, all black: rows of zeros as one deflate block of repetitions (RFC 1951, 3.2.6).
std::string black(std::size_t bytes) {
  std::string out = "\x78\x01";
  unsigned held = 0;
  int filled = 0;
  const auto put = [&](unsigned value, int count) {
    for (int bit = 0; bit < count; ++bit) {
      held |= (value >> bit & 1U) << filled;
      if (++filled == 8) out += static_cast<char>(std::exchange(held, 0)), filled = 0;
    }
  };
  constexpr unsigned kZero = 0b00001100, kRun258 = 0b10100011;  // their codes, first bit lowest
  put(0b011, 3);                                                // the last block, of fixed codes
  put(kZero, 8);
  std::size_t left = bytes - 1;
  for (; left >= 258; left -= 258) put(kRun258, 8), put(0, 5);
  for (; left > 0; --left) put(kZero, 8);
  put(0, 7);  // the end
  if (filled > 0) out += static_cast<char>(held);
  return out + big(bytes % 65'521, 2) + big(1, 2);  // Adler-32 of zeros
}

}  // namespace

std::string png_photo(const PhotoRecipe& recipe) {
  // zlib: one stored block with a filter byte and one grey pixel.
  constexpr std::string_view kPixel = "\x78\x01\x01\x02\0\xfd\xff\0\x80\0\x82\0\x81"sv;
  constexpr std::size_t kWide = 1080, kHigh = 1920;
  const std::string size = recipe.screen ? big(kWide, 4) + big(kHigh, 4) : big(1, 4) + big(1, 4);
  std::string out = "\x89PNG\r\n\x1a\n" +
                    chunk("IHDR", size + std::string(recipe.screen ? "\x01\0\0\0\0"sv : "\x08\0\0\0\0"sv));
  if (recipe.captured) out += chunk("eXIf", exif(recipe).substr(6));
  if (!recipe.software.empty()) out += chunk("tEXt", "Software\0"s + recipe.software);
  out += chunk("tEXt", "Comment\0"s + recipe.nonce + std::string(recipe.padding, 'p'));
  const std::string pixels = recipe.screen ? black((kWide / 8 + 1) * kHigh) : std::string(kPixel);
  return out + chunk("IDAT", pixels) + chunk("IEND", "");
}

namespace {

// One item of type Exif, whose bytes lie at `offset` of the file: iinf and iloc in their first versions.
std::string heic_directory(std::uint64_t offset, std::uint64_t length) {
  constexpr std::uint64_t kId = 1;
  const std::string entry = box("infe", "\x02\0\0\0"s + big(kId, 2) + big(0, 2) + "Exif\0"s);
  return box("meta", big(0, 4) + box("hdlr", big(0, 8) + "pict"s + std::string(13, '\0')) +
                         box("iinf", big(0, 4) + big(1, 2) + entry) +
                         box("iloc", big(0, 4) + big(0x4400, 2) + big(1, 2) + big(kId, 2) + big(0, 2) +
                                         big(1, 2) + big(offset, 4) + big(length, 4)));
}

}  // namespace

std::string heic_photo(const PhotoRecipe& recipe) {
  const std::string type = box("ftyp", "heic\0\0\0\0mif1heic"sv);
  const std::string rest = recipe.nonce + std::string(recipe.padding, 'p');
  if (!recipe.captured) return type + box("meta", big(0, 4)) + box("mdat", rest);
  // Before the block stands how far its TIFF header is: behind "Exif" and two zeros.
  const std::string item = big(6, 4) + exif(recipe);
  const std::size_t begin = type.size() + heic_directory(0, 0).size() + 8;
  return type + heic_directory(begin, item.size()) + box("mdat", item + rest);
}

}  // namespace sim
