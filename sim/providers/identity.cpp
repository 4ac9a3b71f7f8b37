#include "sim/providers/identity.h"

#include <array>
#include <utility>

#include <nlohmann/json.hpp>

#include "net/sign.h"
#include "sim/providers/test_keys.h"

namespace sim::providers {
namespace {

using Json = nlohmann::ordered_json;
using model::Credential;

constexpr std::int64_t kHour = 3'600;

Json usual_claims(const std::string& project, const std::string& uid, std::int64_t now) {
  const std::string email = uid + "@example.invalid";
  return {
      {"iss", "https://securetoken.google.com/" + project},
      {"aud", project},
      {"auth_time", now},
      {"user_id", uid},
      {"sub", uid},
      {"iat", now},
      {"exp", now + kHour},
      {"email", email},
      {"email_verified", true},
      {"firebase", {{"identities", {{"email", Json::array({email})}}}, {"sign_in_provider", "password"}}}};
}

// What is wrong with the claims; faults of header and signature are made where those are made.
void spoil(Json& claims, Credential flavour, std::int64_t now) {
  switch (flavour) {
    case Credential::expired:
      claims["auth_time"] = claims["iat"] = now - 2 * kHour;
      claims["exp"] = now - kHour;
      break;
    case Credential::wrong_audience:
      claims["aud"] = "another-project";
      break;
    case Credential::wrong_issuer:
      claims["iss"] = "https://issuer.example.invalid/another-project";
      break;
    case Credential::no_expiry:
      claims.erase("exp");
      break;
    case Credential::issued_in_future:
      claims["auth_time"] = claims["iat"] = now + kHour;
      claims["exp"] = now + 2 * kHour;
      break;
    case Credential::empty_subject:
      claims["sub"] = claims["user_id"] = "";
      break;
    case Credential::valid:
    case Credential::none:
    case Credential::unsigned_token:
    case Credential::hs256_with_certificate:
    case Credential::unknown_key:
    case Credential::bad_signature:
    case Credential::garbage:
      break;
  }
}

std::string text_of(const Json& header, const Json& claims) {
  return net::base64url(header.dump()) + '.' + net::base64url(claims.dump());
}

}  // namespace

struct Identity::Key {
  net::PrivateKey key;
  std::string modulus, exponent, kid, certificate;

  explicit Key(net::PrivateKey made)
      : key(std::move(made)),
        modulus(key.modulus_base64url()),
        exponent(key.exponent_base64url()),
        kid(net::hex(net::sha256(modulus)).substr(0, 40)),
        certificate(key.certificate_pem("securetoken.system.gserviceaccount.com")) {}
};

Identity::Identity(std::string project)
    : project_(std::move(project)),
      unknown_(std::make_shared<const Key>(net::PrivateKey::from_pem(kTestKeyUnknown))),
      ring_{std::make_shared<const Key>(net::PrivateKey::from_pem(kTestKeyFirst)),
            std::make_shared<const Key>(net::PrivateKey::from_pem(kTestKeySecond))} {}
Identity::~Identity() = default;

Identity::KeyRing Identity::ring() const {
  const std::lock_guard lock(mutex_);
  return ring_;
}

std::string Identity::token(const Key& key, const std::string& uid, Credential flavour,
                            std::string_view claims, std::int64_t now) const {
  if (flavour == Credential::none) return "";
  if (flavour == Credential::garbage) return "not-a-token";
  Json payload = usual_claims(project_, uid, now);
  spoil(payload, flavour, now);
  if (!claims.empty()) payload.update(Json::parse(claims));

  if (flavour == Credential::unsigned_token)  // as the emulator issues them (§4.4)
    return text_of({{"alg", "none"}, {"typ", "JWT"}}, payload) + '.';
  if (flavour == Credential::hs256_with_certificate) {
    const std::string text = text_of({{"alg", "HS256"}, {"kid", key.kid}, {"typ", "JWT"}}, payload);
    return text + '.' + net::base64url(net::hmac_sha256(key.certificate, text));
  }
  const Key& signer = flavour == Credential::unknown_key ? *unknown_ : key;
  const std::string text = text_of({{"alg", "RS256"}, {"kid", signer.kid}, {"typ", "JWT"}}, payload);
  std::string signature = signer.key.sign_rs256(text);
  if (flavour == Credential::bad_signature) signature[signature.size() / 2] ^= 1;
  return text + '.' + net::base64url(signature);
}

std::vector<std::string> Identity::tokens(const std::vector<std::string>& uids, Credential flavour,
                                          std::string_view claims, std::int64_t now) const {
  const KeyRing keys = ring();
  std::vector<std::string> out;
  out.reserve(uids.size());
  for (const std::string& uid : uids) out.push_back(token(*keys.signing, uid, flavour, claims, now));
  return out;
}

std::string Identity::rotate() {
  const std::lock_guard lock(mutex_);
  auto key = std::make_shared<const Key>(std::exchange(spare_used_, true)
                                             ? net::PrivateKey::generate()
                                             : net::PrivateKey::from_pem(kTestKeySpare));
  ring_.previous = std::exchange(ring_.signing, std::move(key));
  return ring_.signing->kid;
}

void Identity::publish(Publication how) {
  const std::lock_guard lock(mutex_);
  publication_ = how;
}

Identity::Publication Identity::publication() const {
  const std::lock_guard lock(mutex_);
  return publication_;
}

std::string Identity::x509_map() const {
  const KeyRing keys = ring();
  return Json{{keys.signing->kid, keys.signing->certificate},
              {keys.previous->kid, keys.previous->certificate}}
      .dump(2);
}

std::string Identity::jwks() const {
  const KeyRing keys = ring();
  Json list = Json::array();
  for (const auto& key : {keys.signing, keys.previous})
    list.push_back({{"kty", "RSA"},
                    {"alg", "RS256"},
                    {"use", "sig"},
                    {"kid", key->kid},
                    {"n", key->modulus},
                    {"e", key->exponent}});
  return Json{{"keys", std::move(list)}}.dump(2);
}

}  // namespace sim::providers
