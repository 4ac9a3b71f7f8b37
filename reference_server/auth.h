// Firebase ID tokens, verified as protocols.md §4.3 asks of the reference server: RS256 by fixed algorithm,
// kid, iss, aud, exp, iat, auth_time, nbf, sub. Roles and standing never come from a token.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "net/sign.h"

namespace server {

struct Identity {
  std::string uid;    // the token's sub, 1..128 characters
  std::string email;  // claim, may be empty
  std::string name;   // claim, may be empty
};

struct AuthOptions {
  std::string certs_url;
  std::string project;
  std::string issuer_prefix = "https://securetoken.google.com/";
  std::int64_t clock_skew_s = 5;
  std::chrono::milliseconds refetch_pause{30'000};  // an unknown kid asks for the keys at most this often
  std::size_t cache_max = 100'000;                  // verified tokens remembered
};

// The provider's keys, fetched when first needed and again when their max-age has passed or a kid is unknown.
class KeyRing {
 public:
  KeyRing(std::string url, std::chrono::milliseconds refetch_pause);

  // nullptr when the provider does not name this kid. May block for a fetch.
  std::shared_ptr<const net::PublicKey> find(const std::string& kid);

 private:
  using Clock = std::chrono::steady_clock;
  struct Entry {
    std::shared_ptr<const net::PublicKey> key;
    Clock::time_point until;
  };
  bool fetch();  // false, and the old keys are kept, when the provider does not answer
  std::string url_;
  std::chrono::milliseconds pause_;
  std::mutex mutex_;
  std::map<std::string, Entry> keys_;
  std::optional<Clock::time_point> fetched_;
  bool fetch_worked_ = false;
};

class Auth {
 public:
  explicit Auth(const AuthOptions& options);

  // The identity behind "Bearer <token>", or nullptr for a token that must be refused with HX502.
  // May block while the provider's keys are fetched.
  std::shared_ptr<const Identity> verify(std::string_view token, std::int64_t now_s);
  // The same for a token that was verified before and has not expired; nullptr: ask verify(). Never blocks.
  std::shared_ptr<const Identity> recall(std::string_view token, std::int64_t now_s);

 private:
  struct Known {
    std::shared_ptr<const Identity> identity;
    std::int64_t expires_s;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  std::optional<Known> verify_fresh(std::string_view token, std::int64_t now_s);
  void remember(std::string_view token, const Known& known, std::int64_t now_s);
  AuthOptions options_;
  KeyRing keys_;
  std::mutex mutex_;
  std::unordered_map<std::string, Known, Hash, std::equal_to<>> cache_;  // by the token itself
};

// The token of an Authorization header; nullopt when there is none (HX501). Another scheme gives an empty
// token.
std::optional<std::string_view> bearer_token(const std::string* header);

}  // namespace server
