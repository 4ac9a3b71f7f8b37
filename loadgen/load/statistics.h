// How far the figures of a run may be trusted: confidence intervals of percentiles, and where the run had
// become steady.
#pragma once

#include <cstdint>
#include <optional>

#include "loadgen/histogram.h"
#include "loadgen/load/blocks.h"

namespace loadgen::load {

struct Interval {
  std::optional<std::int64_t> low, high;  // µs; absent: the samples cannot bound it on that side
  double effective = 0;                   // samples that independent ones would have to be
};

// 95 % confidence interval of a percentile from the binomial ranks of the order statistics, taken over the
// *effective* number of samples: neighbours in a queue are alike, so n requests tell less than n independent
// ones. How much less is measured: the run is cut into 30 parts of equal length, and the spread of the share
// above the percentile between them is set against the binomial one (batch means; Student's t for 29
// degrees).
Interval percentile_interval(const Histogram& latencies, const Blocks& over_time, double percent);

// MSER-5: mean latencies of blocks are averaged in fives, and the beginning is cut whose loss makes the
// standard error of the mean of the rest smallest. `steady` is false when that is half of the run or more:
// then no part of it may be called steady.
struct Steady {
  bool steady = false;
  double cut_s = 0;
  CoarseCounts after{};  // latencies after the cut
};
Steady steady_state(const Blocks& over_time);

}  // namespace loadgen::load
