#include "reference_server/rendition.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "reference_server/heif.h"

namespace server {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kPngSignature = "\x89PNG\r\n\x1a\n"sv;

std::size_t number(std::string_view bytes, std::size_t at, std::size_t width) {
  std::size_t value = 0;
  for (std::size_t i = 0; i < width; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

// Where the coded pixels that begin at `at` end: at the next marker that is no restart and no stuffed zero.
std::size_t end_of_scan(std::string_view bytes, std::size_t at) {
  for (; at + 1 < bytes.size(); ++at) {
    if (bytes[at] != '\xff') continue;
    const std::size_t marker = number(bytes, at + 1, 1);
    if (marker != 0 && marker != 0xFF && (marker < 0xD0 || marker > 0xD7)) return at;
  }
  return bytes.size();
}

// Application segments hold metadata, but for JFIF (E0), colour profiles (E2 "ICC_PROFILE") and Adobe's
// colour transform (EE), without which the pixels mean other colours.
bool is_kept(std::size_t marker, std::string_view content) {
  if (marker == 0xFE) return false;
  if (marker < 0xE0 || marker > 0xEF) return true;
  return (marker == 0xE0 && content.starts_with("JFIF\0"sv)) ||
         (marker == 0xE2 && content.starts_with("ICC_PROFILE\0"sv)) ||
         (marker == 0xEE && content.starts_with("Adobe"sv));
}

std::optional<std::string> bare_jpeg(std::string_view bytes) {
  std::string out = "\xff\xd8";
  for (std::size_t at = 2; at + 2 <= bytes.size();) {
    if (bytes[at] != '\xff') return std::nullopt;
    const std::size_t marker = number(bytes, at + 1, 1);
    if (marker == 0xD9) return out + "\xff\xd9";
    if (at + 4 > bytes.size()) return std::nullopt;
    const std::size_t length = number(bytes, at + 2, 2);
    if (length < 2 || at + 2 + length > bytes.size()) return std::nullopt;
    std::size_t end = at + 2 + length;
    if (marker == 0xDA) end = end_of_scan(bytes, end);
    if (is_kept(marker, bytes.substr(at + 4, length - 2))) out += bytes.substr(at, end - at);
    at = end;
  }
  return std::nullopt;
}

// Chunks whose names begin with a small letter are not needed to see the picture; colours are kept.
std::optional<std::string> bare_png(std::string_view bytes) {
  constexpr std::array kColours{"tRNS"sv, "gAMA"sv, "cHRM"sv, "sRGB"sv, "iCCP"sv};
  std::string out(kPngSignature);
  for (std::size_t at = kPngSignature.size(); at + 12 <= bytes.size();) {
    const std::size_t length = number(bytes, at, 4);
    if (length > bytes.size() - at - 12) return std::nullopt;
    const std::string_view type = bytes.substr(at + 4, 4);
    const bool needed = type[0] >= 'A' && type[0] <= 'Z';
    if (needed || std::ranges::find(kColours, type) != kColours.end()) out += bytes.substr(at, length + 12);
    if (type == "IEND") return out;
    at += length + 12;
  }
  return std::nullopt;
}

// Items lie where the file's directory says: whatever is not needed is blanked where it is.
std::optional<std::string> bare_heic(std::string_view bytes) {
  const auto needed = heif_needed(bytes);
  if (!needed) return std::nullopt;
  std::string out(bytes.size(), '\0');
  for (const std::string_view piece : *needed)
    out.replace(static_cast<std::size_t>(piece.data() - bytes.data()), piece.size(), piece);
  return out;
}

}  // namespace

std::optional<std::string> without_metadata(std::string_view bytes) {
  if (bytes.starts_with("\xff\xd8\xff"sv)) return bare_jpeg(bytes);
  if (bytes.starts_with(kPngSignature)) return bare_png(bytes);
  if (bytes.size() >= 12 && bytes.substr(4, 4) == "ftyp") return bare_heic(bytes);
  return std::nullopt;
}

}  // namespace server
