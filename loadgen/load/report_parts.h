// Pieces of report.json that a raw run and a scenario's run have in common (docs/load.md).
#pragma once

#include <array>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "loadgen/histogram.h"
#include "loadgen/load/blocks.h"
#include "loadgen/load/report.h"
#include "loadgen/load/self_watch.h"

namespace loadgen::load {

inline constexpr std::array told_percentiles = {50.0, 90.0, 95.0, 99.0, 99.9};

// count, mean, min, p50 … p99.9, max in microseconds; a percentile that the samples cannot support is null.
// With `over_time`: ci95, effective samples.
nlohmann::ordered_json latency_json(const Histogram& histogram, const Blocks* over_time = nullptr);
nlohmann::ordered_json steady_json(const Blocks& over_time);
nlohmann::ordered_json thresholds_json(const std::vector<ThresholdResult>& thresholds);
nlohmann::ordered_json watch_json(const SelfWatch& watch);
std::string memory_line(const SelfWatch& watch);

// One second of the series: percentiles to 9 %, "buckets" as [index, count] of those that are not empty.
using SecondBuckets = std::array<std::uint32_t, kCoarse / 4>;
nlohmann::ordered_json buckets_json(const SecondBuckets& buckets);
double bucket_percentile(const SecondBuckets& buckets, double percent);
nlohmann::ordered_json bucket_borders_json();  // lowest µs of every bucket

std::string ms(std::int64_t us);
std::string percentile_line(std::string_view name, const Histogram& histogram);

}  // namespace loadgen::load
