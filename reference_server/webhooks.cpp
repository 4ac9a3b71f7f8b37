#include "reference_server/webhooks.h"

#include <charconv>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <vector>

#include "model/vocabulary/limits.h"
#include "net/sign.h"

namespace server {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kEventIdMax = 255;  // processed_stripe_events.event_id
constexpr std::size_t kEventTypeMax = 100;
constexpr std::size_t kSignaturesMax = 20;

struct SignatureHeader {
  std::string_view timestamp_text;
  std::int64_t timestamp_s = -1;
  std::vector<std::string_view> signatures;  // of scheme v1
};

// Split on commas without trimming; other schemes are passed over.
SignatureHeader read_header(std::string_view header) {
  SignatureHeader result;
  while (!header.empty()) {
    const auto comma = header.find(',');
    const std::string_view part = header.substr(0, comma);
    header.remove_prefix(comma == header.npos ? header.size() : comma + 1);
    if (part.starts_with("t=")) {
      result.timestamp_text = part.substr(2);
      const char* end = result.timestamp_text.data() + result.timestamp_text.size();
      const auto [stop, error] = std::from_chars(result.timestamp_text.data(), end, result.timestamp_s);
      if (error != std::errc{} || stop != end) result.timestamp_s = -1;
    } else if (part.starts_with("v1=") && result.signatures.size() < kSignaturesMax) {
      result.signatures.push_back(part.substr(3));
    }
  }
  return result;
}

// Letters that PostgreSQL and the columns can hold; anything else counts as absent.
std::string plain_text(const Json& object, const char* name, std::size_t max) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return {};
  const auto& text = found->get_ref<const std::string&>();
  return text.size() <= max && text.find('\0') == std::string::npos ? text : std::string();
}

bool is_uuid(const std::string& text) {
  return text.size() == 36 && text.find_first_not_of("0123456789abcdefABCDEF-") == std::string::npos &&
         text[8] == '-' && text[13] == '-' && text[18] == '-' && text[23] == '-';
}

Json facts_of(const Json& object) {
  Json facts;
  facts["object_id"] = plain_text(object, "id", kEventIdMax);
  for (const char* name : {"amount", "amount_received"}) {
    const auto found = object.find(name);
    if (found != object.end() && found->is_number_integer()) facts[name] = *found;
  }
  facts["currency"] = plain_text(object, "currency", 10);
  const auto metadata = object.find("metadata");
  if (metadata != object.end() && metadata->is_object()) {
    const std::string escrow = plain_text(*metadata, "escrow_id", 36);
    if (is_uuid(escrow)) facts["escrow_id"] = escrow;
  }
  return facts;
}

}  // namespace

std::expected<void, std::string> check_signature(const std::string* header, std::string_view body,
                                                 std::string_view secret, std::int64_t now_s) {
  if (header == nullptr) return std::unexpected("No stripe-signature header value was provided.");
  const SignatureHeader read = read_header(*header);
  if (read.timestamp_s < 0) return std::unexpected("Unable to extract timestamp and signatures from header");
  if (read.signatures.empty()) return std::unexpected("No signatures found with expected scheme");
  const std::string expected =
      net::hex(net::hmac_sha256(secret, std::string(read.timestamp_text) + "." + std::string(body)));
  bool matches = false;
  for (const std::string_view signature : read.signatures) {
    matches = net::equal_constant_time(signature, expected) || matches;
  }
  if (!matches) return std::unexpected("No signatures found matching the expected signature for payload.");
  constexpr std::int64_t kTolerance = model::limits::kWebhookTolerance / model::kSecond;
  if (read.timestamp_s < now_s - kTolerance || read.timestamp_s > now_s + kTolerance) {
    return std::unexpected("Timestamp outside the tolerance zone");
  }
  return {};
}

std::optional<EventFacts> read_event(std::string_view body) {
  const Json event = Json::parse(body, nullptr, false);
  if (!event.is_object()) return std::nullopt;
  const std::string id = plain_text(event, "id", kEventIdMax);
  const std::string type = plain_text(event, "type", kEventTypeMax);
  if (id.empty() || type.empty()) return std::nullopt;
  Json facts = Json::object();
  const auto data = event.find("data");
  if (data != event.end() && data->is_object()) {
    const auto object = data->find("object");
    if (object != data->end() && object->is_object()) facts = facts_of(*object);
  }
  facts["id"] = id;
  facts["type"] = type;
  return EventFacts{type, facts.dump()};
}

std::vector<std::string> event_arguments(const EventFacts& event, model::Instant now) {
  return {std::to_string(now.ms), event.json};
}

}  // namespace server
