// The payment processor over HTTP: keys, parameters, idempotency and faults around the honest core.
#pragma once

#include <string>

#include "net/server.h"
#include "sim/providers/state.h"

namespace sim::providers {

void serve_stripe(State& state, net::Request request, net::Reply reply);

}  // namespace sim::providers
