#include <array>

#include "reference_server/procedures/function.h"
#include "reference_server/procedures/routes.h"

namespace server {
namespace {

using model::Action;

constexpr std::array kRoutes{
    Route{Action::proof_submit, HUSTLE_FUNCTION(proof_submit)},
    Route{Action::proof_accept, HUSTLE_FUNCTION(proof_accept)},
    Route{Action::proof_reject, HUSTLE_FUNCTION(proof_reject)},
    Route{Action::proof_get_by_task_id, HUSTLE_FUNCTION(proof_get_by_task_id)},
};

}  // namespace

std::span<const Route> proof_routes() {
  return kRoutes;
}

}  // namespace server
