// Makes a failing choice sequence smaller. Every edit of a sequence is a legal plan again, so shrinking is
// nothing but deleting spans and lowering numbers while the same failure stays.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace sim {

struct ShrinkBudget {
  std::chrono::milliseconds time{30'000};
  std::size_t successes = 500;    // smaller sequences found
  std::size_t attempts = 20'000;  // sequences tried
};

struct Shrunk {
  std::vector<std::uint32_t> choices;  // fails the same way; the best so far when the budget ended
  std::size_t attempts = 0;
  std::size_t successes = 0;
  bool minimal = false;  // no single deletion or lowering that was tried fails any more
};

// `still_fails` must mean the same failure (same rule, same kind of entity), not any failure; it is never
// asked about the same sequence twice. `choices` itself is taken to fail.
Shrunk shrink(std::vector<std::uint32_t> choices,
              const std::function<bool(const std::vector<std::uint32_t>&)>& still_fails,
              const ShrinkBudget& budget);

}  // namespace sim
