#include "reference_server/pixels.h"

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstdio>
#include <memory>
#include <vector>

#include <jpeglib.h>
#include <png.h>

namespace server {
namespace {

constexpr std::uint64_t kPixelsMax = 40'000'000;  // beyond any phone's camera; decoded one byte each
constexpr std::uint32_t kSideMax = 20'000;
constexpr int kScansMax = 100;        // of a progressive JPEG: a bomb has thousands
constexpr int kEnough = 64;           // pixels of the shorter side are worth decoding
constexpr std::uint32_t kLeast = 16;  // less is too small to tell anything
constexpr int kContrast = 8;          // of 255, between the lightest and the darkest part

bool decodable(const Size& size) {
  return size.width >= kLeast && size.height >= kLeast && size.width <= kSideMax && size.height <= kSideMax &&
         std::uint64_t{size.width} * size.height <= kPixelsMax;
}

// Brightness summed over a grid of cells while rows arrive, so that no whole picture is kept.
template <std::size_t Columns, std::size_t Rows>
class Grid {
 public:
  explicit Grid(const Size& size) : size_(size) {}

  void add(std::uint32_t y, const std::uint8_t* row) {
    auto& cells = cells_[std::uint64_t{y} * Rows / size_.height];
    for (std::uint32_t x = 0; x < size_.width; ++x) {
      Cell& cell = cells[std::uint64_t{x} * Columns / size_.width];
      cell.sum += row[x];
      ++cell.count;
    }
  }
  double at(std::size_t x, std::size_t y) const {
    const Cell& cell = cells_[y][x];
    return cell.count == 0 ? 0 : static_cast<double>(cell.sum) / static_cast<double>(cell.count);
  }
  double contrast() const {
    double least = 255, most = 0;
    for (std::size_t y = 0; y < Rows; ++y) {
      for (std::size_t x = 0; x < Columns; ++x) {
        least = std::min(least, at(x, y));
        most = std::max(most, at(x, y));
      }
    }
    return most - least;
  }

 private:
  struct Cell {
    std::uint64_t sum = 0, count = 0;
  };
  Size size_;
  std::array<std::array<Cell, Columns>, Rows> cells_{};
};

struct Grids {
  explicit Grids(const Size& size) : across(size), down(size) {}
  void add(std::uint32_t y, const std::uint8_t* row) {
    across.add(y, row);
    down.add(y, row);
  }
  std::optional<Look> look() const {
    if (across.contrast() < kContrast) return std::nullopt;
    Look look;
    for (std::size_t y = 0; y < 8; ++y) {
      for (std::size_t x = 0; x < 8; ++x) {
        look.across[y * 8 + x] = across.at(x + 1, y) > across.at(x, y);
        look.down[y * 8 + x] = down.at(x, y + 1) > down.at(x, y);
      }
    }
    return look;
  }
  Grid<9, 8> across;
  Grid<8, 9> down;
};

struct JpegTrouble {
  jpeg_error_mgr manager{};  // first: libjpeg knows only this part
  std::jmp_buf leave{};
};

[[noreturn]] void leave_jpeg(j_common_ptr info) {
  std::longjmp(reinterpret_cast<JpegTrouble*>(info->err)->leave, 1);
}
void watch_scans(j_common_ptr info) {
  if (reinterpret_cast<j_decompress_ptr>(info)->input_scan_number > kScansMax) leave_jpeg(info);
}

// Nothing between the jump and its target owns anything: what does lies in `Decoding`, outside.
struct Decoding {
  jpeg_decompress_struct info{};
  jpeg_progress_mgr progress{};
  JpegTrouble trouble{};
  std::vector<std::uint8_t> row{};
  std::optional<Grids> grids{};
  bool whole = false;

