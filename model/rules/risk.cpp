#include "model/rules/risk.h"

#include <algorithm>

namespace model::rules {
namespace {

struct Factor {
  bool applies;
  int hundredths;
};

template <std::size_t N>
int sum(const std::array<Factor, N>& factors) {
  int total = 0;
  for (const Factor& factor : factors) total += factor.applies ? factor.hundredths : 0;
  return total;
}

// Whether `part` of `whole` is more than `percent`, without a fraction.
bool more_than(int part, int whole, int percent) {
  return whole >= kRiskSample && part * 100 > whole * percent;
}
bool less_than(int part, int whole, int percent) {
  return whole >= kRiskSample && part * 100 < whole * percent;
}

}  // namespace

std::string_view level_name(std::int64_t score) {
  constexpr std::array<std::string_view, 4> kNames{"LOW", "MEDIUM", "HIGH", "CRITICAL"};
  return kNames.at(static_cast<std::size_t>(level_of(score)));
}

RiskScore risk_of(const RiskFacts& f) {
  const int age = f.age < kDay ? 20 : f.age < 7 * kDay ? 10 : f.age < 30 * kDay ? 5 : 0;
  const int account = age + sum(std::array{Factor{f.devices > 3, 20}, Factor{f.addresses > 5, 15}});
  const int behaviour = sum(std::array{
      Factor{more_than(f.disputed, f.tasks, 10), 25}, Factor{more_than(f.disputed, f.tasks, 20), 35},
      Factor{less_than(f.completed, f.ended, 50), 20}, Factor{less_than(f.completed, f.ended, 30), 30}});
  const int payment = sum(
      std::array{Factor{f.chargebacks > 0, 30}, Factor{f.chargebacks > 2, 40}, Factor{f.card_risk > 70, 30}});
  const int identity = f.identity_verified ? 0 : 15;
  const auto capped = [](int value) { return std::min(value, 100); };
  RiskScore risk{.account = capped(account),
                 .behaviour = capped(behaviour),
                 .payment = capped(payment),
                 .identity = identity};
  risk.weighted =
      (40 * risk.account + 30 * risk.behaviour + 20 * risk.payment + 10 * risk.identity + 50) / 100;
  risk.score = capped(account + behaviour + payment + identity);
  return risk;
}

}  // namespace model::rules
