// Latencies of any number of calls in fixed memory: an HDR histogram (high dynamic range; protocols.md §8.4).
// Values are microseconds, 0 to one hour, kept to 3 significant digits: every value is off by at most 0.1 %.
// Count, sum, smallest and largest value are exact. Not synchronised: one histogram per thread, then merge.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace loadgen {

class Histogram {
 public:
  static constexpr std::int64_t kHighest = 3'600'000'000;  // one hour
  static constexpr int kDigits = 3;

  Histogram();  // the only allocation: 186 KiB

  // Never allocates, never fails: below 0 counts as 0, above an hour counts as an hour.
  void record(std::int64_t us, std::uint64_t times = 1);
  void merge(const Histogram& other);  // lossless: as if every value had been recorded here
  void clear();

  std::uint64_t count() const { return count_; }
  std::int64_t min() const { return count_ == 0 ? 0 : min_; }
  std::int64_t max() const { return max_; }
  double mean() const { return count_ == 0 ? 0 : static_cast<double>(sum_) / static_cast<double>(count_); }

  // The smallest recorded value that at least `percent` (0 to 100) of all values do not exceed, rounded up to
  // the top of its bucket but never above max(). 0 when empty.
  std::int64_t at_percentile(double percent) const;
  std::uint64_t count_up_to(std::int64_t us) const;  // values in buckets that start at or below `us`

  std::span<const std::uint64_t> buckets() const { return counts_; }
  static std::size_t bucket_of(std::int64_t us);           // us within 0..kHighest
  static std::int64_t bucket_lowest(std::size_t bucket);   // the values of a bucket: lowest..highest, both
  static std::int64_t bucket_highest(std::size_t bucket);  // included

  bool operator==(const Histogram&) const = default;

 private:
  std::vector<std::uint64_t> counts_;
  std::uint64_t count_ = 0;
  std::uint64_t sum_ = 0;  // overflows after 5 billion calls of one hour each
  std::int64_t min_ = kHighest;
  std::int64_t max_ = 0;
};

}  // namespace loadgen
