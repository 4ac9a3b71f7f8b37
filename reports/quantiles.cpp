#include "reports/quantiles.h"

#include <cmath>
#include <numbers>

namespace reports {
namespace {

double normal_below(double x) {
  return std::erfc(-x / std::numbers::sqrt2) / 2;
}

}  // namespace

// Newton's steps from a rough start; the density never vanishes where they lead.
double normal_quantile(double probability) {
  const bool upper = probability > 0.5;
  const double tail = upper ? 1 - probability : probability;
  const double t = std::sqrt(-2 * std::log(tail));
  // Abramowitz and Stegun 26.2.23, off by at most 4.5e-4.
  double x = -(t - (2.515517 + t * (0.802853 + t * 0.010328)) /
                       (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))));
  for (int i = 0; i < 4; ++i) {
    const double density = std::exp(-x * x / 2) / std::sqrt(2 * std::numbers::pi);
    x -= (normal_below(x) - tail) / density;
  }
  return upper ? -x : x;
}

double student_quantile(double probability, double degrees) {
  const double two_tails = 2 * (probability > 0.5 ? 1 - probability : probability);
  const double sign = probability > 0.5 ? 1 : -1;
  if (two_tails >= 1) return 0;
  if (degrees < 1.5) return sign / std::tan(two_tails * std::numbers::pi / 2);
  if (degrees < 2.5) return sign * std::sqrt(2 / (two_tails * (2 - two_tails)) - 2);
  const double n = degrees, a = 1 / (n - 0.5), b = 48 / (a * a);
  double c = ((20700 * a / b - 98) * a - 16) * a + 96.36;
  const double d = ((94.5 / (b + c) - 3) / b + 1) * std::sqrt(a * std::numbers::pi / 2) * n;
  double x = d * two_tails, y = std::pow(x, 2 / n);
  if (y > 0.05 + a) {
    x = normal_quantile(two_tails / 2);
    y = x * x;
    if (n < 5) c += 0.3 * (n - 4.5) * (x + 0.6);
    c = (((0.05 * d * x - 5) * x - 7) * x - 2) * x + b + c;
    y = (((((0.4 * y + 6.3) * y + 36) * y + 94.5) / c - y - 3) / b + 1) * x;
    y = std::expm1(a * y * y);
  } else {
    y = ((1 / (((n + 6) / (n * y) - 0.089 * d - 0.822) * (n + 2) * 3) + 0.5 / (n + 4)) * y - 1) * (n + 1) /
            (n + 2) +
        1 / y;
  }
  return sign * std::sqrt(n * y);
}

}  // namespace reports
