// Everything that goes wrong between an honest processor and its listener: bad envelopes, and deliveries that
// come twice, late, in disorder or not at first. Pure functions, deterministic by seed.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/vocabulary/command.h"
#include "sim/providers/events.h"

namespace sim::providers {

// How often each happens, in percent of the events; 0 is never, 100 always.
struct HostileOptions {
  int duplicate = 0;           // delivered again a little later
  int parallel_duplicate = 0;  // two copies at the same moment
  int reorder = 0;             // held back by up to 200 ms, so that later events overtake it
  int drop_then_retry = 0;     // the first attempt gets lost
  int late = 0;                // held back by 1 to 3 s
  int wrong_amount = 0;        // a correctly signed event of another amount besides
  int forged = 0;              // a copy with a signature that does not fit besides
  int stale = 0;               // a copy signed 400 s ago besides
  int delay_ms = 0;            // every event is held back by 0..delay_ms
};

struct PlannedDelivery {
  std::chrono::milliseconds after{0};
  model::EventFlavour flavour = model::EventFlavour::genuine;
  int parallel = 1;      // copies at the same moment
  bool dropped = false;  // the first attempt is not sent, the retries are
};
std::vector<PlannedDelivery> plan_deliveries(const HostileOptions& options, std::uint64_t seed,
                                             std::uint64_t event_number);

bool is_content_fault(
    model::EventFlavour flavour);  // a new event, correctly signed: wrong_amount and friends

// The event with wrong content, of the same type, not yet in the log: found by its id only, never by intent
// or escrow, so that it does not pass for what really happened.
Event spoiled_event(const Event& event, model::EventFlavour flavour, IdSource& ids);

struct Envelope {
  std::string body;
  std::optional<std::string> signature;  // value of Stripe-Signature; absent for no_signature
};
// Signs `body` for a delivery at `now` (Unix seconds), or fails to in the way the flavour says (§3.5).
// Content faults are signed like genuine ones: their fault is in the body already.
Envelope seal(std::string body, model::EventFlavour flavour, std::string_view secret, std::int64_t now);

}  // namespace sim::providers
