#include "loadgen/load/blocks.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

namespace loadgen::load {

std::size_t coarse_bucket(std::int64_t us) {
  if (us < 8) return 0;
  const auto twice = static_cast<std::uint64_t>(us) * 2;
  const auto octave = static_cast<std::size_t>(std::bit_width(twice)) - 5;
  return std::min(octave * 16 + ((twice >> octave) & 15), kCoarse - 1);
}

double coarse_lowest(std::size_t bucket) {
  return std::ldexp(static_cast<double>(16 + bucket % 16), static_cast<int>(bucket / 16) - 1);
}

double coarse_middle(std::size_t bucket) {
  return std::ldexp(static_cast<double>(16 + bucket % 16) + 0.5, static_cast<int>(bucket / 16) - 1);
}

double coarse_percentile(const CoarseCounts& counts, double percent) {
  const auto all = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  if (all == 0) return 0;
  const double wanted = percent / 100 * static_cast<double>(all);
  double seen = 0;
  for (std::size_t i = 0; i < kCoarse; ++i) {
    seen += static_cast<double>(counts[i]);
    if (counts[i] > 0 && seen >= wanted) return coarse_middle(i);
  }
  return coarse_middle(kCoarse - 1);
}

void Blocks::add(std::int64_t at_ns, std::int64_t us) {
  auto block = static_cast<std::size_t>(std::max<std::int64_t>(0, at_ns - from_ns_) / length_ns_);
  while (block >= kMost) {
    fold();
    block /= 2;
  }
  used_ = std::max(used_, block + 1);
  ++counts_[block * kCoarse + coarse_bucket(us)];
}

void Blocks::fold() {
  for (std::size_t block = 0; block < kMost / 2; ++block) {
    for (std::size_t i = 0; i < kCoarse; ++i) {
      counts_[block * kCoarse + i] =
          counts_[2 * block * kCoarse + i] + counts_[(2 * block + 1) * kCoarse + i];
    }
  }
  std::fill(counts_.begin() + kMost / 2 * kCoarse, counts_.end(), 0);
  length_ns_ *= 2;
  used_ = (used_ + 1) / 2;
}

void Blocks::merge(const Blocks& other) {
  Blocks its = other;
  while (length_ns_ < its.length_ns_) fold();
  while (its.length_ns_ < length_ns_) its.fold();
  for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += its.counts_[i];
  used_ = std::max(used_, its.used_);
}

}  // namespace loadgen::load
