#include "loadgen/control.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include "net/sign.h"

namespace loadgen {

using nlohmann::json;

namespace {

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kForm = "application/x-www-form-urlencoded";
constexpr std::string_view kStripeKey = "Bearer sk_test_hustle";
constexpr std::chrono::milliseconds kTimeout{10'000};

net::Url url_of(const std::string& providers) {
  auto url = net::parse_url(providers);
  if (!url) throw std::runtime_error(fmt::format("providers: {}", url.error()));
  return *url;
}

std::optional<std::string> newest_event(const json& body) {
  const auto found = body.find("events");
  if (found == body.end() || !found->is_array() || found->empty()) return std::nullopt;
  return found->back().value("id", "");
}

}  // namespace

struct Control::Reply {
  int status = 0;
  json body;
};

Control::Control(const std::string& providers)
    : connection_(url_of(providers)), base_(connection_.url().path) {}

Control::Reply Control::send(std::string_view method, const std::string& target, std::string body,
                             std::string_view content_type) {
  net::Request request{
      .method = std::string(method), .target = base_ + target, .headers = {}, .body = std::move(body)};
  if (!request.body.empty() || method != "GET")
    request.headers.add("content-type", std::string(content_type));
  if (content_type == kForm) request.headers.add("authorization", std::string(kStripeKey));
  const net::ClientResult answer = connection_.exchange(request, kTimeout);
  if (!answer) throw std::runtime_error(fmt::format("providers: {}: {}", target, answer.error().message));
  json parsed = json::parse(answer->body, nullptr, false);
  if (parsed.is_discarded() || answer->status >= 500) {
    throw std::runtime_error(
        fmt::format("providers: {}: answered {} {}", target, answer->status, answer->body));
  }
  if (content_type == kJson && answer->status >= 400) {
    throw std::runtime_error(
        fmt::format("providers: {}: refused with {} {}", target, answer->status, answer->body));
  }
  return {answer->status, std::move(parsed)};
}

void Control::deliver_manually() {
  send("PUT", "/control/delivery", R"({"mode":"manual"})", kJson);
}

void Control::deliver_by_itself() {
  send("PUT", "/control/delivery", R"({"mode":"auto"})", kJson);
}

std::vector<std::string> Control::tokens(const std::vector<std::string>& uids, std::string_view flavour) {
  const json body{{"uids", uids}, {"flavour", flavour}};
  auto tokens =
      send("POST", "/control/tokens", body.dump(), kJson).body.at("tokens").get<std::vector<std::string>>();
  if (tokens.size() != uids.size())
    throw std::runtime_error("providers: /control/tokens: wrong number of tokens");
  return tokens;
}

std::vector<std::string> Control::accounts(std::size_t count) {
  const json body{{"count", count}};
  return send("POST", "/control/accounts", body.dump(), kJson)
      .body.at("accounts")
      .get<std::vector<std::string>>();
}

std::optional<std::string> Control::payment_event(const std::string& intent, model::EventType type) {
  return newest_event(
      send("GET", fmt::format("/control/events?payment_intent={}&type={}", intent, name(type)), "", kJson)
          .body);
}

std::optional<std::string> Control::transfer_event(const std::string& escrow) {
  return newest_event(
      send("GET", fmt::format("/control/events?escrow={}&type=transfer.created", escrow), "", kJson).body);
}

std::string Control::synthetic_event() {
  return send("POST", "/control/events/synthetic", R"({"type":"customer.updated"})", kJson).body.at("id");
}

Envelope Control::envelope(const std::string& event, model::EventFlavour flavour) {
  const json body{{"flavour", name(flavour)}};
  const json answer = send("POST", "/control/events/" + event + "/envelope", body.dump(), kJson).body;
  Envelope envelope{.body = answer.at("body"), .signature = std::nullopt};
  if (answer.contains("signature") && answer["signature"].is_string())
    envelope.signature = answer["signature"];
  return envelope;
}

void Control::put_objects(const std::vector<StoreObject>& objects) {
  json list = json::array();
  for (const StoreObject& object : objects) {
    list.push_back({{"key", object.key},
                    {"content_type", object.content_type},
                    {"bytes", net::base64url(object.bytes)}});
  }
  send("POST", "/control/objects", json{{"objects", std::move(list)}}.dump(), kJson);
}

int Control::upload(const std::string& url, const std::string& content_type, const std::string& bytes,
                    bool once) {
  const auto from = url.find("//");
  const auto path = from == std::string::npos ? from : url.find('/', from + 2);
  if (path == std::string::npos) return 0;
  net::Request request{.method = "PUT", .target = url.substr(path), .headers = {}, .body = bytes};
  request.headers.add("content-type", content_type);
  if (once) request.headers.add("if-none-match", "*");
  const std::string authority = url.substr(from + 2, path - from - 2);
  if (authority == fmt::format("{}:{}", connection_.url().host, connection_.url().port)) {
    const net::ClientResult answer = connection_.exchange(request, kTimeout);
    return answer ? answer->status : 0;
  }
  const auto elsewhere = net::parse_url(url.substr(0, path));
  if (!elsewhere) return 0;
  net::Connection connection(*elsewhere);
  const net::ClientResult answer = connection.exchange(request, kTimeout);
  return answer ? answer->status : 0;
}

std::vector<std::optional<std::string>> Control::digests(const std::vector<std::string>& keys) {
  const json answer = send("POST", "/control/objects/digests", json{{"keys", keys}}.dump(), kJson).body;
  std::vector<std::optional<std::string>> digests;
  for (const json& each : answer.at("digests"))
    digests.push_back(each.is_string() ? std::optional(each.get<std::string>()) : std::nullopt);
  return digests;
}

void Control::store_trouble(std::string_view kind, std::string_view method, int times) {
  send("PUT", "/control/objects/faults", json{{"kind", kind}, {"method", method}, {"times", times}}.dump(),
       kJson);
}

void Control::store_ahead(std::chrono::seconds ahead) {
  send("PUT", "/control/objects/profile", json{{"profile", "s3"}, {"ahead_s", ahead.count()}}.dump(), kJson);
}

bool Control::confirm(const std::string& intent) {
  return send("POST", "/v1/payment_intents/" + intent + "/confirm", "payment_method=pm_card_visa", kForm)
             .status == 200;
}

bool Control::cancel(const std::string& intent) {
  return send("POST", "/v1/payment_intents/" + intent + "/cancel", "cancellation_reason=abandoned", kForm)
             .status == 200;
}

bool Control::decline(const std::string& intent) {
  constexpr int kCardError = 402;
  return send("POST", "/v1/payment_intents/" + intent + "/confirm", "payment_method=pm_card_chargeDeclined",
              kForm)
             .status == kCardError;
}

std::optional<std::string> Control::fail_transfer(const std::string& escrow) {
  const json answer =
      send("POST", "/control/transfers/fail", json{{"escrow", escrow}}.dump(), kJson).body.at("event");
  return answer.is_string() ? std::optional(answer.get<std::string>()) : std::nullopt;
}

}  // namespace loadgen
