#include "reference_server/picture.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <memory>

#include <libexif/exif-data.h>

#include "reference_server/heif.h"

namespace server {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kPngSignature = "\x89PNG\r\n\x1a\n"sv;
constexpr std::string_view kExifLead = "Exif\0\0"sv;

std::uint32_t big_endian(std::string_view bytes, std::size_t at, int width) {
  std::uint32_t value = 0;
  for (int i = 0; i < width; ++i)
    value = value << 8 | static_cast<unsigned char>(bytes[at + static_cast<std::size_t>(i)]);
  return value;
}

std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
  int value = 0;
  const char* const from = text.data() + at;
  const auto [end, error] = std::from_chars(from, from + count, value);
  if (error != std::errc{} || end != from + count) return std::nullopt;
  return value;
}

// "2026:01:31 23:59:59" and "+02:00"; without an offset the time counts as UTC.
std::optional<std::int64_t> seconds_of(std::string_view time, std::string_view offset) {
  constexpr std::array<std::pair<std::size_t, std::size_t>, 6> kParts{
      {{0, 4}, {5, 2}, {8, 2}, {11, 2}, {14, 2}, {17, 2}}};
  if (time.size() < 19) return std::nullopt;
  std::array<int, 6> parts{};
  for (std::size_t i = 0; i < kParts.size(); ++i) {
    const auto part = digits(time, kParts[i].first, kParts[i].second);
    if (!part) return std::nullopt;
    parts[i] = *part;
  }
  std::tm at{};
  at.tm_year = parts[0] - 1900;
  at.tm_mon = parts[1] - 1;
  at.tm_mday = parts[2];
  at.tm_hour = parts[3];
  at.tm_min = parts[4];
  at.tm_sec = parts[5];
  std::int64_t seconds = ::timegm(&at);
  if (offset.size() >= 6) {
    const auto hours = digits(offset, 1, 2);
    const auto minutes = digits(offset, 4, 2);
    if (hours && minutes) seconds -= (offset[0] == '-' ? -1 : 1) * (*hours * 3600 + *minutes * 60);
  }
  return seconds;
}

std::string text_of(ExifData* data, ExifTag tag) {
  const ExifEntry* const entry = exif_content_get_entry(data->ifd[EXIF_IFD_EXIF], tag);
  if (entry == nullptr || entry->data == nullptr) return {};
  const std::string text(reinterpret_cast<const char*>(entry->data), entry->size);
  return text.substr(0, text.find('\0'));
}

// `exif` begins with "Exif\0\0".
std::optional<std::int64_t> capture_time(std::string_view exif) {
  struct Free {
    void operator()(ExifData* data) const { exif_data_unref(data); }
  };
  const std::unique_ptr<ExifData, Free> data(exif_data_new_from_data(
      reinterpret_cast<const unsigned char*>(exif.data()), static_cast<unsigned int>(exif.size())));
  if (!data) return std::nullopt;
  constexpr auto kOffsetTimeOriginal = static_cast<ExifTag>(0x9011);
  return seconds_of(text_of(data.get(), EXIF_TAG_DATE_TIME_ORIGINAL),
                    text_of(data.get(), kOffsetTimeOriginal));
}

// PNG and HEIC keep the block without the words that libexif expects before it; it reads no more than 64 KiB.
std::string with_lead(std::string_view tiff) {
  return std::string(kExifLead) + std::string(tiff.substr(0, 0x10000));
}

void take_exif(Picture& picture, std::string block) {
  picture.captured_s = capture_time(block);
  picture.exif = std::move(block);
}

// Segments up to the scan, then the end marker as the last two bytes.
std::optional<Picture> inspect_jpeg(std::string_view bytes) {
  Picture picture{.content_type = "image/jpeg", .captured_s = {}, .exif = {}};
  if (!bytes.ends_with("\xff\xd9"sv)) return std::nullopt;
  bool frame = false;
  for (std::size_t at = 2; at + 4 <= bytes.size();) {
    if (bytes[at] != '\xff') return std::nullopt;
    const std::uint32_t marker = big_endian(bytes, at + 1, 1);
    const std::size_t length = big_endian(bytes, at + 2, 2);
    if (length < 2 || at + 2 + length > bytes.size()) return std::nullopt;
    const std::string_view segment = bytes.substr(at + 4, length - 2);
    if (marker >= 0xC0 && marker <= 0xC3) frame = true;
    if (marker == 0xE1 && segment.starts_with(kExifLead)) take_exif(picture, std::string(segment));
    if (marker == 0xDA) return frame ? std::optional(picture) : std::nullopt;
    at += 2 + length;
  }
  return std::nullopt;
}

std::optional<Picture> inspect_png(std::string_view bytes) {
  Picture picture{.content_type = "image/png", .captured_s = {}, .exif = {}};
  bool data = false;
  for (std::size_t at = kPngSignature.size(); at + 12 <= bytes.size();) {
    const std::size_t length = big_endian(bytes, at, 4);
    const std::string_view type = bytes.substr(at + 4, 4);
    if (length > bytes.size() - at - 12) return std::nullopt;
    if (type == "eXIf") take_exif(picture, with_lead(bytes.substr(at + 8, length)));
    if (type == "IDAT") data = true;
    at += 12 + length;
    if (type == "IEND") return data && at == bytes.size() ? std::optional(picture) : std::nullopt;
  }
  return std::nullopt;
}

// ISO boxes: ftyp with a HEIF brand first, a meta box, pixels, and every length within the file.
std::optional<Picture> inspect_heic(std::string_view bytes) {
  constexpr std::array kBrands{"heic"sv, "heix"sv, "mif1"sv, "msf1"sv, "hevc"sv};
  const auto boxes = boxes_of(bytes);
  const auto has = [&](std::string_view type) {
    return std::ranges::find(*boxes, type, &Box::type) != boxes->end();
  };
  if (!boxes || !has("meta") || !has("mdat")) return std::nullopt;
  if (std::ranges::find(kBrands, boxes->front().content.substr(0, 4)) == kBrands.end()) return std::nullopt;
  Picture picture{.content_type = "image/heic", .captured_s = {}, .exif = {}};
  if (const auto tiff = heif_exif(bytes)) take_exif(picture, with_lead(*tiff));
  return picture;
}

}  // namespace

std::optional<Picture> inspect_picture(std::string_view bytes) {
  if (bytes.starts_with("\xff\xd8\xff"sv)) return inspect_jpeg(bytes);
  if (bytes.starts_with(kPngSignature)) return inspect_png(bytes);
  if (bytes.size() >= 12 && bytes.substr(4, 4) == "ftyp") return inspect_heic(bytes);
  return std::nullopt;
}

}  // namespace server
