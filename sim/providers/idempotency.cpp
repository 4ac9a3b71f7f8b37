#include "sim/providers/idempotency.h"

#include <utility>

#include <fmt/core.h>

namespace sim::providers {

Admission IdempotencyKeys::begin(const KeyedRequest& request) {
  const auto [at, fresh] =
      known_.try_emplace(request.scope, Known{request.endpoint, request.fingerprint, true, StoredAnswer{}});
  if (fresh) return MayRun{};
  const Known& known = at->second;
  if (known.endpoint != request.endpoint)
    return StripeError{
        .type = "idempotency_error",
        .message = fmt::format("Keys for idempotent requests can only be used for the same endpoint "
                               "they were first used for ('{}' vs '{}'). Try using a key other than "
                               "'{}' if you meant to execute a different request.",
                               request.endpoint, known.endpoint, request.key),
        .stored = false};
  if (known.fingerprint != request.fingerprint)
    return StripeError{
        .type = "idempotency_error",
        .message = fmt::format("Keys for idempotent requests can only be used with the same "
                               "parameters they were first used with. Try using a key other than "
                               "'{}' if you meant to execute a different request.",
                               request.key),
        .stored = false};
  if (known.running)
    return StripeError{.status = 409,
                       .type = "idempotency_error",
                       .code = "idempotency_key_in_use",
                       .message = fmt::format("There is currently another in-progress request using this "
                                              "Idempotency Key ({}).",
                                              request.key),
                       .stored = false};
  return known.answer;
}

void IdempotencyKeys::finish(const std::string& scope, StoredAnswer answer) {
  const auto at = known_.find(scope);
  if (at == known_.end()) return;
  at->second.running = false;
  at->second.answer = std::move(answer);
}

void IdempotencyKeys::forget(const std::string& scope) {
  known_.erase(scope);
}

}  // namespace sim::providers
