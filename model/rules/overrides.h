// When an admin may move somebody else's money (SAF-21): with a reason and a key, and above a limit not
// alone.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>

#include "model/vocabulary/cents.h"
#include "model/vocabulary/instant.h"
#include "model/vocabulary/limits.h"

namespace model::rules {

// Another admin's word about the same escrow and the same act.
struct Approval {
  int by = 0;  // who, compared with the one who acts
  Instant at;
  bool may = true;  // he still holds can_override_escrow
};

struct Override {
  int by = 0;
  Cents amount = 0;
  std::int64_t reason_length = 0;
  bool has_key = false;
};

// True when nobody else needs to agree, or somebody else has, within the lifetime of an approval.
constexpr bool is_agreed(const Override& act, std::span<const Approval> approvals, Instant now) {
  return act.amount <= limits::kOverrideAloneMax || std::ranges::any_of(approvals, [&](const Approval& yes) {
           return yes.may && yes.by != act.by && yes.at <= now && now - yes.at < limits::kApprovalLifetime;
         });
}

// How the server answers: empty when the act is done.
constexpr std::string_view refusal_of(const Override& act, std::span<const Approval> approvals, Instant now) {
  if (act.reason_length < limits::kAdminReasonMin || !act.has_key) return "400 VALIDATION_ERROR";
  return is_agreed(act, approvals, now) ? "" : "409 CONFLICT";
}

}  // namespace model::rules
