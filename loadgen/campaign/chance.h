// How often a case must be run again before "it did not fail" means something: a race goes wrong only now and
// then.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace loadgen {

inline constexpr std::uint64_t kMostRuns = 100;

struct Chance {
  std::uint64_t failures = 0, runs = 0;

  void add(bool failed) {
    ++runs;
    failures += failed ? 1 : 0;
  }
  double estimate() const {
    return runs == 0 ? 0 : static_cast<double>(failures) / static_cast<double>(runs);
  }
};

// So many runs that a case which fails with this chance stays green in all of them once in a hundred times:
// ceil(ln 0.01 / ln(1 - p)), at most kMostRuns.
inline std::uint64_t runs_needed(const Chance& chance) {
  const double p = chance.estimate();
  if (p >= 1) return 1;
  if (p <= 0) return kMostRuns;
  const double wanted = std::ceil(std::log(0.01) / std::log(1 - p));
  return std::clamp<std::uint64_t>(static_cast<std::uint64_t>(wanted), 1, kMostRuns);
}

}  // namespace loadgen
