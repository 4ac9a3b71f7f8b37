// protocols.md §5.1 and §5.2: the test vectors, byte for byte.
#include "net/sigv4.h"

#include <gtest/gtest.h>

#include "net/sign.h"

namespace net {
namespace {

constexpr std::string_view kDate = "20260102T030405Z";

TEST(SigV4, SigningKeyAndPresignedPutOfTheSpecification) {
  const std::string key = signing_key("SECRETKEY", kDate, "auto");
  EXPECT_EQ(hex(key), "45936a67cc5346c1be7db18af01ba02a34d77cad0062184288023ea4da2e60d3");
  const std::string scope = credential_scope(kDate, "auto");
  const NameValues query{{"X-Amz-Algorithm", "AWS4-HMAC-SHA256"},
                         {"X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD"},
                         {"X-Amz-Credential", "AKIDEXAMPLE/" + scope},
                         {"X-Amz-Date", std::string(kDate)},
                         {"X-Amz-Expires", "300"},
                         {"X-Amz-SignedHeaders", "content-type;host"},
                         {"x-id", "PutObject"}};
  for (const char* type : {"image/jpeg", "image/png"}) {
    const std::string signature = signature_of(
        key, kDate, scope,
        canonical_request("PUT", "/photos/u/1/a b.jpg", query,
                          {{"content-type", type}, {"host", "127.0.0.1:9000"}}, "UNSIGNED-PAYLOAD"));
    const bool right = signature == "444d14d6e6ba77a46915b9d75afd9e753d707401e495310e91e69ea582ac7cce";
    EXPECT_EQ(right, std::string_view(type) == "image/jpeg") << type;
  }
}

TEST(SigV4, PolicyOfTheSpecification) {
  const std::string policy =
      R"({"expiration":"2026-01-02T04:04:05Z","conditions":[{"bucket":"photos"},["starts-with","$key","u/1/"],)"
      R"(["content-length-range",1,5000000],{"X-Amz-Algorithm":"AWS4-HMAC-SHA256"},)"
      R"({"X-Amz-Credential":"AKIDEXAMPLE/20260102/auto/s3/aws4_request"},{"X-Amz-Date":"20260102T030405Z"}]})";
  EXPECT_EQ(hex(hmac_sha256(signing_key("SECRETKEY", kDate, "auto"), base64(policy))),
            "c437d7529c520474abc4f7e33b8fcebeca6f6923940b6926bd0b4a7cba74878b");
}

}  // namespace
}  // namespace net
