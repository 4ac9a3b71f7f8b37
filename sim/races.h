// The races of state-machines.md §5: pairs of calls whose outcome must equal some serial order.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace sim {

enum class Race : std::uint8_t {
  accept_accept,
  accept_cancel,
  accept_expire,
  submit_cancel,
  accept_proof_reject_proof,
  complete_complete,
  complete_dispute,
  complete_cancel,
  release_refund,
  dispute_dispute,
  resolve_resolve,
  payment_cancel,
  webhook_webhook,
  award_award
};
inline constexpr std::array<std::string_view, 14> kRaceNames{
    "accept_accept",     "accept_cancel",    "accept_expire",   "submit_cancel",  "accept_proof_reject_proof",
    "complete_complete", "complete_dispute", "complete_cancel", "release_refund", "dispute_dispute",
    "resolve_resolve",   "payment_cancel",   "webhook_webhook", "award_award"};
constexpr std::string_view name(Race race) {
  return kRaceNames[static_cast<std::size_t>(race)];
}

// In the words of the specification, for explanations: "task.accept ‖ task.cancel".
std::string_view sentence(Race race);

}  // namespace sim
