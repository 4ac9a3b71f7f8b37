// The fake biometric provider (proof-and-gps.md §7): scores of the picture that it is shown, as the harness
// wants them, or the ways in which such a provider fails.
#pragma once

#include <cstdint>
#include <mutex>
#include <string_view>

#include "net/request.h"

namespace sim::providers {

struct State;

class Biometrics {
 public:
  enum class Trouble : std::uint8_t { none, down, garbage };
  struct Plan {
    int liveness = 97, deepfake = 2;  // hundredths
    Trouble trouble = Trouble::none;
  };
  // Answers how often it was asked before.
  int set(const Plan& plan);
  net::Response score(std::string_view body);

 private:
  std::mutex mutex_;
  Plan plan_;
  int asked_ = 0;
};

inline constexpr std::string_view kBiometricsPath = "/biometrics/v1/scores";

// PUT /control/biometrics {"liveness"?, "deepfake"? (0..100), "trouble"?: "none"|"down"|"garbage"} ->
// {"asked":n}
net::Response put_biometrics(State& state, std::string_view body);

}  // namespace sim::providers
