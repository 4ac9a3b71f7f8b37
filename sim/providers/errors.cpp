#include "sim/providers/errors.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

namespace sim::providers {

std::string body_of(const StripeError& error) {
  nlohmann::ordered_json inner;
  inner["type"] = error.type;
  const auto put = [&](const char* name, const std::string& value) {
    if (!value.empty()) inner[name] = value;
  };
  put("code", error.code);
  put("decline_code", error.decline_code);
  inner["message"] = error.message;
  put("param", error.param);
  put("charge", error.charge);
  if (!error.code.empty()) inner["doc_url"] = "https://stripe.com/docs/error-codes/" + error.code;
  if (!error.payment_intent.empty())
    inner["payment_intent"] = nlohmann::ordered_json::parse(error.payment_intent);
  nlohmann::ordered_json out;
  out["error"] = std::move(inner);
  return out.dump(2);
}

StripeError missing_parameter(std::string_view name) {
  return {.code = "parameter_missing",
          .message = fmt::format("Missing required param: {}.", name),
          .param = std::string(name),
          .stored = false};
}

StripeError unknown_parameter(std::string_view name) {
  return {.code = "parameter_unknown",
          .message = fmt::format("Received unknown parameter: {}", name),
          .param = std::string(name),
          .stored = false};
}

StripeError invalid_parameter(std::string_view name, std::string message, std::string code) {
  return {
      .code = std::move(code), .message = std::move(message), .param = std::string(name), .stored = false};
}

StripeError no_such_path_object(std::string_view kind, std::string_view id) {
  return {.status = 404,
          .code = "resource_missing",
          .message = fmt::format("No such {}: '{}'", kind, id),
          .param = "id"};
}

StripeError no_such_parameter_object(std::string_view kind, std::string_view id, std::string_view param) {
  return {.code = "resource_missing",
          .message = fmt::format("No such {}: '{}'", kind, id),
          .param = std::string(param)};
}

StripeError unexpected_state(std::string message, std::string intent_json) {
  return {.code = "payment_intent_unexpected_state",
          .message = std::move(message),
          .payment_intent = std::move(intent_json)};
}

StripeError unknown_url(std::string_view method, std::string_view path) {
  return {.status = 404,
          .message = fmt::format("Unrecognized request URL ({}: {}).", method, path),
          .stored = false};
}

StripeError bad_api_key(std::string_view key) {
  return {.status = 401,
          .message = key.empty() ? std::string("You did not provide an API key. Send it as 'Authorization: "
                                               "Bearer YOUR_SECRET_KEY'.")
                                 : fmt::format("Invalid API Key provided: {}", key.substr(0, 12)),
          .stored = false};
}

StripeError rate_limited() {
  return {
      .status = 429, .code = "rate_limit", .message = "Too many requests in a short time.", .stored = false};
}

StripeError transfers_not_allowed() {
  return {.code = "transfers_not_allowed",
          .message = "This account cannot receive transfers at the moment.",
          .stored = false};
}

StripeError internal_error() {
  return {.status = 500, .type = "api_error", .message = "An unknown error occurred."};
}

}  // namespace sim::providers
