// Signatures and encodings: HMAC-SHA256, SHA-256, base64url, RS256 with a kept key, JWT parts, X.509 and JWK.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace net {

std::string hex(std::string_view bytes);  // lower case
std::optional<std::string> unhex(std::string_view text);
std::string sha256(std::string_view data);  // 32 raw bytes
std::string md5(std::string_view data);     // 16 raw bytes; only where a protocol asks for it (ETag)
std::string hmac_sha256(std::string_view key, std::string_view data);
bool equal_constant_time(std::string_view a, std::string_view b);

std::string base64(std::string_view bytes);
std::string base64url(std::string_view bytes);                  // no padding
std::optional<std::string> unbase64url(std::string_view text);  // refuses padding and foreign characters
std::string random_hex(std::size_t bytes);                      // from the system's generator
std::string random_uuid();

// SHA-256 of a stream.
class Sha256 {
 public:
  Sha256();
  void add(std::span<const unsigned char> bytes);
  std::string hex();  // 64 digits; ends the stream

 private:
  std::unique_ptr<evp_md_ctx_st, void (*)(evp_md_ctx_st*)> context_;
};

// An RSA key that signs (the fake identity provider). Deterministic keys are not possible with OpenSSL 3, so
// the key comes from a PEM file in the repository or is generated.
class PrivateKey {
 public:
  static PrivateKey generate();                      // 2048 bit
  static PrivateKey from_pem(std::string_view pem);  // throws std::runtime_error
  ~PrivateKey();
  PrivateKey(PrivateKey&&) noexcept;
  PrivateKey& operator=(PrivateKey&&) noexcept;

  std::string sign_rs256(std::string_view data) const;
  std::string certificate_pem(std::string_view common_name) const;  // self-signed, 10 years
  std::string modulus_base64url() const;
  std::string exponent_base64url() const;

 private:
  struct Impl;
  explicit PrivateKey(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// A key that verifies, parsed once and kept.
class PublicKey {
 public:
  static std::optional<PublicKey> from_certificate_pem(std::string_view pem);
  static std::optional<PublicKey> from_jwk(std::string_view n_base64url, std::string_view e_base64url);
  ~PublicKey();
  PublicKey(PublicKey&&) noexcept;
  PublicKey& operator=(PublicKey&&) noexcept;

  bool verify_rs256(std::string_view data, std::string_view signature) const;  // thread-safe

 private:
  struct Impl;
  explicit PublicKey(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// header.payload.signature, each part decoded; nullopt unless there are exactly three well-formed parts.
struct JwtParts {
  std::string header;            // JSON text
  std::string payload;           // JSON text
  std::string signature;         // raw bytes
  std::string_view signed_text;  // view into the token: "header.payload"
};
std::optional<JwtParts> split_jwt(std::string_view token);

}  // namespace net
