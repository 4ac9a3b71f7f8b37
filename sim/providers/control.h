// The control API of the fakes (docs/providers.md): what the harness tells them and asks them. Every answer
// is JSON; bad input is 400 {"error":{"field","message"}}, an unknown event 404.
#pragma once

#include "net/server.h"
#include "sim/providers/state.h"

namespace sim::providers {

void serve_control(State& state, net::Request request, net::Reply reply);

}  // namespace sim::providers
