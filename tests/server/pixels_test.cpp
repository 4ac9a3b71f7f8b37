// What a picture shows, as bits that its copies share (proof-and-gps.md §4), its copy without metadata (§6,
// FM-142), and what happens to pictures that were made to do harm.
#include "reference_server/pixels.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <random>

#include <jpeglib.h>

#include "reference_server/forensics.h"
#include "reference_server/picture.h"
#include "reference_server/rendition.h"
#include "sim/photos.h"

namespace server_tests {
namespace {

using namespace std::string_literals;
using server::look_of;
using server::without_metadata;

std::size_t apart(const server::Look& one, const server::Look& other) {
  return std::max((one.across ^ other.across).count(), (one.down ^ other.down).count());
}

std::string photo(std::uint64_t look, sim::Copy copy = sim::Copy::none) {
  return sim::jpeg_photo({.nonce = "n", .look = look, .copy = copy});
}

TEST(Pixels, CopiesAreWithinEightBitsAndOtherScenesAreNot) {
  std::vector<server::Look> looks;
  for (std::uint64_t i = 0; i < 150; ++i) {
    const auto look = look_of(photo(i));
    ASSERT_TRUE(look) << i;
    for (const sim::Copy copy : {sim::Copy::recompressed, sim::Copy::cropped}) {
      const auto other = look_of(photo(i, copy));
      ASSERT_TRUE(other) << i;
      EXPECT_LE(apart(*look, *other), 8U) << i;
    }
    for (const server::Look& before : looks) EXPECT_GT(apart(*look, before), 8U) << i;
    looks.push_back(*look);
  }
}

TEST(Pixels, WhatShowsNothingHasNoLook) {
  EXPECT_FALSE(look_of(sim::jpeg_photo({.nonce = "n"}))) << "plain grey";
  EXPECT_FALSE(look_of(sim::png_photo({.nonce = "n"}))) << "one pixel";
  EXPECT_FALSE(look_of(sim::png_photo({.nonce = "n", .screen = true}))) << "black";
  EXPECT_FALSE(look_of(sim::heic_photo({.nonce = "n"}))) << "not decoded";
  EXPECT_FALSE(look_of("")) << "nothing";
}

TEST(Pixels, SizesAreReadFromTheHead) {
  const auto screen = server::size_of_picture(sim::png_photo({.nonce = "n", .screen = true}));
  ASSERT_TRUE(screen);
  EXPECT_EQ(screen->width, 1080U);
  EXPECT_EQ(screen->height, 1920U);
  EXPECT_EQ(server::size_of_picture(photo(1))->width, 288U);
  EXPECT_EQ(server::size_of_picture(photo(1, sim::Copy::cropped))->width, 284U);
}

std::string with_size(std::string bytes, std::size_t at, const std::string& size) {
  return bytes.replace(at, size.size(), size);
}

// A decompression bomb is known by its head: nothing of that size is ever allocated.
TEST(Pixels, HugePicturesAreNotDecoded) {
  const std::string jpeg = photo(1);
  const std::size_t frame = jpeg.find("\xff\xc0"s) + 5;
  EXPECT_FALSE(look_of(with_size(jpeg, frame, "\xff\xf0\xff\xf0"s)));
  EXPECT_FALSE(look_of(with_size(jpeg, frame, "\0\0\0\0"s)));
  const std::string png = sim::png_photo({.nonce = "n", .screen = true});
  EXPECT_FALSE(look_of(with_size(png, 16, "\x7f\xff\xff\xff\x7f\xff\xff\xff"s)));
  EXPECT_FALSE(look_of(with_size(png, 16, "\0\0\x4e\x20\0\0\x4e\x20"s))) << "20,000 pixels a side";
}

// Another bomb: a progressive picture whose every bit comes in a scan of its own.
std::string many_scans(bool all) {
  jpeg_compress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* out = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &out, &size);
  info.image_width = info.image_height = 64;
  info.input_components = 1;
  info.in_color_space = JCS_GRAYSCALE;
  jpeg_set_defaults(&info);
  std::vector<jpeg_scan_info> scans{{1, {0}, 0, 0, 0, 0}};
  if (all) {
    for (int bit = 3; bit >= 0; --bit) {
      for (int detail = 1; detail < 64; ++detail)
        scans.push_back({1, {0}, detail, detail, bit == 3 ? 0 : bit + 1, bit});
    }
  } else {
    scans.push_back({1, {0}, 1, 63, 0, 0});
  }
  info.scan_info = scans.data();
  info.num_scans = static_cast<int>(scans.size());
  jpeg_start_compress(&info, TRUE);
  for (int y = 0; y < 64; ++y) {
    std::vector<unsigned char> row;
    for (int x = 0; x < 64; ++x) row.push_back(static_cast<unsigned char>((x * 37 + y * 11) % 256));
    unsigned char* line = row.data();
    jpeg_write_scanlines(&info, &line, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  std::string bytes(reinterpret_cast<char*>(out), size);
  std::free(out);
  return bytes;
}

TEST(Pixels, ProgressivePicturesAreReadButNotThoseOfThousandScans) {
  EXPECT_TRUE(look_of(many_scans(false)));
  EXPECT_FALSE(look_of(many_scans(true)));
}

// No byte can be changed so that anything but an answer comes of it; the sanitizers look on.
TEST(Pixels, AnyBytesAreSafe) {
  std::mt19937 random(11);
  const sim::PhotoRecipe recipe{.nonce = "n",
                                .captured = model::Instant{1'700'000'000'000},
                                .camera = "Pixel 8",
                                .software = "Stable Diffusion",
                                .place = {476'062'000, -1'223'321'000},
                                .look = 5};
  for (const std::string& whole : {sim::jpeg_photo(recipe), sim::png_photo(recipe), sim::heic_photo(recipe),
                                   sim::png_photo({.nonce = "n", .screen = true}), many_scans(false)}) {
    for (int i = 0; i < 400; ++i) {
      std::string bytes = whole;
      for (unsigned n = 1 + random() % 4; n > 0; --n)
        bytes[random() % bytes.size()] = static_cast<char>(i % 2 == 0 ? random() : (random() % 2 ? 0xFF : 0));
      if (i % 5 == 0) bytes.resize(random() % bytes.size());
      look_of(bytes);
      without_metadata(bytes);
      if (const auto picture = server::inspect_picture(bytes)) server::origin_of(bytes, *picture);
    }
  }
}

sim::PhotoRecipe telling() {
  return {.nonce = "n",
          .captured = model::Instant{1'700'000'000'000},
          .camera = "Pixel 8",
          .software = "Stable Diffusion",
          .place = {-476'062'000, 1'223'321'000},
          .look = 5};
}

TEST(Forensics, MetadataTellHowAPictureCameAbout) {
  for (const auto make : {sim::jpeg_photo, sim::png_photo, sim::heic_photo}) {
    const std::string bytes = make(telling());
    const auto picture = server::inspect_picture(bytes);
    ASSERT_TRUE(picture);
    const server::Origin origin = server::origin_of(bytes, *picture);
    EXPECT_TRUE(origin.has_exif);
    EXPECT_TRUE(origin.has_camera);
    EXPECT_EQ(origin.software, "Stable Diffusion");
    ASSERT_TRUE(origin.place);
    EXPECT_NEAR(origin.place->latitude, -47.6062, 1e-7);
    EXPECT_NEAR(origin.place->longitude, 122.3321, 1e-7);
    const std::string bare = make({.nonce = "n"});
    const server::Origin nothing = server::origin_of(bare, *server::inspect_picture(bare));
    EXPECT_FALSE(nothing.has_exif || nothing.has_camera || nothing.place || !nothing.software.empty());
  }
}

TEST(Rendition, FM_142_NothingIsToldButThePicture) {
  for (const auto make : {sim::jpeg_photo, sim::png_photo, sim::heic_photo}) {
    const std::string bytes = make(telling());
    const auto shown = without_metadata(bytes);
    ASSERT_TRUE(shown);
    const auto picture = server::inspect_picture(*shown);
    ASSERT_TRUE(picture) << "still a whole picture";
    EXPECT_EQ(picture->content_type, server::inspect_picture(bytes)->content_type);
    EXPECT_FALSE(picture->captured_s);
    for (const char* word : {"Pixel", "Diffusion", "2023:"})
      EXPECT_EQ(shown->find(word), std::string::npos) << word;
    if (look_of(bytes)) EXPECT_EQ(apart(*look_of(bytes), *look_of(*shown)), 0U) << "the same pixels";
    EXPECT_EQ(without_metadata(*shown), shown) << "once is enough";
    EXPECT_FALSE(without_metadata(bytes.substr(0, bytes.size() / 2)));
  }
  EXPECT_FALSE(without_metadata("MZ"));
}

// Phones append a second picture with metadata of its own; progressive pictures have several scans.
TEST(Rendition, WhatLiesBehindThePictureIsLeftOut) {
  const std::string second = sim::jpeg_photo(telling());
  const auto shown = without_metadata(photo(3) + second);
  ASSERT_TRUE(shown);
  EXPECT_EQ(shown->find("Pixel"), std::string::npos);
  EXPECT_EQ(*shown, *without_metadata(photo(3)));
  const std::string progressive = many_scans(false);
  ASSERT_TRUE(without_metadata(progressive));
  EXPECT_EQ(apart(*look_of(progressive), *look_of(*without_metadata(progressive))), 0U);
}

}  // namespace
}  // namespace server_tests
