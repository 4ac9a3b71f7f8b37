#include <gtest/gtest.h>

#include "net/request.h"
#include "net/sign.h"

namespace {

TEST(Request, PathAndQuery) {
  const net::Request request{"GET", "/trpc/a%2Cb?batch=1&input=%7B%7D&empty=&bare", {}, ""};
  EXPECT_EQ(request.path(), "/trpc/a%2Cb");
  EXPECT_EQ(request.query("batch"), "1");
  EXPECT_EQ(request.query("input"), "%7B%7D");
  EXPECT_EQ(request.query("empty"), "");
  EXPECT_EQ(request.query("bare"), "");
  EXPECT_EQ(request.query("nput"), std::nullopt);
  EXPECT_EQ(net::Request{}.query("x"), std::nullopt);
}

TEST(Headers, AreFoundWithoutRegardToCase) {
  net::Headers headers;
  headers.add("Stripe-Signature", "t=1");
  ASSERT_NE(headers.find("stripe-SIGNATURE"), nullptr);
  EXPECT_EQ(*headers.find("stripe-signature"), "t=1");
  EXPECT_EQ(headers.find("stripe"), nullptr);
}

TEST(Percent, DecodesAndRefuses) {
  EXPECT_EQ(net::percent_decode("a%20b%2fc+d"), "a b/c+d");
  for (const char* bad : {"%", "%2", "%zz", "a%2"}) EXPECT_EQ(net::percent_decode(bad), std::nullopt) << bad;
  const std::string all = "az AZ09-._~/é\n";
  EXPECT_EQ(net::percent_decode(net::percent_encode(all)), all);
  EXPECT_EQ(net::percent_encode("a b/~"), "a%20b%2F~");
}

TEST(Form, ReadsWhatStripeSends) {
  const auto form =
      net::parse_form("amount=5000&metadata[booking_id]=b%201%262&expand%5B0%5D=a+b&empty=&&bare");
  ASSERT_TRUE(form);
  const std::vector<std::pair<std::string, std::string>> expected{{"amount", "5000"},
                                                                  {"metadata[booking_id]", "b 1&2"},
                                                                  {"expand[0]", "a b"},
                                                                  {"empty", ""},
                                                                  {"bare", ""}};
  EXPECT_EQ(*form, expected);
  EXPECT_EQ(net::parse_form("a=%2"), std::nullopt);
  EXPECT_TRUE(net::parse_form("")->empty());
}

TEST(Sign, StripeVector) {  // protocols.md §3.5
  const std::string body = R"({"id":"evt_1","object":"event","type":"payment_intent.succeeded"})";
  EXPECT_EQ(net::hex(net::hmac_sha256("whsec_test", "1700000000." + body)),
            "b5d16909735dfcdc338e1f1e170cbb5d2ea57494fe5f638399aebcce132ec538");
}

TEST(Sign, KnownDigests) {
  EXPECT_EQ(net::hex(net::sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(net::hex(net::hmac_sha256("Jefe", "what do ya want for nothing?")),  // RFC 4231 case 2
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_TRUE(net::equal_constant_time("same", "same"));
  EXPECT_FALSE(net::equal_constant_time("same", "sane"));
  EXPECT_FALSE(net::equal_constant_time("same", "sam"));
}

TEST(Sign, Base64) {
  EXPECT_EQ(net::base64("fooba"), "Zm9vYmE=");
  EXPECT_EQ(net::base64(""), "");
  EXPECT_EQ(net::base64url("\xfb\xff"), "-_8");
  for (std::size_t size = 0; size < 70; ++size) {
    std::string bytes(size, '\0');
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 37 + size);
    EXPECT_EQ(net::unbase64url(net::base64url(bytes)), bytes);
    EXPECT_EQ(net::unhex(net::hex(bytes)), bytes);
  }
}

TEST(Sign, Base64urlRefuses) {
  EXPECT_EQ(net::unbase64url("Zm8"), "fo");
  // Padding, a lone character, foreign ones, the other alphabet, and bits that no encoder leaves behind.
  for (const char* bad : {"Zg==", "Zm8=", "Z", "Zm9v!", "Zm 9v", "+/+/", "Zh", "Zm9", "Zm8\n"})
    EXPECT_EQ(net::unbase64url(bad), std::nullopt) << bad;
  EXPECT_EQ(net::unhex("abc"), std::nullopt);
  EXPECT_EQ(net::unhex("zz"), std::nullopt);
}

TEST(Sign, Random) {
  EXPECT_EQ(net::random_hex(12).size(), 24U);
  EXPECT_NE(net::random_hex(12), net::random_hex(12));
  const std::string uuid = net::random_uuid();
  ASSERT_EQ(uuid.size(), 36U);
  EXPECT_EQ(uuid[14], '4');
  EXPECT_NE(std::string_view("89ab").find(uuid[19]), std::string_view::npos);
}

TEST(Keys, SignAndVerifyThroughBothPublicForms) {
  const net::PrivateKey key = net::PrivateKey::generate();
  const std::string signature = key.sign_rs256("header.payload");
  const auto by_certificate = net::PublicKey::from_certificate_pem(key.certificate_pem("test"));
  const auto by_jwk = net::PublicKey::from_jwk(key.modulus_base64url(), key.exponent_base64url());
  ASSERT_TRUE(by_certificate);
  ASSERT_TRUE(by_jwk);
  EXPECT_EQ(key.exponent_base64url(), "AQAB");
  for (const auto* verifier : {&*by_certificate, &*by_jwk}) {
    EXPECT_TRUE(verifier->verify_rs256("header.payload", signature));
    EXPECT_FALSE(verifier->verify_rs256("header.payloae", signature));
    EXPECT_FALSE(verifier->verify_rs256("header.payload", signature.substr(1)));
    EXPECT_FALSE(verifier->verify_rs256("header.payload", ""));
  }
  const net::PrivateKey other = net::PrivateKey::generate();
  EXPECT_FALSE(by_jwk->verify_rs256("header.payload", other.sign_rs256("header.payload")));
}

TEST(Keys, RefuseNonsense) {
  EXPECT_FALSE(net::PublicKey::from_certificate_pem("not a certificate"));
  EXPECT_FALSE(net::PublicKey::from_jwk("", "AQAB"));
  EXPECT_FALSE(net::PublicKey::from_jwk("a=b", "AQAB"));
  EXPECT_THROW(net::PrivateKey::from_pem("not a key"), std::runtime_error);
}

TEST(Jwt, SplitsStrictly) {
  const std::string token =
      net::base64url("{\"alg\":1}") + "." + net::base64url("{}") + "." + net::base64url("sig");
  const auto parts = net::split_jwt(token);
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->header, "{\"alg\":1}");
  EXPECT_EQ(parts->payload, "{}");
  EXPECT_EQ(parts->signature, "sig");
  EXPECT_EQ(parts->signed_text, token.substr(0, token.rfind('.')));
  for (const std::string& bad : {std::string(), std::string("a"), std::string("YQ.YQ"), token + ".",
                                 token + "=", token + ".YQ", std::string("Y Q.YQ.YQ")})
    EXPECT_FALSE(net::split_jwt(bad)) << bad;
  EXPECT_TRUE(net::split_jwt("YQ.YQ."));  // an empty signature is well formed, and never verifies
}

}  // namespace
