#include <array>

#include "reference_server/procedures/function.h"
#include "reference_server/procedures/routes.h"

namespace server {
namespace {

using model::Action;

constexpr std::array kRoutes{
    Route{Action::user_get_profile, HUSTLE_FUNCTION(user_get_profile)},
    Route{Action::user_update_profile, HUSTLE_FUNCTION(user_update_profile)},
    Route{Action::user_get_xp, HUSTLE_FUNCTION(user_get_xp)},
    Route{Action::user_get_badges, HUSTLE_FUNCTION(user_get_badges)},
    Route{Action::user_get_trust_tier, HUSTLE_FUNCTION(user_get_trust_tier)},
};

}  // namespace

std::span<const Route> user_routes() {
  return kRoutes;
}

}  // namespace server
