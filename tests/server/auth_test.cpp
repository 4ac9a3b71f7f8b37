// protocols.md §4.3, the column "reference server must", against a key server of our own.
#include "reference_server/auth.h"

#include <gtest/gtest.h>

#include <atomic>
#include <nlohmann/json.hpp>
#include <thread>

#include "net/server.h"
#include "net/sign.h"
#include "tests/server/stage.h"

namespace server_tests {
namespace {

constexpr std::int64_t kNow = 1'800'000'000;

// Serves the keys it is given, as X.509 map or JWKS, and counts how often it is asked.
class KeyServer {
 public:
  KeyServer()
      : server_({},
                [this](const net::Request& request, const net::Reply& reply) { answer(request, reply); }) {}
  std::string url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(server_.port()) + path;
  }
  void add(const std::string& kid, const net::PrivateKey& key) {
    certificates_[kid] = key.certificate_pem("test");
    jwks_.push_back({{"kty", "RSA"},
                     {"alg", "RS256"},
                     {"kid", kid},
                     {"n", key.modulus_base64url()},
                     {"e", key.exponent_base64url()}});
  }
  int asked() const { return asked_; }

 private:
  void answer(const net::Request& request, const net::Reply& reply) {
    ++asked_;
    net::Response response;
    response.headers.add("cache-control", "public, max-age=3600, must-revalidate");
    response.body = request.path() == "/jwks" ? Json{{"keys", jwks_}}.dump() : certificates_.dump();
    reply(std::move(response));
  }
  Json certificates_ = Json::object();
  Json jwks_ = Json::array();
  std::atomic<int> asked_ = 0;
  net::Server server_;
};

class Tokens : public testing::Test {
 protected:
  Tokens() { keys_.add("k1", key_); }

  static Json claims() {
    return {{"iss", "https://securetoken.google.com/demo-hustle"},
            {"aud", "demo-hustle"},
            {"sub", "uid1"},
            {"iat", kNow - 10},
            {"auth_time", kNow - 10},
            {"exp", kNow + 3600}};
  }
  static std::string join(const Json& header, const Json& body) {
    return net::base64url(header.dump()) + "." + net::base64url(body.dump());
  }
  std::string sign(const Json& body,
                   const Json& header = {{"alg", "RS256"}, {"kid", "k1"}, {"typ", "JWT"}}) const {
    const std::string text = join(header, body);
    return text + "." + net::base64url(key_.sign_rs256(text));
  }
  server::AuthOptions options(const std::string& path = "/x509") const {
    return {.certs_url = keys_.url(path), .project = "demo-hustle"};
  }
  bool accepts(const std::string& token) {
    server::Auth auth(options());
    return auth.verify(token, kNow) != nullptr;
  }
  bool accepts_with(const char* claim, const Json& value) {
    Json body = claims();
    body[claim] = value;
    return accepts(sign(body));
  }
  bool accepts_without(const char* claim) {
    Json body = claims();
    body.erase(claim);
    return accepts(sign(body));
  }

