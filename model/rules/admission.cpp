#include "model/rules/admission.h"

namespace model::rules {

std::string_view refusal_of(const BetaGates& gates, const Applicant& applicant, const Occupancy& occupancy,
                            Instant now) {
  if (!gates.beta_mode) return "";
  if (gates.seattle_only && !applicant.in_city) return "SEATTLE_ONLY";
  const bool hustler = applicant.role == BetaRole::hustler;
  const bool required = hustler ? gates.hustler_invite_required : gates.poster_invite_required;
  if (required && !applicant.has_code) return "INVITE_REQUIRED";
  if (applicant.has_code) {
    if (!applicant.invite) return "INVALID_CODE";
    const Invite& invite = *applicant.invite;
    if (invite.expires.present() && invite.expires <= now) return "EXPIRED";
    if (invite.uses >= invite.max_uses) return "MAX_USES_REACHED";
    if (hustler ? !invite.for_hustlers : !invite.for_posters) return "ROLE_MISMATCH";
  }
  const bool full = occupancy.members >= occupancy.members_max || occupancy.in_role >= occupancy.in_role_max;
  return full ? "CITY_AT_CAPACITY" : "";
}

}  // namespace model::rules
