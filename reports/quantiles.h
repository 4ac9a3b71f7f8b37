// Quantiles of the two distributions that intervals are made of.
#pragma once

namespace reports {

double normal_quantile(double probability);  // 0 < probability < 1; off by less than 1e-8
double student_quantile(double probability,
                        double degrees);  // degrees >= 1; Hill 1970 (algorithm 396), off < 1e-4

}  // namespace reports
