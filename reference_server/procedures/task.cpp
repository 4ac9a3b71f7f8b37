#include <array>

#include "reference_server/procedures/function.h"
#include "reference_server/procedures/routes.h"

namespace server {
namespace {

using model::Action;

constexpr std::array kRoutes{
    Route{Action::task_create, HUSTLE_FUNCTION(task_create)},
    Route{Action::task_accept, HUSTLE_FUNCTION(task_accept)},
    Route{Action::task_complete, HUSTLE_FUNCTION(task_complete)},
    Route{Action::task_cancel, HUSTLE_FUNCTION(task_cancel)},
    Route{Action::task_get_by_id, HUSTLE_FUNCTION(task_get_by_id)},
    Route{Action::task_list, HUSTLE_FUNCTION(task_list)},
};

}  // namespace

std::span<const Route> task_routes() {
  return kRoutes;
}

}  // namespace server
