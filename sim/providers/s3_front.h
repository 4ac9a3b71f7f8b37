// The fake object store over HTTP, path style: /BUCKET/KEY (protocols.md §5, docs/providers.md).
#pragma once

#include <array>
#include <string_view>

#include "net/server.h"
#include "sim/providers/state.h"

namespace sim::providers {

inline constexpr std::array<std::string_view, 3> kBuckets{
    "hustlexp-proof-photos", "hustlexp-verification-docs", "hustlexp-user-avatars"};

bool is_object_path(std::string_view path);  // "/BUCKET" or "/BUCKET/…"
void serve_s3(State& state, net::Request request, net::Reply reply);

}  // namespace sim::providers
