// States and other closed vocabularies with their wire names (schema.md §1, state-machines.md).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace model {

enum class TaskState : std::uint8_t {
  open,
  accepted,
  proof_submitted,
  disputed,
  completed,
  cancelled,
  expired
};
enum class EscrowState : std::uint8_t { pending, funded, locked_dispute, released, refunded, refund_partial };
enum class ProofState : std::uint8_t { pending, submitted, accepted, rejected, expired };
enum class DisputeState : std::uint8_t { open, evidence_requested, escalated, resolved };
enum class Resolution : std::uint8_t { hustler_wins, client_wins, split };
enum class DisputeReason : std::uint8_t { proof_insufficient, work_not_done, quality_issue, other };
enum class Mode : std::uint8_t { standard, live };
enum class AccountStatus : std::uint8_t { active, paused, suspended };
enum class LiveState : std::uint8_t { off, active, cooldown, paused };
// The first six need no more than tier 1; the others come with a trade (eligibility.md §6.2).
enum class Category : std::uint8_t {
  moving,
  cleaning,
  errands,
  delivery,
  assembly,
  yard_work,
  it_networking,
  electrical,
  plumbing,
  hvac,
  appliance_install,
  in_home_care,
  general_contractor
};
inline constexpr std::size_t kPlainCategories = 6;

inline constexpr std::array<std::string_view, 7> kTaskStateNames{
    "OPEN", "ACCEPTED", "PROOF_SUBMITTED", "DISPUTED", "COMPLETED", "CANCELLED", "EXPIRED"};
inline constexpr std::array<std::string_view, 6> kEscrowStateNames{"PENDING",  "FUNDED",   "LOCKED_DISPUTE",
                                                                   "RELEASED", "REFUNDED", "REFUND_PARTIAL"};
inline constexpr std::array<std::string_view, 5> kProofStateNames{"PENDING", "SUBMITTED", "ACCEPTED",
                                                                  "REJECTED", "EXPIRED"};
inline constexpr std::array<std::string_view, 4> kDisputeStateNames{"OPEN", "EVIDENCE_REQUESTED", "ESCALATED",
                                                                    "RESOLVED"};
inline constexpr std::array<std::string_view, 3> kResolutionNames{"HUSTLER_WINS", "CLIENT_WINS", "SPLIT"};
inline constexpr std::array<std::string_view, 4> kDisputeReasonNames{"PROOF_INSUFFICIENT", "WORK_NOT_DONE",
                                                                     "QUALITY_ISSUE", "OTHER"};
inline constexpr std::array<std::string_view, 2> kModeNames{"STANDARD", "LIVE"};
inline constexpr std::array<std::string_view, 3> kAccountStatusNames{"ACTIVE", "PAUSED", "SUSPENDED"};
inline constexpr std::array<std::string_view, 4> kLiveStateNames{"OFF", "ACTIVE", "COOLDOWN", "PAUSED"};
inline constexpr std::array<std::string_view, 13> kCategoryNames{"moving",
                                                                 "cleaning",
                                                                 "errands",
                                                                 "delivery",
                                                                 "assembly",
                                                                 "yard_work",
                                                                 "it_networking",
                                                                 "electrical",
                                                                 "plumbing",
                                                                 "hvac",
                                                                 "appliance_install",
                                                                 "in_home_care",
                                                                 "general_contractor"};
inline constexpr std::array<std::string_view, 4> kTierNames{"ROOKIE", "VERIFIED", "TRUSTED", "ELITE"};

constexpr std::string_view name(TaskState s) {
  return kTaskStateNames[static_cast<std::size_t>(s)];
}
constexpr std::string_view name(EscrowState s) {
  return kEscrowStateNames[static_cast<std::size_t>(s)];
}
constexpr std::string_view name(ProofState s) {
  return kProofStateNames[static_cast<std::size_t>(s)];
}
constexpr std::string_view name(DisputeState s) {
  return kDisputeStateNames[static_cast<std::size_t>(s)];
}
constexpr std::string_view name(Resolution r) {
  return kResolutionNames[static_cast<std::size_t>(r)];
}
constexpr std::string_view name(DisputeReason r) {
  return kDisputeReasonNames[static_cast<std::size_t>(r)];
}
constexpr std::string_view name(Mode m) {
  return kModeNames[static_cast<std::size_t>(m)];
}
constexpr std::string_view name(AccountStatus s) {
  return kAccountStatusNames[static_cast<std::size_t>(s)];
}
constexpr std::string_view name(LiveState s) {
  return kLiveStateNames[static_cast<std::size_t>(s)];
}
constexpr std::string_view name(Category c) {
  return kCategoryNames[static_cast<std::size_t>(c)];
}

// The enum value whose wire name is `text`: value_of<TaskState>(kTaskStateNames, "OPEN").
template <class Enum, std::size_t N>
constexpr std::optional<Enum> value_of(const std::array<std::string_view, N>& names, std::string_view text) {
  for (std::size_t i = 0; i < N; ++i) {
    if (names[i] == text) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

// TERM-TASK, TERM-ESCROW: final states (a fact of the vocabulary, not a rule of behaviour).
constexpr bool is_terminal(TaskState s) {
  return s == TaskState::completed || s == TaskState::cancelled || s == TaskState::expired;
}
constexpr bool is_terminal(EscrowState s) {
  return s == EscrowState::released || s == EscrowState::refunded || s == EscrowState::refund_partial;
}

}  // namespace model
