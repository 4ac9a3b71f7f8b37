#include <array>

#include "reference_server/procedures/function.h"
#include "reference_server/procedures/routes.h"

namespace server {
namespace {

using model::Action;

constexpr std::array kRoutes{
    Route{Action::dispute_create, HUSTLE_FUNCTION(dispute_create)},
    Route{Action::dispute_resolve, HUSTLE_FUNCTION(dispute_resolve)},
    Route{Action::dispute_get_by_task_id, HUSTLE_FUNCTION(dispute_get_by_task_id)},
};

}  // namespace

std::span<const Route> dispute_routes() {
  return kRoutes;
}

}  // namespace server
