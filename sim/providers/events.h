// What the processor has to tell: events with the snapshot of their object, found by id, intent or escrow in
// constant time, and the envelope in which one travels (protocols.md §3.5).
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sim/providers/ids.h"

namespace sim::providers {

inline constexpr std::string_view kApiVersion = "2024-06-20";

// What caused an event; both empty for one with no API call behind it.
struct Cause {
  std::string request_id, idempotency_key;
};

struct Event {
  std::string id, type;
  std::int64_t created = 0;
  std::uint64_t number = 0;  // 0, 1, 2, ... in creation order
  std::string object;        // JSON text, rendered when it happened and never again
  std::string account;       // for events of connected accounts
  Cause cause;
  std::string intent, escrow;  // what it is found by; may be empty
};

class EventLog {
 public:
  // Fills id, created and number; indexes.
  const Event& append(Event event, IdSource& ids);

  const Event* find(const std::string& id) const;
  const std::vector<const Event*>& by_intent(const std::string& intent) const;  // creation order
  const std::vector<const Event*>& by_escrow(const std::string& escrow) const;
  const std::deque<Event>& all() const { return events_; }

 private:
  std::deque<Event> events_;
  std::unordered_map<std::string, const Event*> by_id_;
  std::unordered_map<std::string, std::vector<const Event*>> by_intent_, by_escrow_;
};

std::string envelope_body(const Event& event);  // pretty-printed, the same bytes every time

// "t=…,v1=…" for the given Unix seconds.
std::string sign_envelope(std::string_view secret, std::int64_t unix_seconds, std::string_view body);

}  // namespace sim::providers
