// POST /webhooks/stripe: plain HTTP. The signature covers the raw bytes; the effect and the memory of the
// event are one transaction (money.md §4, INV-STRIPE-1).
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/vocabulary/instant.h"
#include "reference_server/database.h"

namespace server {

// protocols.md §3.5 with the tolerance in both directions. The error is a sentence for the sender.
std::expected<void, std::string> check_signature(const std::string* header, std::string_view body,
                                                 std::string_view secret, std::int64_t now_s);

struct EventFacts {
  std::string type;  // for logs and metrics
  std::string json;  // {id, type, object_id, amount, …}: what api.stripe_event takes
};
// nullopt unless the body is an event with an id and a type.
std::optional<EventFacts> read_event(std::string_view body);

// Answers "applied", "ignored", "duplicate", "mismatch: …"; on a failure nothing is recorded.
inline constexpr Statement kEventStatement{
    "stripe_event",
    "SELECT api.stripe_event(timestamptz 'epoch' + $1::bigint * interval '1 millisecond', $2::jsonb)"};
std::vector<std::string> event_arguments(const EventFacts& event, model::Instant now);

}  // namespace server
