#include "sim/providers/events.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "net/sign.h"

namespace sim::providers {
namespace {

const std::vector<const Event*> kNothing;

nlohmann::ordered_json text_or_null(const std::string& text) {
  return text.empty() ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(text);
}

}  // namespace

const Event& EventLog::append(Event event, IdSource& ids) {
  event.id = ids.next("evt_");
  event.created = ids.created();
  event.number = events_.size();
  const Event& kept = events_.emplace_back(std::move(event));
  by_id_.emplace(kept.id, &kept);
  if (!kept.intent.empty()) by_intent_[kept.intent].push_back(&kept);
  if (!kept.escrow.empty()) by_escrow_[kept.escrow].push_back(&kept);
  return kept;
}

const Event* EventLog::find(const std::string& id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second;
}

const std::vector<const Event*>& EventLog::by_intent(const std::string& intent) const {
  const auto found = by_intent_.find(intent);
  return found == by_intent_.end() ? kNothing : found->second;
}

const std::vector<const Event*>& EventLog::by_escrow(const std::string& escrow) const {
  const auto found = by_escrow_.find(escrow);
  return found == by_escrow_.end() ? kNothing : found->second;
}

std::string envelope_body(const Event& event) {
  nlohmann::ordered_json out{{"id", event.id},           {"object", "event"}, {"api_version", kApiVersion},
                             {"created", event.created}, {"livemode", false}, {"pending_webhooks", 1}};
  if (!event.account.empty()) out["account"] = event.account;
  out["request"] = {{"id", text_or_null(event.cause.request_id)},
                    {"idempotency_key", text_or_null(event.cause.idempotency_key)}};
  out["type"] = event.type;
  out["data"] = {{"object", nlohmann::ordered_json::parse(event.object)}};
  return out.dump(2);
}

std::string sign_envelope(std::string_view secret, std::int64_t unix_seconds, std::string_view body) {
  const std::string signature = net::hex(net::hmac_sha256(secret, fmt::format("{}.{}", unix_seconds, body)));
  return fmt::format("t={},v1={}", unix_seconds, signature);
}

}  // namespace sim::providers
