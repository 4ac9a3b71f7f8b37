// Who may join the beta (safety-and-abuse.md §5, decision 14): the order of reasons, and the caps.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "model/vocabulary/instant.h"

namespace model::rules {

enum class BetaRole : std::uint8_t { hustler, poster };

struct BetaGates {
  bool beta_mode = true;  // off: nothing below applies
  bool seattle_only = true;
  bool hustler_invite_required = true;
  bool poster_invite_required = false;
};

struct Invite {
  bool for_hustlers = true, for_posters = true;
  std::int64_t max_uses = 1, uses = 0;
  Instant expires;  // absent: never
};

struct Applicant {
  BetaRole role = BetaRole::hustler;
  bool in_city = true;
  bool has_code = false;
  std::optional<Invite> invite{};  // what the code names; nothing: unknown
};

// What the beta is full of. Reaching a cap closes what is new; what is under way goes on.
struct Occupancy {
  std::int64_t members = 0, members_max = 200;
  std::int64_t in_role = 0, in_role_max = 500;
};

// The first reason that applies, as the specification names it; empty: admitted.
std::string_view refusal_of(const BetaGates& gates, const Applicant& applicant, const Occupancy& occupancy,
                            Instant now);

}  // namespace model::rules
