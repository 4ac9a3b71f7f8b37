// A copy is compared with its original by what both show, whatever became of the bytes.
#include "sim/picture.h"

#include <gtest/gtest.h>

#include "sim/photos.h"

namespace sim {
namespace {

PhotoRecipe scene(std::uint64_t look) {
  return {.nonce = "n", .captured = model::Instant{}, .camera = "Camera", .look = look};
}

TEST(Picture, ACopyCodedAnewLooksLikeItsOriginal) {
  const auto original = decoded(jpeg_photo(scene(1)));
  PhotoRecipe recipe = scene(1);
  recipe.copy = Copy::recompressed;
  const auto copy = decoded(jpeg_photo(recipe));
  ASSERT_TRUE(original && copy);
  EXPECT_TRUE(look_alike(*original, *copy));
}

TEST(Picture, ATurnedOneDoesNot) {
  auto picture = decoded(png_photo(scene(1)));
  ASSERT_TRUE(picture);
  picture->width *= 2;
  EXPECT_FALSE(look_alike(*picture, *decoded(png_photo(scene(1)))));
}

TEST(Picture, AnotherSceneDoesNot) {
  const auto one = decoded(jpeg_photo(scene(1))), two = decoded(jpeg_photo(scene(2)));
  ASSERT_TRUE(one && two);
  EXPECT_FALSE(look_alike(*one, *two));
}

TEST(Picture, WhatIsCutOffOrDamagedIsNoPicture) {
  for (const std::string& whole : {jpeg_photo(scene(3)), png_photo(scene(3))}) {
    EXPECT_TRUE(decoded(whole));
    EXPECT_FALSE(decoded(whole.substr(0, whole.size() - 40)));
    EXPECT_FALSE(decoded(whole.substr(0, 8)));
  }
  EXPECT_FALSE(decoded(heic_photo(scene(3))));
  EXPECT_FALSE(decoded(""));
  EXPECT_FALSE(decoded("<html>"));
}

}  // namespace
}  // namespace sim
