#include "sim/picture.h"

#include <cmath>
#include <csetjmp>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include <jpeglib.h>
#include <png.h>

namespace sim {
namespace {

constexpr unsigned kMostSide = 4096;
constexpr int kSameBrightness = 12;  // of 255: coding anew changes a field's average by less
constexpr double kSameShape = 0.02;

struct Grey {
  unsigned width = 0, height = 0;
  std::vector<std::uint8_t> pixels{};
};

struct JpegErrors {
  jpeg_error_mgr manager{};  // libjpeg knows only this part, so it comes first
  std::jmp_buf leave{};
};

// What the jump may skip owns nothing; what owns something is here.
struct JpegReader {
  jpeg_decompress_struct info{};
  JpegErrors errors{};
  Grey grey{};
  bool whole = false;

  JpegReader() {
    info.err = jpeg_std_error(&errors.manager);
    errors.manager.error_exit = [](j_common_ptr cause) {
      std::longjmp(reinterpret_cast<JpegErrors*>(cause->err)->leave, 1);
    };
    errors.manager.output_message = [](j_common_ptr) {};
  }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;
  ~JpegReader() { jpeg_destroy_decompress(&info); }
};

void read_jpeg(JpegReader& reader, std::string_view bytes) {
  jpeg_decompress_struct& info = reader.info;
  if (setjmp(reader.errors.leave) != 0) return;
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  jpeg_read_header(&info, TRUE);
  if (info.image_width > kMostSide || info.image_height > kMostSide) return;
  info.out_color_space = JCS_GRAYSCALE;
  jpeg_start_decompress(&info);
  reader.grey.width = info.output_width;
  reader.grey.height = info.output_height;
  reader.grey.pixels.resize(std::size_t{info.output_width} * info.output_height);
  while (info.output_scanline < info.output_height) {
    JSAMPROW row = reader.grey.pixels.data() + std::size_t{info.output_scanline} * info.output_width;
    jpeg_read_scanlines(&info, &row, 1);
  }
  jpeg_finish_decompress(&info);
  reader.whole = info.err->num_warnings == 0;  // a cut or damaged file is read with warnings only
}

std::optional<Grey> grey_of_png(std::string_view bytes) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  if (png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()) == 0) return std::nullopt;
  if (image.width > kMostSide || image.height > kMostSide) {
    png_image_free(&image);
    return std::nullopt;
  }
  image.format = PNG_FORMAT_GRAY;
  Grey grey{image.width, image.height, std::vector<std::uint8_t>(PNG_IMAGE_SIZE(image))};
  constexpr png_color kBlack{};
  if (png_image_finish_read(&image, &kBlack, grey.pixels.data(), 0, nullptr) == 0) return std::nullopt;
  return grey;
}

Picture picture_of(const Grey& grey) {
  Picture picture{grey.width, grey.height, {}};
  std::array<std::uint64_t, 64> sum{}, count{};
  for (std::size_t y = 0; y < grey.height; ++y) {
    for (std::size_t x = 0; x < grey.width; ++x) {
      const std::size_t field = y * 8 / grey.height * 8 + x * 8 / grey.width;
      sum[field] += grey.pixels[y * grey.width + x];
      ++count[field];
    }
  }
  for (std::size_t i = 0; i < sum.size(); ++i)
    picture.brightness[i] = count[i] == 0 ? 0 : static_cast<int>(sum[i] / count[i]);
  return picture;
}

}  // namespace

std::optional<Picture> decoded(std::string_view bytes) {
  if (bytes.starts_with("\xff\xd8\xff")) {
    JpegReader reader;
    read_jpeg(reader, bytes);
    if (!reader.whole) return std::nullopt;
    return picture_of(reader.grey);
  }
  if (!bytes.starts_with("\x89PNG")) return std::nullopt;
  const auto grey = grey_of_png(bytes);
  if (!grey) return std::nullopt;
  return picture_of(*grey);
}

bool look_alike(const Picture& one, const Picture& other) {
  const auto shape = [](const Picture& picture) { return double(picture.width) / picture.height; };
  if (std::abs(shape(one) / shape(other) - 1) > kSameShape) return false;
  for (std::size_t i = 0; i < one.brightness.size(); ++i) {
    if (std::abs(one.brightness[i] - other.brightness[i]) > kSameBrightness) return false;
  }
  return true;
}

}  // namespace sim
