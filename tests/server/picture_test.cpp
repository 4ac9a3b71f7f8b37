// What the server reads from a picture's bytes (proof-and-gps.md §3): its kind by content, and when it was
// taken.
#include "reference_server/picture.h"

#include <gtest/gtest.h>

#include <random>

#include "reference_server/heif.h"
#include "reference_server/rendition.h"
#include "sim/photos.h"

namespace server_tests {
namespace {

using namespace std::string_literals;
using server::heif_exif;
using server::inspect_picture;

constexpr std::int64_t kTaken = 1'700'000'000;

sim::PhotoRecipe recipe(bool dated) {
  return {.nonce = "n", .captured = dated ? std::optional(model::Instant{kTaken * 1000}) : std::nullopt};
}

TEST(Picture, EveryKindTellsItsTypeAndWhenItWasTaken) {
  const std::pair<std::string (*)(const sim::PhotoRecipe&), const char*> kKinds[] = {
      {sim::jpeg_photo, "image/jpeg"}, {sim::png_photo, "image/png"}, {sim::heic_photo, "image/heic"}};
  for (const auto& [make, type] : kKinds) {
    const auto dated = inspect_picture(make(recipe(true)));
    ASSERT_TRUE(dated) << type;
    EXPECT_EQ(dated->content_type, type);
    EXPECT_EQ(dated->captured_s, kTaken) << type;
    const auto bare = inspect_picture(make(recipe(false)));
    ASSERT_TRUE(bare) << type;
    EXPECT_EQ(bare->captured_s, std::nullopt) << type;
  }
}

TEST(Picture, CutOffOnesAreNone) {
  for (const auto make : {sim::jpeg_photo, sim::png_photo, sim::heic_photo}) {
    const std::string whole = make(recipe(true));
    for (std::size_t size = 0; size < whole.size(); ++size)
      EXPECT_FALSE(inspect_picture(whole.substr(0, size))) << size;
  }
}

std::string big(std::uint64_t value, int width) {
  std::string out;
  for (int i = width - 1; i >= 0; --i) out += static_cast<char>(value >> (8 * i) & 0xFF);
  return out;
}
std::string box(const std::string& type, const std::string& content, bool large = false) {
  if (large) return big(1, 4) + type + big(content.size() + 16, 8) + content;
  return big(content.size() + 8, 4) + type + content;
}

// A file as phones and libraries write it, in the several versions of its boxes.
struct Shape {
  int iloc = 1;          // version
  int infe = 2;          // version
  int method = 0;        // 0: in the file, 1: in idat
  int base_size = 0;     // bytes of the base offset, which then carries the whole offset
  std::size_t lead = 0;  // bytes before the TIFF header
  bool large = false;    // lengths of eight bytes
  std::uint64_t extents = 1, offset_more = 0, length_more = 0;
};

std::string heic(const Shape& shape) {
  const std::string item = big(shape.lead, 4) + std::string(shape.lead, 'x') + "TIFF";
  const std::string type = box("ftyp", "heic\0\0\0\0"s, shape.large);
  const int wide = shape.iloc < 2 ? 2 : 4;
  const auto meta = [&](std::uint64_t offset) {
    const auto entry = [&](int id, const std::string& kind) {
      return box("infe", std::string(1, static_cast<char>(shape.infe)) + big(0, 3) +
                             big(static_cast<std::uint64_t>(id), shape.infe == 2 ? 2 : 4) + big(0, 2) + kind);
    };
    const auto place = [&](std::uint64_t id, std::uint64_t at, std::uint64_t length, std::uint64_t extents) {
      const std::uint64_t base = shape.base_size > 0 ? at : 0;
      std::string out = big(id, wide) + (shape.iloc > 0 ? big(id == 7 ? shape.method : 0, 2) : "") +
                        big(0, 2) + big(base, shape.base_size) + big(extents, 2);
      for (std::uint64_t i = 0; i < extents; ++i) out += big(at - base, 4) + big(length, 4);
      return out;
    };
    return box("meta",
               big(0, 4) + box("idat", item) +
                   box("iinf", big(0, 4) + big(2, 2) + entry(3, "hvc1") + entry(7, "Exif")) +
                   box("iloc", std::string(1, static_cast<char>(shape.iloc)) + big(0, 3) +
                                   big(0x4400 | shape.base_size << 4, 2) + big(2, wide) + place(3, 0, 9, 3) +
                                   place(7, offset + shape.offset_more, item.size() + shape.length_more,
                                         shape.extents)),
               shape.large);
  };
  const std::size_t in_file = type.size() + meta(0).size() + (shape.large ? 16 : 8);
  return type + meta(shape.method == 1 ? 0 : in_file) + box("mdat", item, shape.large);
}

TEST(Heif, ExifIsFoundInEveryVersionOfTheBoxes) {
  for (const Shape& shape :
       {Shape{}, Shape{.iloc = 0}, Shape{.iloc = 2, .infe = 3}, Shape{.method = 1}, Shape{.base_size = 4},
        Shape{.iloc = 2, .base_size = 8}, Shape{.lead = 6}, Shape{.large = true}}) {
    const std::string file = heic(shape);
    EXPECT_EQ(heif_exif(file), "TIFF") << shape.iloc << shape.infe << shape.method << shape.base_size;
    EXPECT_TRUE(inspect_picture(file));
    EXPECT_EQ(inspect_picture(file)->captured_s, std::nullopt) << "not a TIFF block after all";
  }
}

TEST(Heif, WhatLeadsOutsideIsNoExif) {
  constexpr std::uint64_t kFar = 0xFFFF'FFFF;
  for (const Shape& shape :
       {Shape{.method = 2}, Shape{.extents = 0}, Shape{.extents = 2}, Shape{.offset_more = 1'000'000},
        Shape{.length_more = 1}, Shape{.length_more = kFar - 100}, Shape{.iloc = 3}, Shape{.infe = 1}}) {
    const std::string file = heic(shape);
    EXPECT_EQ(heif_exif(file), std::nullopt) << shape.iloc << shape.infe << shape.method << shape.extents;
    EXPECT_TRUE(inspect_picture(file)) << "a picture without EXIF, as any";
  }
  std::string lead = heic({});
  lead.replace(lead.rfind("TIFF") - 4, 4, big(kFar, 4));
  EXPECT_EQ(heif_exif(lead), std::nullopt);
}

// No byte can be changed so that more is read than there is; the sanitizers look on.
TEST(Heif, AnyBytesAreSafe) {
  std::mt19937 random(7);
  for (const std::string& whole :
       {sim::heic_photo(recipe(true)), heic({.iloc = 2, .infe = 3}), heic({.large = true})}) {
    for (int i = 0; i < 5'000; ++i) {
      std::string file = whole;
      for (unsigned n = 1 + random() % 3; n > 0; --n)
        file[random() % file.size()] = static_cast<char>(i % 2 == 0 ? random() : (random() % 2 ? 0xFF : 0));
      const auto tiff = heif_exif(file);
      EXPECT_TRUE(!tiff || tiff->size() <= file.size());
      inspect_picture(file);
    }
  }
}

// FM-142: what is shown of a HEIC holds its directory and its pixels, where they were, and nothing else.
TEST(Rendition, OfAHeicKeepsItsPixelsAndNothingThatTellsOfItsCamera) {
  for (const Shape& shape :
       {Shape{}, Shape{.iloc = 2, .infe = 3}, Shape{.method = 1}, Shape{.large = true}}) {
    std::string file = heic(shape) + box("free", "CAMERA") + box("uuid", "CAMERA") + box("mdat", "CAMERA");
    const auto shown = server::without_metadata(file);
    ASSERT_TRUE(shown);
    EXPECT_EQ(shown->size(), file.size());
    EXPECT_EQ(shown->substr(0, 9), file.substr(0, 9)) << "the place of the pixels";
    EXPECT_EQ(shown->find("CAMERA"), std::string::npos);
    EXPECT_EQ(shown->find("TIFF"), std::string::npos);
    EXPECT_TRUE(server::boxes_of(*shown)) << "the boxes are where they were";
  }
}

TEST(Rendition, OfAHeicWhosePixelsAreNotThereIsNone) {
  std::string file = heic({});
  const std::size_t places = file.find("iloc");
  ASSERT_NE(places, std::string::npos);
  // The first item's first piece begins behind the end of the file.
  constexpr std::size_t kOffset = 4 + 4 + 2 + 2 + 2 + 2 + 2 + 2;
  file.replace(places + kOffset, 4, "\x7f\xff\xff\xff"s);
  EXPECT_FALSE(server::without_metadata(file));
}

}  // namespace
}  // namespace server_tests
