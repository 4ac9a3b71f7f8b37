// The biometric provider (proof-and-gps.md §7): is a living person to be seen, and is the picture a deepfake?
// Advice only; a provider that is down leaves the question to people.
#pragma once

#include <optional>
#include <string>

#include "net/client.h"

namespace server {

struct BiometricScores {
  double liveness = 0, deepfake = 0;  // 0..1
};

class Biometrics {  // one thread at a time
 public:
  explicit Biometrics(const net::Url& url) : connection_(url) {}

  // nullopt: no answer, or none that makes sense, after three attempts.
  std::optional<BiometricScores> ask(const std::string& photo_url);

 private:
  net::Connection connection_;
};

}  // namespace server
