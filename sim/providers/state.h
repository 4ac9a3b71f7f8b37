// Everything that the fakes know, and the lock that guards it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>

#include "sim/providers/biometrics.h"
#include "sim/providers/delivery.h"
#include "sim/providers/faults.h"
#include "sim/providers/idempotency.h"
#include "sim/providers/identity.h"
#include "sim/providers/object_store.h"
#include "sim/providers/scheduler.h"
#include "sim/providers/stripe.h"

namespace sim::providers {

struct State {
  State(std::uint64_t seed_, const std::string& project)
      : seed(seed_), stripe(seed_), identity(project), delivery(scheduler), scheduler(kThreads) {}

  static constexpr int kThreads = 8;

  const std::uint64_t seed;
  std::mutex mutex;  // guards stripe, keys, faults, delivered and secret
  Stripe stripe;
  IdempotencyKeys keys;
  FaultPlan faults;
  std::size_t delivered = 0;  // events of the log that have been handed to the delivery
  std::string secret;         // signs envelopes, with an endpoint or without
  Identity identity;
  ObjectStore objects;    // has a lock of its own
  Biometrics biometrics;  // likewise
  Delivery delivery;
  Scheduler scheduler;  // ends first: its jobs use all of the above
};

// Hands events that have come into being to the delivery, when it is automatic. The caller holds the lock.
void deliver_new_events(State& state);

}  // namespace sim::providers
