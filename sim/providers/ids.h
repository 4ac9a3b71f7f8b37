// Ids and creation times of the fakes: the same for the same seed and the same order of calls, on every
// machine.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sim::providers {

// splitmix64 of (seed, number): the only randomness of the fakes.
std::uint64_t mix(std::uint64_t seed, std::uint64_t number);

class IdSource {
 public:
  explicit IdSource(std::uint64_t seed) : seed_(seed) {}

  std::string next(std::string_view prefix);  // "pi_" -> "pi_" and 24 hex digits, never the same twice

  // Unix seconds. Starts at 2026-01-01 and goes on by one with every id, so that creation order can be read
  // from the times. Signatures and tokens use the real clock instead.
  std::int64_t created() const;

 private:
  std::uint64_t seed_;
  std::uint64_t count_ = 0;
};

}  // namespace sim::providers
