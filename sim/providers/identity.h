// The fake identity provider: Firebase ID tokens, good and bad, and the keys to check them (protocols.md §4).
// Thread-safe; signing takes about a millisecond of CPU a token, so call tokens() off the network thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "model/vocabulary/command.h"

namespace sim::providers {

class Identity {
 public:
  explicit Identity(std::string project);
  ~Identity();
  Identity(const Identity&) = delete;
  Identity& operator=(const Identity&) = delete;

  // One token for each uid, issued at `now` (Unix seconds) and valid for an hour. `claims`: JSON text of an
  // object whose members are put over the usual ones, "" for none. Credential::none gives empty texts.
  std::vector<std::string> tokens(const std::vector<std::string>& uids, model::Credential flavour,
                                  std::string_view claims, std::int64_t now) const;

  // A new key signs from now on; the one that signed before stays published, the oldest goes. Returns the new
  // kid.
  std::string rotate();

  // How the keys are served from now on (protocols.md §4.2): for how long they may be kept, and whether at
  // all.
  struct Publication {
    std::chrono::seconds max_age{3600};
    bool away = false;
  };
  void publish(Publication how);
  Publication publication() const;

  std::string x509_map() const;  // {"<kid>": "-----BEGIN CERTIFICATE-----…"}
  std::string jwks() const;      // {"keys": [{"kty":"RSA", …}]}

 private:
  struct Key;
  struct KeyRing {
    std::shared_ptr<const Key> signing, previous;
  };
  KeyRing ring() const;
  std::string token(const Key& key, const std::string& uid, model::Credential flavour,
                    std::string_view claims, std::int64_t now) const;

  std::string project_;
  std::shared_ptr<const Key> unknown_;
  mutable std::mutex mutex_;
  KeyRing ring_;
  Publication publication_;
  bool spare_used_ = false;
};

inline constexpr std::string_view kX509Path =
    "/robot/v1/metadata/x509/securetoken@system.gserviceaccount.com";
inline constexpr std::string_view kJwksPath =
    "/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com";

}  // namespace sim::providers
