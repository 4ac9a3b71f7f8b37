// The processor's error table (protocols.md §3.3) as values.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sim::providers {

struct StripeError {
  int status = 400;
  std::string type = "invalid_request_error";
  std::string code;  // "" is left out, as all empty members are
  std::string message;
  std::string param;
  std::string decline_code;
  std::string charge;
  std::string payment_intent;  // JSON text of the intent that stands in the way
  // Whether the idempotency key remembers the answer: requests refused before execution starts are not
  // remembered (§3.4 point 6).
  bool stored = true;
  std::optional<bool> should_retry;  // header stripe-should-retry, which overrides the client's own rules
};

std::string body_of(const StripeError& error);

StripeError missing_parameter(std::string_view name);
StripeError unknown_parameter(std::string_view name);
StripeError invalid_parameter(std::string_view name, std::string message, std::string code = "");
StripeError no_such_path_object(std::string_view kind, std::string_view id);  // 404, named in the URL
StripeError no_such_parameter_object(std::string_view kind, std::string_view id,
                                     std::string_view param);  // 400
StripeError unexpected_state(std::string message, std::string intent_json);
StripeError unknown_url(std::string_view method, std::string_view path);
StripeError bad_api_key(std::string_view key);  // "": none was sent
StripeError rate_limited();
StripeError transfers_not_allowed();  // 400: this account can receive nothing for now
StripeError internal_error();

}  // namespace sim::providers
