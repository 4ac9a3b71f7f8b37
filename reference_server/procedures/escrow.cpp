#include <array>
#include <nlohmann/json.hpp>

#include "reference_server/procedures/function.h"
#include "reference_server/procedures/routes.h"

namespace server {
namespace {

using model::Action;
using Json = nlohmann::json;

constexpr Statement kBegin = HUSTLE_FUNCTION(escrow_begin_intent);
constexpr Statement kStore{"escrow_store_intent", "SELECT api.escrow_store_intent($1::uuid, $2)"};

// The processor is called between two transactions (money.md §2): the key makes a repeat answer the same
// intent, and the id is stored only while the escrow still waits for money.
Outcome create_intent(const Invocation& invocation) {
  const Outcome begun = call_function(kBegin, invocation);
  if (!begun) return begun;
  const Json escrow = Json::parse(*begun);
  const auto id = escrow["escrow_id"].get<std::string>();
  const ProcessorAnswer intent = invocation.processors.with([&](Processor& processor) {
    return processor.create_intent({id, escrow["task_id"], escrow["poster_user_id"]},
                                   escrow["amount"].get<std::int64_t>(), "pi:" + id);
  });
  if (!intent.done) throw std::runtime_error("payment intent refused: " + intent.code + " " + intent.message);
  const Outcome stored = read_answer(invocation.session.call(kStore, {id, intent.id}));
  if (!stored) return stored;
  return Json{{"escrow_id", id},
              {"payment_intent_id", intent.id},
              {"client_secret", intent.client_secret},
              {"amount", escrow["amount"]}}
      .dump();
}

constexpr std::array kRoutes{
    Route{Action::escrow_create_intent, kBegin, create_intent},
    Route{Action::escrow_release, HUSTLE_FUNCTION(escrow_release)},
    Route{Action::escrow_refund, HUSTLE_FUNCTION(escrow_refund)},
    Route{Action::escrow_get_by_task_id, HUSTLE_FUNCTION(escrow_get_by_task_id)},
};

}  // namespace

std::span<const Route> escrow_routes() {
  return kRoutes;
}

}  // namespace server
