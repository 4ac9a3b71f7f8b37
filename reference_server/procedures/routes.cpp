#include "reference_server/procedures/routes.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace server {
namespace {

// A jsonb object prints itself like this, so that the usual answer is not parsed at all.
constexpr std::string_view kOk = R"({"ok": )";

}  // namespace

Outcome read_answer(const std::string& text) {
  if (text.starts_with(kOk)) return text.substr(kOk.size(), text.size() - kOk.size() - 1);
  const auto answer = nlohmann::json::parse(text, nullptr, false);
  const auto code = answer.is_object() ? model::code_of(answer.value("refused", "")) : std::nullopt;
  if (!code) throw std::runtime_error("a SQL function answered neither ok nor a known code");
  return std::unexpected(refuse(*code, answer.value("field", ""), answer.value("message", "")));
}

Outcome call_function(const Statement& statement, const Invocation& invocation) {
  return read_answer(invocation.session.call(
      statement, {invocation.caller.uid, invocation.caller.email, invocation.caller.name,
                  std::to_string(invocation.now.ms), invocation.input}));
}

Outcome carry_out(const Route& route, const Invocation& invocation) {
  return route.special != nullptr ? route.special(invocation) : call_function(route.statement, invocation);
}

const Route& route_of(model::Action action) {
  for (const auto routes : {task_routes(), escrow_routes(), proof_routes(), user_routes(), dispute_routes(),
                            safety_routes(), eligibility_routes()}) {
    const auto found = std::ranges::find(routes, action, &Route::action);
    if (found != routes.end()) return *found;
  }
  throw std::logic_error("a procedure without a route: " + std::string(model::name(action)));
}

}  // namespace server
