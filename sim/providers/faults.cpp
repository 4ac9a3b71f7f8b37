#include "sim/providers/faults.h"

#include <array>
#include <utility>

#include "sim/providers/params.h"

namespace sim::providers {

std::expected<Fault, std::string> parse_fault(std::string_view text) {
  using Kind = Fault::Kind;
  constexpr std::array<std::pair<std::string_view, Kind>, 7> kNames{
      {{"lost_answer", Kind::lost_answer},
       {"error_500", Kind::error_500},
       {"error_500_stored", Kind::error_500_stored},
       {"done_500_stored", Kind::done_500_stored},
       {"rate_limit", Kind::rate_limit},
       {"refuse", Kind::refuse},
       {"decline", Kind::decline}}};
  for (const auto& [name, kind] : kNames)
    if (name == text) return Fault{kind, {}};
  constexpr std::array<std::pair<std::string_view, Kind>, 2> kDelays{
      {{"slow_ms:", Kind::slow}, {"late_ms:", Kind::late}}};
  for (const auto& [name, kind] : kDelays) {
    if (!text.starts_with(name)) continue;
    const auto value = parse_integer(text.substr(name.size()));
    if (value && *value >= 0 && *value <= 60'000) return Fault{kind, std::chrono::milliseconds(*value)};
  }
  return std::unexpected(
      "expected lost_answer, error_500, error_500_stored, done_500_stored, rate_limit, refuse, decline, "
      "slow_ms:0..60000 or late_ms:0..60000");
}

void FaultPlan::set(Operation operation, Fault fault, int times) {
  planned_.erase(operation);
  if (times > 0) planned_.emplace(operation, Planned{fault, times});
}

std::optional<Fault> FaultPlan::take(Operation operation) {
  const auto at = planned_.find(operation);
  if (at == planned_.end()) return std::nullopt;
  const Fault fault = at->second.fault;
  if (--at->second.left == 0) planned_.erase(at);
  return fault;
}

bool FaultPlan::loses_answer(Operation operation) {
  const auto at = planned_.find(operation);
  if (at == planned_.end() || at->second.fault.kind != Fault::Kind::lost_answer) return false;
  return take(operation).has_value();
}

}  // namespace sim::providers
