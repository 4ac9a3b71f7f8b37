#include "loadgen/load/statistics.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace loadgen::load {
namespace {

constexpr double kZ = 1.959964;  // of the normal distribution, 97.5 %
constexpr std::size_t kBatches = 30;

double student(std::size_t degrees) {  // 97.5 %, Cornish-Fisher: 0.1 % off from 5 degrees on
  const auto n = static_cast<double>(degrees);
  const double z3 = kZ * kZ * kZ, z5 = z3 * kZ * kZ;
  return kZ + (z3 + kZ) / (4 * n) + (5 * z5 + 16 * z3 + 3 * kZ) / (96 * n * n);
}

struct Batch {
  double all = 0, above = 0;
};

// The bucket border with the share above it that is nearest to `tail`.
std::size_t border_of(const Blocks& blocks, double tail) {
  CoarseCounts sums{};
  double all = 0;
  for (std::size_t block = 0; block < blocks.size(); ++block) {
    for (std::size_t i = 0; i < kCoarse; ++i) sums[i] += blocks.count(block, i);
  }
  for (const auto count : sums) all += static_cast<double>(count);
  std::size_t best = 0;
  double distance = 2, above = all;
  for (std::size_t i = 0; i < kCoarse; ++i) {
    if (above > 0 && above < all && std::abs(above / all - tail) < distance) {
      distance = std::abs(above / all - tail);
      best = i;
    }
    above -= static_cast<double>(sums[i]);
  }
  return best;
}

std::vector<Batch> batches_of(const Blocks& blocks, std::size_t border) {
  const std::size_t count = std::min(kBatches, blocks.size());
  std::vector<Batch> out(count);
  for (std::size_t block = 0; block < blocks.size(); ++block) {
    Batch& into = out[block * count / blocks.size()];
    for (std::size_t i = 0; i < kCoarse; ++i) {
      const auto here = static_cast<double>(blocks.count(block, i));
      into.all += here;
      if (i >= border) into.above += here;
    }
  }
  return out;
}

// Variance of the share above the percentile against that of independent samples, with Student's t put in.
double design_effect(const Blocks& blocks, double tail) {
  const std::vector<Batch> batches = batches_of(blocks, border_of(blocks, tail));
  Batch sum;
  for (const Batch& batch : batches) sum.all += batch.all, sum.above += batch.above;
  const double share = sum.all > 0 ? sum.above / sum.all : 0;
  if (batches.size() < 5 || share <= 0 || share >= 1) return 1;
  double squares = 0;
  for (const Batch& batch : batches) squares += std::pow(batch.above - share * batch.all, 2);
  const auto count = static_cast<double>(batches.size());
  const double variance = squares * count / (count - 1) / (sum.all * sum.all);
  const double wider = student(batches.size() - 1) / kZ;
  return variance / (share * (1 - share) / sum.all) * wider * wider;
}

// How many of `m` samples lie above the percentile: the highest number that is too few with 97.5 % (-1:
// none), and the lowest that is too many.
std::pair<double, double> exceedances(double m, double tail) {
  const double mean = m * tail, spread = kZ * std::sqrt(m * tail * (1 - tail));
  if (mean > 200) return {std::floor(mean - spread - 0.5), std::ceil(mean + spread - 0.5)};
  double probability = std::exp(m * std::log1p(-tail)), sum = 0, few = -1;
  for (double j = 0; j <= m; ++j) {
    sum += probability;
    if (sum <= 0.025) few = j;
    if (sum >= 0.975) return {few, j};
    probability *= (m - j) / (j + 1) * tail / (1 - tail);
  }
  return {few, m};
}

}  // namespace

Interval percentile_interval(const Histogram& latencies, const Blocks& over_time, double percent) {
  Interval out;
  const auto n = static_cast<double>(latencies.count());
  if (n < 2) return out;
  const double tail = 1 - percent / 100;
  out.effective = std::max(2.0, n / std::max(design_effect(over_time, tail), 1e-3));
  const double m = std::round(out.effective);
  const auto [few, many] = exceedances(m, tail);
  if (few >= 0) out.high = latencies.at_percentile(100 * (m - few) / m);
  if (many < m) out.low = latencies.at_percentile(100 * (m - many) / m);
  return out;
}

Steady steady_state(const Blocks& over_time) {
  constexpr std::size_t kFive = 5;
  std::vector<double> means;
  for (std::size_t first = 0; first + kFive <= over_time.size(); first += kFive) {
    double sum = 0, count = 0;
    for (std::size_t block = first; block < first + kFive; ++block) {
      for (std::size_t i = 0; i < kCoarse; ++i) {
        const auto here = static_cast<double>(over_time.count(block, i));
        sum += here * coarse_middle(i);
        count += here;
      }
    }
    if (count > 0) means.push_back(sum / count);
  }
  Steady out;
  if (means.size() < 4) return out;
  double best = INFINITY, sum = 0, squares = 0;
  std::size_t cut = 0;
  for (std::size_t i = means.size(); i-- > 0;) {
    sum += means[i];
    squares += means[i] * means[i];
    const auto left = static_cast<double>(means.size() - i);
    if (left < 2) continue;
    const double error = std::max(0.0, squares - sum * sum / left) / (left * left);
    if (error <= best) best = error, cut = i;
  }
  out.steady = cut * 2 < means.size();
  out.cut_s = static_cast<double>(cut * kFive) * static_cast<double>(over_time.length_ns()) / 1e9;
  for (std::size_t block = cut * kFive; block < over_time.size(); ++block) {
    for (std::size_t i = 0; i < kCoarse; ++i) out.after[i] += over_time.count(block, i);
  }
  return out;
}

}  // namespace loadgen::load
