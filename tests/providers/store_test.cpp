// The fake object store over HTTP: signatures, lifetimes, the form, failures on demand. Signed here with the
// vectors' code (tests/net/sigv4_test.cpp); tests/clients/store asks the same of the real SDK.
#include <gtest/gtest.h>

#include <ctime>

#include "net/sign.h"
#include "net/sigv4.h"
#include "tests/providers/harness.h"

namespace {

using providers_test::Fakes;
using providers_test::Json;

constexpr const char* kPath = "/hustlexp-proof-photos/proofs/1/1";

struct Store {
  Fakes fakes;
  net::Connection connection{*net::parse_url(fakes.url())};

  std::string signed_target(const std::string& method, net::NameValues headers = {},
                            std::int64_t expires_s = 600, const net::StoreKey& key = {}) {
    const std::string url = net::presigned_url(
        *net::parse_url(fakes.url()), key,
        {.method = method, .path = kPath, .headers = std::move(headers), .expires_s = expires_s},
        std::time(nullptr));
    return url.substr(url.find('/', url.find("//") + 2));
  }
  std::string send(const std::string& method, const std::string& target, const std::string& body = {},
                   const std::vector<std::pair<std::string, std::string>>& headers = {}) {
    net::Request request{method, target, {}, body};
    for (const auto& [name, value] : headers) request.headers.add(name, value);
    const auto answer = connection.exchange(request, std::chrono::milliseconds(10'000));
    if (!answer) return answer.error().message;
    const auto from = answer->body.find("<Code>");
    const std::string code =
        from == std::string::npos
            ? ""
            : " " + answer->body.substr(from + 6, answer->body.find('<', from + 6) - from - 6);
    return std::to_string(answer->status) + code;
  }
  std::string put(const std::string& body = "photo") { return send("PUT", signed_target("PUT"), body); }
  std::string get() { return send("GET", signed_target("GET")); }
  void profile(const Json& wanted) { EXPECT_EQ(fakes.control("PUT", "objects/profile", wanted).status, 200); }
  void trouble(const Json& wanted) { EXPECT_EQ(fakes.control("PUT", "objects/faults", wanted).status, 200); }
};

TEST(ObjectStore, KeepsWhatASignedRequestPutsAndShowsItToSignedOnesOnly) {
  Store store;
  EXPECT_EQ(store.get(), "404 NoSuchKey");
  EXPECT_EQ(store.put(), "200");
  EXPECT_EQ(store.get(), "200");
  EXPECT_EQ(store.send("GET", kPath), "403 AccessDenied");
  EXPECT_EQ(store.send("GET", store.signed_target("PUT")), "403 SignatureDoesNotMatch");
  EXPECT_EQ(store.send("GET", store.signed_target("GET", {}, 600, {.secret = "wrong"})),
            "403 SignatureDoesNotMatch");
  EXPECT_EQ(store.send("GET", store.signed_target("GET", {}, 600, {.access = "NOBODY"})),
            "403 InvalidAccessKeyId");
  EXPECT_EQ(store.send("GET", store.signed_target("GET", {}, 604'801)),
            "400 AuthorizationQueryParametersError");
  EXPECT_EQ(store.send("GET", store.signed_target("GET"), "", {{"x-amz-acl", "public-read"}}),
            "403 AccessDenied");
  const Json digests =
      store.fakes.control("POST", "objects/digests", {{"keys", {"proofs/1/1", "none"}}}).body;
  EXPECT_EQ(digests["digests"][0], net::hex(net::sha256("photo")));
  EXPECT_TRUE(digests["digests"][1].is_null());
}

TEST(ObjectStore, SignedHeadersMustBeSentAsTheyWereSigned) {
  Store store;
  const std::string target = store.signed_target(
      "PUT", {{"content-length", "5"}, {"content-type", "image/jpeg"}, {"if-none-match", "*"}});
  const auto put = [&](const std::string& body, const std::string& type) {
    return store.send("PUT", target, body, {{"content-type", type}, {"if-none-match", "*"}});
  };
  EXPECT_EQ(put("photo", "image/png"), "403 SignatureDoesNotMatch");
  EXPECT_EQ(put("photos", "image/jpeg"), "403 SignatureDoesNotMatch");
  EXPECT_EQ(store.send("PUT", target, "photo", {{"content-type", "image/jpeg"}}),
            "403 SignatureDoesNotMatch");
  EXPECT_EQ(put("photo", "image/jpeg"), "200");
  EXPECT_EQ(put("other", "image/jpeg"), "412 PreconditionFailed");
}

TEST(ObjectStore, UrlsAgeWithItsClock) {
  Store store;
  const std::string target = store.signed_target("PUT");
  for (const auto& [ahead, wanted] : {std::pair{590, "200"}, {602, "403 AccessDenied"}, {0, "200"}}) {
    store.profile({{"profile", "s3"}, {"ahead_s", ahead}});
    EXPECT_EQ(store.send("PUT", target, "photo"), wanted) << ahead;
  }
}

TEST(ObjectStore, ChecksumsAreComparedUnlessToldOtherwise) {
  Store store;
  const auto put = [&] {
    return store.send("PUT", store.signed_target("PUT", {{"x-amz-checksum-crc32", "AAAAAA=="}}), "photo",
                      {{"x-amz-checksum-crc32", "AAAAAA=="}});
  };
  EXPECT_EQ(put(), "400 BadDigest");
  store.profile({{"profile", "s3"}, {"strict_checksums", false}});
  EXPECT_EQ(put(), "200");
  EXPECT_EQ(store.send("PUT", store.signed_target("PUT"), "photo", {{"content-md5", "AAAAAA=="}}), "200");
}

TEST(ObjectStore, FailsOnDemandForAsManyRequestsAsAsked) {
  Store store;
  EXPECT_EQ(store.put(), "200");
  for (const auto& [kind, wanted] : {std::pair{"error_500", "500 InternalError"},
                                     {"slow_down", "503 SlowDown"},
                                     {"missing", "404 NoSuchKey"}}) {
    store.trouble({{"kind", kind}, {"method", "GET"}, {"times", 2}});
    EXPECT_EQ(store.put(), "200") << kind << " is for GET alone";
    EXPECT_EQ(store.get(), wanted);
    EXPECT_EQ(store.get(), wanted);
    EXPECT_EQ(store.get(), "200") << kind;
  }
  store.trouble({{"kind", "slow"}, {"times", 1}, {"delay_ms", 300}});
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(store.get(), "200");
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(290));
  EXPECT_EQ(store.fakes.control("PUT", "objects/faults", {{"kind", "odd"}}).status, 400);
}

// One part of a form, or the last with the file.
std::string form(const std::vector<std::pair<std::string, std::string>>& fields, const std::string& file) {
  std::string body;
  for (const auto& [name, value] : fields)
    body += "--b\r\ncontent-disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
  return body +
         "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.jpg\"\r\n"
         "content-type: image/jpeg\r\n\r\n" +
         file + "\r\n--b--\r\n";
}

TEST(ObjectStore, TheFormKeepsItsPolicyAndR2HasNone) {
  Store store;
  const std::string date = net::amz_date(std::time(nullptr));
  const std::string scope = net::credential_scope(date, "auto");
  const std::string credential = "HUSTLEACCESS/" + scope;
  const auto post = [&](const std::string& expiration, const std::string& file, const std::string& key) {
    const std::string policy = net::base64(
        R"({"expiration":")" + expiration +
        R"(","conditions":[{"bucket":"hustlexp-proof-photos"},["starts-with","$key","form/"],)"
        R"(["content-length-range",2,5],{"x-amz-algorithm":"AWS4-HMAC-SHA256"},{"x-amz-credential":")" +
        credential + R"("},{"x-amz-date":")" + date + R"("}]})");
    const std::string signature = net::hex(net::hmac_sha256(
        net::signing_key("hustle-secret", std::string_view(date).substr(0, 8), "auto"), policy));
    return store.send("POST", "/hustlexp-proof-photos",
                      form({{"key", key},
                            {"x-amz-algorithm", "AWS4-HMAC-SHA256"},
                            {"x-amz-credential", credential},
                            {"x-amz-date", date},
                            {"policy", policy},
                            {"x-amz-signature", signature}},
                           file),
                      {{"content-type", "multipart/form-data; boundary=b"}});
  };
  const std::string later = "2100-01-01T00:00:00Z";
  EXPECT_EQ(post(later, "photo", "form/1"), "204");
  EXPECT_EQ(post(later, "photos", "form/1"), "400 EntityTooLarge");
  EXPECT_EQ(post(later, "p", "form/1"), "400 EntityTooSmall");
  EXPECT_EQ(post(later, "photo", "other/1"), "403 AccessDenied");
  EXPECT_EQ(post("2001-01-01T00:00:00Z", "photo", "form/1"), "403 AccessDenied");
  EXPECT_EQ(store.send("POST", "/hustlexp-proof-photos", "nothing", {{"content-type", "text/plain"}}),
            "400 MalformedPOSTRequest");
  store.profile({{"profile", "r2"}});
  EXPECT_EQ(post(later, "photo", "form/1"), "501 NotImplemented");
}

}  // namespace
