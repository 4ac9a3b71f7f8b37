// SHA-256 (FIPS 180-4) of a stream: the fingerprint of a schedule. Not for secrets: those are net/sign.h's.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>

namespace loadgen::load {

class Sha256 {
 public:
  void add(std::span<const unsigned char> bytes);
  std::string hex();  // 64 digits; ends the stream

 private:
  void block();

  std::array<std::uint32_t, 8> state_ = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<unsigned char, 64> buffer_{};
  std::size_t used_ = 0;
  std::uint64_t bits_ = 0;
};

}  // namespace loadgen::load
