#include "sim/photos.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>
#include <string_view>

namespace sim {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

std::string number(std::uint64_t value, int width, bool big_endian) {
  std::string out;
  for (int i = 0; i < width; ++i) out += static_cast<char>(value >> (8 * i) & 0xFF);
  if (big_endian) std::ranges::reverse(out);
  return out;
}

std::string big(std::uint64_t value, int width) {
  return number(value, width, true);
}
std::string little(std::uint64_t value, int width) {
  return number(value, width, false);
}

std::string segment(char marker, std::string_view content) {
  return std::string("\xff") + marker + big(content.size() + 2, 2) + std::string(content);
}

std::string date_text(model::Instant at) {
  const auto seconds = static_cast<std::time_t>(at.ms / model::kSecond);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y:%m:%d %H:%M:%S", &parts);
  return std::string(text.data()) + '\0';
}

std::string entry(std::uint16_t tag, std::uint16_t type, std::uint32_t count, std::uint32_t value) {
  return little(tag, 2) + little(type, 2) + little(count, 4) + little(value, 4);
}

std::string offset_text(int minutes) {
  const int size = std::abs(minutes);
  const auto two = [](int value) {
    return std::string{static_cast<char>('0' + value / 10), static_cast<char>('0' + value % 10)};
  };
  return (minutes < 0 ? "-" : "+") + two(size / 60) + ":" + two(size % 60) + '\0';
}

// TIFF, little endian: IFD0 points to the EXIF directory, which holds DateTimeOriginal and its offset.
std::string exif(model::Instant captured, int zone_minutes) {
  constexpr std::uint32_t kExifDirectory = 26;
  constexpr std::uint32_t kTexts = kExifDirectory + 2 + 2 * 12 + 4;
  constexpr std::uint16_t kAscii = 2;
  constexpr std::uint16_t kLong = 4;
  const std::string date = date_text(captured + zone_minutes * model::kMinute);
  return "Exif\0\0"s + std::string("II*\0"sv) + little(8, 4) + little(1, 2) +
         entry(0x8769, kLong, 1, kExifDirectory) + little(0, 4) + little(2, 2) +
         entry(0x9003, kAscii, 20, kTexts) + entry(0x9011, kAscii, 7, kTexts + 20) + little(0, 4) + date +
         offset_text(zone_minutes);
}

}  // namespace

std::string jpeg_photo(const PhotoRecipe& recipe) {
  constexpr std::string_view kOneCode =
      "\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"sv;  // one code of one bit, for the value 0
  std::string out = "\xff\xd8";
  if (recipe.captured) out += segment('\xe1', exif(*recipe.captured, recipe.zone_minutes));
  out += segment('\xfe', recipe.nonce);
  constexpr std::size_t kLargestComment = 60'000;
  for (std::size_t left = recipe.padding; left > 0;) {
    const std::size_t size = std::min(left, kLargestComment);
    out += segment('\xfe', std::string(size, 'p'));
    left -= size;
  }
  out += segment('\xdb', '\0' + std::string(64, '\x01'));
  out += segment('\xc0', "\x08\0\x08\0\x08\x01\x01\x11\0"sv);
  out += segment('\xc4', '\0' + std::string(kOneCode));
  out += segment('\xc4', '\x10' + std::string(kOneCode));
  out += segment('\xda', "\x01\x01\0\0\x3f\0"sv);
  return out + "\x3f\xff\xd9";
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

}  // namespace

std::string png_photo(const PhotoRecipe& recipe) {
  // zlib: one stored block with a filter byte and one grey pixel.
  constexpr std::string_view kPixel = "\x78\x01\x01\x02\0\xfd\xff\0\x80\0\x82\0\x81"sv;
  std::string out =
      "\x89PNG\r\n\x1a\n" + chunk("IHDR", big(1, 4) + big(1, 4) + std::string("\x08\0\0\0\0"sv));
  if (recipe.captured) out += chunk("eXIf", exif(*recipe.captured, recipe.zone_minutes).substr(6));
  out += chunk("tEXt", "Comment\0"s + recipe.nonce + std::string(recipe.padding, 'p'));
  return out + chunk("IDAT", kPixel) + chunk("IEND", "");
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
  const std::string item = big(6, 4) + exif(*recipe.captured, recipe.zone_minutes);
  const std::size_t begin = type.size() + heic_directory(0, 0).size() + 8;
  return type + heic_directory(begin, item.size()) + box("mdat", item + rest);
}

}  // namespace sim
