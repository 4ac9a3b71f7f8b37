// Idempotency keys (protocols.md §3.4): the first answer of a key is remembered byte for byte for the life of
// the process (the fakes' day never ends). Not thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>

#include "sim/providers/errors.h"

namespace sim::providers {

struct StoredAnswer {
  int status = 200;
  std::string body;
  std::string request_id;  // of the request that did the work
};

// Says what a request with a key may do.
struct MayRun {};  // and must end with finish() or forget()
using Admission =
    std::variant<MayRun, StoredAnswer, StripeError>;  // replay, or refuse (400 mismatch, 409 in use)

struct KeyedRequest {
  std::string scope;  // account acted for and the key
  std::string key;
  std::string endpoint;     // "/v1/transfers"
  std::string fingerprint;  // of method, path and parameters
};

class IdempotencyKeys {
 public:
  Admission begin(const KeyedRequest& request);
  void finish(const std::string& scope, StoredAnswer answer);
  void forget(const std::string& scope);  // refused before execution started

 private:
  struct Known {
    std::string endpoint, fingerprint;
    bool running = true;
    StoredAnswer answer;
  };
  std::unordered_map<std::string, Known> known_;
};

}  // namespace sim::providers
