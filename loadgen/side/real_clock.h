// Questions about the real clock, which goes on while a busy machine answers them.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace loadgen {

inline constexpr std::int64_t kClockMargin = 3;  // seconds between the instant asked about and its edge

inline std::int64_t real_seconds() {  // since 1970
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// `ask` is given the second at which it asks and returns what it observed. Asked again when that took so long
// that the clock may have passed the edge meanwhile; nullopt: the machine is too busy to tell.
template <class Ask>
std::optional<std::string> asked_in_time(const Ask& ask) {
  constexpr int kTries = 5;
  for (int i = 0; i < kTries; ++i) {
    const auto began = std::chrono::steady_clock::now();
    std::string observed = ask(real_seconds());
    if (std::chrono::steady_clock::now() - began < std::chrono::seconds(kClockMargin - 1)) return observed;
  }
  return std::nullopt;
}

}  // namespace loadgen
