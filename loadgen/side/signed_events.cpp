#include "loadgen/side/signed_events.h"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "loadgen/side/real_clock.h"
#include "net/sign.h"

namespace loadgen {

SignedEvents::SignedEvents(const SafetyStage& stage) : secret_(stage.environment.options().webhook_secret) {}

std::string SignedEvents::signature(std::int64_t at, const std::string& body) const {
  return net::hex(net::hmac_sha256(secret_, fmt::format("{}.{}", at, body)));
}

Reply SignedEvents::deliver(SideClient& client, const std::string& body) const {
  const std::int64_t at = real_seconds();
  return client.post("/webhooks/stripe", body,
                     {{"stripe-signature", fmt::format("t={},v1={}", at, signature(at, body))}});
}

std::string body_of(Control& control, const std::optional<std::string>& event) {
  return event ? control.envelope(*event, model::EventFlavour::genuine).body : "";
}

std::string told_again(const std::string& body) {
  nlohmann::json event = nlohmann::json::parse(body);
  event["id"] = "evt_" + net::random_hex(12);
  return event.dump();
}

}  // namespace loadgen