  Decoding() {
    info.err = jpeg_std_error(&trouble.manager);
    trouble.manager.error_exit = leave_jpeg;
    trouble.manager.output_message = [](j_common_ptr) {};
    progress.progress_monitor = watch_scans;
  }
  Decoding(const Decoding&) = delete;
  Decoding& operator=(const Decoding&) = delete;
  ~Decoding() { jpeg_destroy_decompress(&info); }
};

// libjpeg makes an eighth, a quarter or a half out of a large picture for little.
unsigned scale_of(const Size& size) {
  unsigned scale = 8;
  while (scale > 1 && std::min(size.width, size.height) / scale < kEnough) scale /= 2;
  return scale;
}

void decode_jpeg(Decoding& decoding, std::string_view bytes, const Size& size) {
  jpeg_decompress_struct& info = decoding.info;
  if (setjmp(decoding.trouble.leave) != 0) return;
  jpeg_create_decompress(&info);
  info.progress = &decoding.progress;
  jpeg_mem_src(&info, reinterpret_cast<const unsigned char*>(bytes.data()),
               static_cast<unsigned long>(bytes.size()));
  if (jpeg_read_header(&info, TRUE) != JPEG_HEADER_OK) return;
  if (info.image_width != size.width || info.image_height != size.height) return;  // a second frame
  info.out_color_space = JCS_GRAYSCALE;
  info.scale_num = 1;
  info.scale_denom = scale_of(size);
  info.dct_method = JDCT_IFAST;
  jpeg_start_decompress(&info);
  decoding.row.resize(info.output_width);
  decoding.grids.emplace(Size{info.output_width, info.output_height});
  while (info.output_scanline < info.output_height) {
    const std::uint32_t y = info.output_scanline;
    unsigned char* row = decoding.row.data();
    if (jpeg_read_scanlines(&info, &row, 1) != 1) return;
    decoding.grids->add(y, row);
  }
  decoding.whole = true;
}

std::optional<Look> look_of_jpeg(std::string_view bytes, const Size& size) {
  const auto decoding = std::make_unique<Decoding>();
  decode_jpeg(*decoding, bytes, size);
  return decoding->whole ? decoding->grids->look() : std::nullopt;
}

std::optional<Look> look_of_png(std::string_view bytes, const Size& size) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  struct Free {
    void operator()(png_image* held) const { png_image_free(held); }
  };
  const std::unique_ptr<png_image, Free> freed(&image);
  if (png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()) == 0) return std::nullopt;
  if (image.width != size.width || image.height != size.height) return std::nullopt;
  image.format = PNG_FORMAT_GRAY;
  std::vector<std::uint8_t> pixels(PNG_IMAGE_SIZE(image));
  const png_color background{};
  if (png_image_finish_read(&image, &background, pixels.data(), 0, nullptr) == 0) return std::nullopt;
  Grids grids(size);
  for (std::uint32_t y = 0; y < size.height; ++y) grids.add(y, pixels.data() + std::size_t{y} * size.width);
  return grids.look();
}

std::uint32_t number(std::string_view bytes, std::size_t at, std::size_t width) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < width; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

bool is_jpeg(std::string_view bytes) {
  return bytes.starts_with("\xff\xd8\xff");
}
bool is_png(std::string_view bytes) {
  return bytes.starts_with("\x89PNG\r\n\x1a\n");
}

std::optional<Size> size_of_jpeg(std::string_view bytes) {
  for (std::size_t at = 2; at + 9 <= bytes.size();) {
    const std::uint32_t marker = number(bytes, at + 1, 1);
    const std::size_t length = number(bytes, at + 2, 2);
    if (bytes[at] != '\xff' || length < 2 || marker == 0xDA) return std::nullopt;
    if (marker >= 0xC0 && marker <= 0xC3) return Size{number(bytes, at + 7, 2), number(bytes, at + 5, 2)};
    at += 2 + length;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Size> size_of_picture(std::string_view bytes) {
  constexpr std::size_t kHead = 24;
  if (is_jpeg(bytes)) return size_of_jpeg(bytes);
  if (is_png(bytes) && bytes.size() >= kHead) return Size{number(bytes, 16, 4), number(bytes, 20, 4)};
  return std::nullopt;
}

std::optional<Look> look_of(std::string_view bytes) {
  const auto size = size_of_picture(bytes);
  if (!size || !decodable(*size)) return std::nullopt;
  return is_jpeg(bytes) ? look_of_jpeg(bytes, *size) : look_of_png(bytes, *size);
}

}  // namespace server