  static const net::PrivateKey key_;  // making one takes a while
  KeyServer keys_;
};

const net::PrivateKey Tokens::key_ = net::PrivateKey::generate();

TEST_F(Tokens, GoodOnesAreReadFromBothShapesOfKeys) {
  for (const char* path : {"/x509", "/jwks"}) {
    server::Auth auth(options(path));
    Json body = claims();
    body["email"] = "a@b.c";
    body["name"] = "Ann";
    const auto identity = auth.verify(sign(body), kNow);
    ASSERT_TRUE(identity) << path;
    EXPECT_EQ(identity->uid, "uid1");
    EXPECT_EQ(identity->email, "a@b.c");
    EXPECT_EQ(identity->name, "Ann");
  }
  EXPECT_TRUE(accepts(sign(claims(), {{"alg", "RS256"}, {"kid", "k1"}}))) << "typ may be missing";
}

TEST_F(Tokens, TimesAreCheckedWithTheSkew) {
  EXPECT_TRUE(accepts_with("exp", kNow - 4)) << "within 5 s";
  EXPECT_FALSE(accepts_with("exp", kNow - 5));
  EXPECT_FALSE(accepts_without("exp"));
  EXPECT_FALSE(accepts_with("exp", std::to_string(kNow + 3600)));
  EXPECT_TRUE(accepts_with("iat", kNow + 5));
  EXPECT_FALSE(accepts_with("iat", kNow + 6));
  EXPECT_FALSE(accepts_with("auth_time", kNow + 6));
  EXPECT_FALSE(accepts_with("nbf", kNow + 6));
  EXPECT_TRUE(accepts_with("nbf", kNow));
}

TEST_F(Tokens, AudienceIssuerAndSubject) {
  EXPECT_FALSE(accepts_with("aud", "other"));
  EXPECT_FALSE(accepts_with("aud", {"demo-hustle"})) << "a list, although it holds the project";
  EXPECT_FALSE(accepts_with("iss", "https://securetoken.google.com/other"));
  EXPECT_FALSE(accepts_without("iss"));
  EXPECT_FALSE(accepts_with("sub", ""));
  EXPECT_FALSE(accepts_without("sub"));
  EXPECT_FALSE(accepts_with("sub", 7));
  EXPECT_TRUE(accepts_with("sub", std::string(128, 'u')));
  EXPECT_FALSE(accepts_with("sub", std::string(129, 'u')));
}

TEST_F(Tokens, AlgorithmIsFixedNeverChosenByTheHeader) {
  EXPECT_FALSE(accepts(sign(claims(), {{"alg", "RS256"}}))) << "no kid";
  EXPECT_FALSE(accepts(sign(claims(), {{"alg", "none"}, {"kid", "k1"}})));
  EXPECT_FALSE(accepts(sign(claims(), {{"alg", "ES256"}, {"kid", "k1"}})));
  EXPECT_FALSE(accepts(join({{"alg", "none"}, {"kid", "k1"}}, claims()) + "."));
  const std::string text = join({{"alg", "HS256"}, {"kid", "k1"}}, claims());
  EXPECT_FALSE(accepts(text + "." + net::base64url(net::hmac_sha256(key_.certificate_pem("test"), text))));
  EXPECT_FALSE(accepts(sign(claims(), {{"alg", "RS256"}, {"kid", "k2"}})));
  const std::string good = sign(claims());
  EXPECT_FALSE(accepts(good + "=")) << "padded signature";
  EXPECT_FALSE(accepts(good.substr(0, good.size() - 4)));
  for (const char* garbage : {"", "a", "a.b", "a.b.c", "....", "e30.e30.e30"})
    EXPECT_FALSE(accepts(garbage)) << garbage;
  std::string changed = good;
  changed[changed.find('.') + 5] ^= 1;
  EXPECT_FALSE(accepts(changed));
}

TEST_F(Tokens, UnknownKeyIsAskedForOncePerPause) {
  const net::PrivateKey rotated = net::PrivateKey::generate();
  server::AuthOptions options = this->options();
  options.refetch_pause = std::chrono::milliseconds(700);
  server::Auth auth(options);
  EXPECT_TRUE(auth.verify(sign(claims()), kNow));
  EXPECT_EQ(keys_.asked(), 1);
  const std::string text = join({{"alg", "RS256"}, {"kid", "k2"}}, claims());
  const std::string token = text + "." + net::base64url(rotated.sign_rs256(text));
  keys_.add("k2", rotated);
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(auth.verify(token, kNow));
  EXPECT_EQ(keys_.asked(), 1) << "not again within the pause";
  std::this_thread::sleep_for(std::chrono::milliseconds(750));
  EXPECT_TRUE(auth.verify(token, kNow));
  EXPECT_TRUE(auth.verify(sign(claims()), kNow)) << "the old key stays for its max-age";
  EXPECT_EQ(keys_.asked(), 2);
}

TEST_F(Tokens, CacheForgetsNothingOfTheExpiry) {
  server::AuthOptions options = this->options();
  options.cache_max = 2;
  server::Auth auth(options);
  for (int i = 0; i < 10; ++i) {
    Json body = claims();
    body["sub"] = "uid" + std::to_string(i);
    const std::string token = sign(body);
    EXPECT_TRUE(auth.verify(token, kNow));
    EXPECT_TRUE(auth.verify(token, kNow + 3600)) << "within the skew";
    EXPECT_FALSE(auth.verify(token, kNow + 3605)) << "remembered, but expired";
  }
}

TEST(Bearer, SchemeIsReadWithoutRegardToCase) {
  const std::string good = "bearer abc";
  const std::string other = "Basic abc";
  EXPECT_EQ(server::bearer_token(&good), "abc");
  EXPECT_EQ(server::bearer_token(&other), "") << "HX502";
  EXPECT_EQ(server::bearer_token(nullptr), std::nullopt) << "HX501";
}

TEST(Accounts, AreCreatedOnceByTheFirstValidToken) {
  Stage& stage = shared_stage();
  const std::string uid = "fresh-" + std::to_string(now_ms());
  const net::Request request = stage.request_of("user.getProfile", nullptr, uid);
  std::vector<std::thread> threads;
  for (int i = 0; i < 12; ++i) threads.emplace_back([&] { EXPECT_EQ(stage.send(request).status, 200); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(stage.sql("SELECT count(*) FROM users WHERE firebase_uid = '" + uid + "'"), "1");
}

}  // namespace
}  // namespace server_tests
