// What came back, or should come back: an answer, a refusal, or unknown because the answer was lost.
#pragma once

#include <cstdint>
#include <optional>

#include "model/vocabulary/cents.h"
#include "model/vocabulary/codes.h"
#include "model/vocabulary/states.h"

namespace model {

// The facts of an answer that rules determine. An unset field is not part of that answer. Reads fill what
// they show, writes what they return (api.md). Texts, ids and instants are checked where they are decoded.
struct Answer {
  std::optional<TaskState> task{};
  std::optional<EscrowState> escrow{};
  std::optional<ProofState> proof{};
  std::optional<DisputeState> dispute{};
  std::optional<Resolution> resolution{};
  std::int64_t amount = -1;   // escrow.amount in cents (createIntent, getByTaskId, summaries)
  std::int32_t base_xp = -1;  // task.complete: xp_awarded
  std::int32_t multiplier_percent = -1;
  std::int32_t effective_xp = -1;
  std::int32_t xp_total = -1;  // user reads
  std::int32_t level = -1;
  std::int32_t streak = -1;
  std::int32_t tier = -1;
  std::int32_t badges = -1;  // total_earned
  bool absent = false;       // a read that answers null (no proof, no dispute)
  std::int64_t feed =
      -1;  // feed.get: one bit per task slot of the case (the first 62); -1: not all pages were read
  std::int32_t failed_checks = -1;  // eligibility.check: EligibilityCheck bits
  std::int32_t capability = -1;     // profile reads: CapabilityBit (answers.h)
  std::int32_t verified = -1;       // verification.getStatus: records that count now
  std::int32_t waiting = -1;        // verification.getStatus: records in pending
  std::int32_t phase = -1;          // onboarding.getProgress: index of kOnboardingPhaseNames

  bool operator==(const Answer&) const = default;
};

struct Outcome {
  enum class Kind : std::uint8_t { accepted, refused, unknown };
  Kind kind = Kind::unknown;
  Code code = Code::none;  // set exactly when refused
  Answer answer;           // set exactly when accepted

  bool operator==(const Outcome&) const = default;

  static Outcome accepted(const Answer& a = {}) { return {Kind::accepted, Code::none, a}; }
  static Outcome refused(Code c) { return {Kind::refused, c, {}}; }
  static Outcome unknown() { return {}; }
};

}  // namespace model
