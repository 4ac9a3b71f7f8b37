// Who may give or take administrative power (SAF-18).
#pragma once

#include <cstdint>

namespace model::rules {

enum class Rank : std::uint8_t { none, support, moderator, admin, founder };

// `gives`: the rank that the target gets; none: the role is taken away.
struct RoleChange {
  Rank actor = Rank::none;
  bool actor_may = false;  // can_modify_trust
  bool to_self = false;
  Rank has = Rank::none;
  Rank gives = Rank::none;
  int founders = 1;  // in office before the change
};

constexpr bool may_change_role(const RoleChange& change) {
  if (!change.actor_may || change.to_self) return false;
  if (change.gives > change.actor || change.has > change.actor) return false;
  return change.has != Rank::founder || change.gives == Rank::founder || change.founders > 1;
}

}  // namespace model::rules
