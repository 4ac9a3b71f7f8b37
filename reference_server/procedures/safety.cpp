#include <array>

#include "reference_server/procedures/function.h"
#include "reference_server/procedures/routes.h"

namespace server {
namespace {

using model::Action;

constexpr std::array kRoutes{
    Route{Action::admin_set_freeze, HUSTLE_FUNCTION(admin_set_freeze)},
    Route{Action::admin_get_freeze, HUSTLE_FUNCTION(admin_get_freeze)},
    Route{Action::admin_add_strike, HUSTLE_FUNCTION(admin_add_strike)},
    Route{Action::admin_update_user_status, HUSTLE_FUNCTION(admin_update_user_status)},
    Route{Action::admin_grant_role, HUSTLE_FUNCTION(admin_grant_role)},
    Route{Action::admin_revoke_role, HUSTLE_FUNCTION(admin_revoke_role)},
    Route{Action::admin_set_flag, HUSTLE_FUNCTION(admin_set_flag)},
    Route{Action::admin_set_rule, HUSTLE_FUNCTION(admin_set_rule)},
    Route{Action::admin_create_invite, HUSTLE_FUNCTION(admin_create_invite)},
    Route{Action::admin_review_content, HUSTLE_FUNCTION(admin_review_content)},
    Route{Action::admin_get_moderation_queue, HUSTLE_FUNCTION(admin_get_moderation_queue)},
    Route{Action::admin_remove_strike, HUSTLE_FUNCTION(admin_remove_strike)},
    Route{Action::admin_decide_appeal, HUSTLE_FUNCTION(admin_decide_appeal)},
    Route{Action::admin_assess_risk, HUSTLE_FUNCTION(admin_assess_risk)},
    Route{Action::admin_review_risk, HUSTLE_FUNCTION(admin_review_risk)},
    Route{Action::admin_approve_override, HUSTLE_FUNCTION(admin_approve_override)},
    Route{Action::moderation_report_content, HUSTLE_FUNCTION(moderation_report_content)},
    Route{Action::moderation_appeal, HUSTLE_FUNCTION(moderation_appeal)},
    Route{Action::beta_join, HUSTLE_FUNCTION(beta_join)},
};

}  // namespace

std::span<const Route> safety_routes() {
  return kRoutes;
}

}  // namespace server
