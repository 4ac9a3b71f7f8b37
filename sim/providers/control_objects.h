// The control API of the fake object store: objects in bulk, their digests, and what goes wrong. Bodies and
// answers are JSON (docs/providers.md).
#pragma once

#include <string_view>

#include "net/request.h"
#include "sim/providers/state.h"

namespace sim::providers {

// POST /control/objects {"bucket"?, "objects":[{"key","content_type","bytes"(base64url)}…]} -> {"stored":n}.
// Also replaces what is there.
net::Response post_objects(State& state, std::string_view body);
// POST /control/objects/digests {"bucket"?, "keys":[…]} -> {"digests":[sha256 hex or null…]}
net::Response post_digests(State& state, std::string_view body);
// PUT /control/objects/faults {"kind":"slow"|"error_500"|"slow_down"|"missing"|"wrong_type", "method"?,
// "times", "delay_ms"?}
net::Response put_object_faults(State& state, std::string_view body);
// PUT /control/objects/profile {"profile":"s3"|"r2", "strict_checksums"?}
net::Response put_object_profile(State& state, std::string_view body);

}  // namespace sim::providers
