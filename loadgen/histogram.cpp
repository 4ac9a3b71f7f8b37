#include "loadgen/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace loadgen {
namespace {

// The names of protocols.md §8.4 with lowest = 1, so that unit = 0: bucket b holds values of b + half + 1
// bits in sub/2 equal steps (bucket 0 holds all values below sub, in steps of one).
constexpr int kHalf = 10;
constexpr std::int64_t kSub = std::int64_t{1} << (kHalf + 1);  // 2048, the power of two from 2 * 10^3 upwards

constexpr std::size_t index_of(std::int64_t us) {
  const auto value = static_cast<std::uint64_t>(us);
  const int b = static_cast<int>(std::bit_width(value | (kSub - 1))) - (kHalf + 1);
  return (static_cast<std::size_t>(b + 1) << kHalf) + static_cast<std::size_t>((us >> b) - kSub / 2);
}

constexpr std::size_t kBuckets = index_of(Histogram::kHighest) + 1;

constexpr int shift_of(std::size_t bucket) {
  return bucket < static_cast<std::size_t>(kSub) ? 0 : static_cast<int>(bucket >> kHalf) - 1;
}

}  // namespace

Histogram::Histogram() : counts_(kBuckets, 0) {}

void Histogram::record(std::int64_t us, std::uint64_t times) {
  if (times == 0) return;
  const std::int64_t value = std::clamp<std::int64_t>(us, 0, kHighest);
  counts_[index_of(value)] += times;
  count_ += times;
  sum_ += static_cast<std::uint64_t>(value) * times;
  min_ = std::min(min_, value);
  max_ = std::max(max_, value);
}

void Histogram::merge(const Histogram& other) {
  for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
  sum_ += other.sum_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
}

void Histogram::clear() {
  std::ranges::fill(counts_, 0);
  count_ = sum_ = 0;
  min_ = kHighest;
  max_ = 0;
}

std::int64_t Histogram::at_percentile(double percent) const {
  if (count_ == 0) return 0;
  const double share = std::clamp(percent, 0.0, 100.0) / 100 * static_cast<double>(count_);
  // A hair less before rounding up, so that 99.9 % of 1,000 is 999 and not 1,000.
  const double rank = std::ceil(share - 1e-9 * static_cast<double>(count_));
  const auto wanted = std::clamp<std::uint64_t>(static_cast<std::uint64_t>(std::max(rank, 1.0)), 1, count_);
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    seen += counts_[i];
    if (seen >= wanted) return std::min(bucket_highest(i), max_);
  }
  return max_;
}

std::uint64_t Histogram::count_up_to(std::int64_t us) const {
  if (us < 0) return 0;
  const std::size_t last = index_of(std::min(us, kHighest));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i <= last; ++i) seen += counts_[i];
  return seen;
}

std::size_t Histogram::bucket_of(std::int64_t us) {
  return index_of(us);
}

std::int64_t Histogram::bucket_lowest(std::size_t bucket) {
  const int shift = shift_of(bucket);
  const auto step = static_cast<std::int64_t>(bucket) - (static_cast<std::int64_t>(shift) << kHalf);
  return step << shift;
}

std::int64_t Histogram::bucket_highest(std::size_t bucket) {
  return bucket_lowest(bucket) + (std::int64_t{1} << shift_of(bucket)) - 1;
}

}  // namespace loadgen
