#include "reference_server/forensics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <memory>

#include <libexif/exif-data.h>

namespace server {
namespace {

constexpr std::size_t kTextMax = 200;  // of what a picture says about its software

struct Free {
  void operator()(ExifData* data) const { exif_data_unref(data); }
};

std::string text_of(ExifContent* directory, ExifTag tag) {
  const ExifEntry* const entry = exif_content_get_entry(directory, tag);
  if (entry == nullptr || entry->data == nullptr || entry->format != EXIF_FORMAT_ASCII) return {};
  const std::string text(reinterpret_cast<const char*>(entry->data), entry->size);
  return text.substr(0, std::min(text.find('\0'), kTextMax));
}

// Degrees, minutes and seconds as three fractions.
std::optional<double> degrees_of(ExifData* data, int tag, int reference_tag, char negative) {
  ExifContent* const gps = data->ifd[EXIF_IFD_GPS];
  const ExifEntry* const entry = exif_content_get_entry(gps, static_cast<ExifTag>(tag));
  constexpr unsigned kBytes = 24;
  if (entry == nullptr || entry->data == nullptr || entry->format != EXIF_FORMAT_RATIONAL ||
      entry->size < kBytes)
    return std::nullopt;
  constexpr std::array kParts{1.0, 60.0, 3600.0};
  double degrees = 0;
  for (std::size_t i = 0; i < kParts.size(); ++i) {
    const ExifRational part = exif_get_rational(entry->data + 8 * i, exif_data_get_byte_order(data));
    if (part.denominator == 0) return std::nullopt;
    degrees += static_cast<double>(part.numerator) / static_cast<double>(part.denominator) / kParts[i];
  }
  const std::string reference = text_of(gps, static_cast<ExifTag>(reference_tag));
  return reference.starts_with(negative) ? -degrees : degrees;
}

std::optional<Origin::Place> place_of(ExifData* data) {
  const auto latitude = degrees_of(data, 2, 1, 'S');
  const auto longitude = degrees_of(data, 4, 3, 'W');
  if (!latitude || !longitude || std::abs(*latitude) > 90 || std::abs(*longitude) > 180) return std::nullopt;
  return Origin::Place{*latitude, *longitude};
}

// The text chunks in which image generators sign their work.
std::string png_software(std::string_view bytes) {
  constexpr std::size_t kSignature = 8, kFrame = 12;
  for (std::size_t at = kSignature; at + kFrame <= bytes.size();) {
    std::size_t length = 0;
    for (std::size_t i = 0; i < 4; ++i) length = length << 8 | static_cast<unsigned char>(bytes[at + i]);
    if (length > bytes.size() - at - kFrame) return {};
    const std::string_view type = bytes.substr(at + 4, 4), content = bytes.substr(at + 8, length);
    const bool tells = content.starts_with("Software") || content.starts_with("parameters");
    if ((type == "tEXt" || type == "iTXt") && tells) {
      const auto text = std::min(content.find('\0'), content.size() - 1) + 1;
      return std::string(content.substr(text, kTextMax));
    }
    at += kFrame + length;
  }
  return {};
}

// What PostgreSQL can hold as text.
std::string printable(std::string text) {
  std::erase_if(text, [](char c) { return c < ' ' || c > '~'; });
  return text;
}

}  // namespace

Origin origin_of(std::string_view bytes, const Picture& picture) {
  Origin origin{.has_exif = !picture.exif.empty(), .software = {}, .place = {}};
  if (picture.content_type == "image/png") origin.software = printable(png_software(bytes));
  const std::unique_ptr<ExifData, Free> data(
      picture.exif.empty()
          ? nullptr
          : exif_data_new_from_data(reinterpret_cast<const unsigned char*>(picture.exif.data()),
                                    static_cast<unsigned int>(picture.exif.size())));
  if (!data) return origin;
  origin.has_camera = !text_of(data->ifd[EXIF_IFD_0], EXIF_TAG_MODEL).empty();
  if (origin.software.empty()) origin.software = printable(text_of(data->ifd[EXIF_IFD_0], EXIF_TAG_SOFTWARE));
  origin.place = place_of(data.get());
  return origin;
}

}  // namespace server
