// Latencies over time in fixed memory: what percentiles' confidence, steady state and the live view are
// worked out from. Buckets are a sixteenth of an octave (4.4 %) from 8 µs; the exact figures are in
// Histogram.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace loadgen::load {

inline constexpr std::size_t kCoarse = 384;  // 24 octaves: up to 134 s
std::size_t coarse_bucket(std::int64_t us);
double coarse_lowest(std::size_t bucket);  // µs
double coarse_middle(std::size_t bucket);

using CoarseCounts = std::array<std::uint64_t, kCoarse>;
// The middle of the bucket that the percentile falls into; 0 when empty.
double coarse_percentile(const CoarseCounts& counts, double percent);

// At most 256 blocks of equal length; when they are used up, neighbours are added and the length doubles.
class Blocks {
 public:
  static constexpr std::size_t kMost = 256;
  static constexpr std::int64_t kShortest = 50'000'000;  // ns

  // `from_ns`: instants before it count into the first block.
  explicit Blocks(std::int64_t from_ns) : from_ns_(from_ns), counts_(kMost * kCoarse, 0) {}

  void add(std::int64_t at_ns, std::int64_t us);  // never allocates
  void merge(const Blocks& other);                // of the same from_ns

  std::int64_t length_ns() const { return length_ns_; }
  std::size_t size() const { return used_; }  // up to the last one that is not empty
  std::uint64_t count(std::size_t block, std::size_t bucket) const {
    return counts_[block * kCoarse + bucket];
  }

 private:
  void fold();
  std::int64_t from_ns_, length_ns_ = kShortest;
  std::size_t used_ = 0;
  std::vector<std::uint32_t> counts_;
};

}  // namespace loadgen::load
