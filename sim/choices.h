// Small integers: the only source of randomness of a plan. They come from a seed, from RapidCheck, from a
// fuzzer or from a file, and every sequence is legal: past its end it yields zeros, and each value is taken
// modulo the number of alternatives. That is what makes every edit of a sequence a legal plan again.
#pragma once

#include <cstdint>
#include <vector>

namespace sim {

inline constexpr std::size_t kChoiceBlock = 12;

class Choices {
 public:
  explicit Choices(std::vector<std::uint32_t> values) : values_(std::move(values)) {}

  // A value in [0, alternatives); alternatives >= 1. By convention 0 is the simplest alternative.
  std::uint32_t pick(std::uint32_t alternatives);
  bool chance(std::uint32_t numerator, std::uint32_t denominator);  // value 0 means false
  std::int64_t between(std::int64_t low, std::int64_t high);        // inclusive; value 0 means low

  // Skips to the next multiple of kChoiceBlock. A step that begins at a block can be deleted without shifting
  // the meaning of what follows, which is what lets the shrinker drop whole steps.
  void align() { next_ = (next_ + kChoiceBlock - 1) / kChoiceBlock * kChoiceBlock; }

  std::size_t used() const { return next_; }
  const std::vector<std::uint32_t>& values() const { return values_; }

 private:
  std::vector<std::uint32_t> values_;
  std::size_t next_ = 0;
};

// `length` values out of (seed, case): the same on every machine and compiler.
Choices choices_from_seed(std::uint64_t seed, std::uint64_t case_id, std::size_t length = 512);

}  // namespace sim
