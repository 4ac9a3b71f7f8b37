// The fake biometric provider: what it is told to say, and how it fails.
#include "tests/providers/harness.h"

namespace providers_test {
namespace {

TEST(Biometrics, SaysWhatItIsToldTo) {
  Fakes fakes;
  const auto ask = [&] {
    return fakes.call("POST", "/biometrics/v1/scores", R"({"photo_url":"http://store/photo"})");
  };
  EXPECT_EQ(ask().body, (Json{{"liveness", 0.97}, {"deepfake", 0.02}}));
  EXPECT_EQ(fakes.control("PUT", "biometrics", {{"liveness", 49}, {"deepfake", 86}}).body["asked"], 1);
  EXPECT_EQ(ask().body, (Json{{"liveness", 0.49}, {"deepfake", 0.86}}));
  fakes.control("PUT", "biometrics", {{"trouble", "down"}});
  EXPECT_EQ(ask().status, 503);
  fakes.control("PUT", "biometrics", {{"trouble", "garbage"}});
  EXPECT_TRUE(ask().body.is_discarded());
}

TEST(Biometrics, RefusesWhatItDoesNotUnderstand) {
  Fakes fakes;
  EXPECT_EQ(fakes.call("POST", "/biometrics/v1/scores", "{}").status, 400);
  EXPECT_EQ(fakes.control("PUT", "biometrics", {{"trouble", "odd"}}).body["error"]["field"], "trouble");
  EXPECT_EQ(fakes.control("PUT", "biometrics", {{"liveness", 101}}).body["error"]["field"], "liveness");
}

}  // namespace
}  // namespace providers_test
