#include <array>

#include "reference_server/procedures/function.h"
#include "reference_server/procedures/routes.h"

namespace server {
namespace {

using model::Action;

constexpr std::array kRoutes{
    Route{Action::feed_get, HUSTLE_FUNCTION(feed_get)},
    Route{Action::eligibility_check, HUSTLE_FUNCTION(eligibility_check)},
    Route{Action::eligibility_get_profile, HUSTLE_FUNCTION(eligibility_get_profile)},
    Route{Action::verification_submit_license, HUSTLE_FUNCTION(verification_submit_license)},
    Route{Action::verification_submit_insurance, HUSTLE_FUNCTION(verification_submit_insurance)},
    Route{Action::verification_initiate_background_check,
          HUSTLE_FUNCTION(verification_initiate_background_check)},
    Route{Action::verification_get_status, HUSTLE_FUNCTION(verification_get_status)},
    Route{Action::verification_resolve, HUSTLE_FUNCTION(verification_resolve)},
    Route{Action::onboarding_get_progress, HUSTLE_FUNCTION(onboarding_get_progress)},
    Route{Action::onboarding_set_role, HUSTLE_FUNCTION(onboarding_set_role)},
    Route{Action::onboarding_submit_capabilities, HUSTLE_FUNCTION(onboarding_submit_capabilities)},
    Route{Action::onboarding_complete_step, HUSTLE_FUNCTION(onboarding_complete_step)},
    Route{Action::onboarding_complete, HUSTLE_FUNCTION(onboarding_complete)},
};

}  // namespace

std::span<const Route> eligibility_routes() {
  return kRoutes;
}

}  // namespace server
