#include "sim/providers/biometrics.h"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "sim/providers/fields.h"
#include "sim/providers/state.h"

namespace sim::providers {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 3> kTroubles{"none", "down", "garbage"};

net::Response answer(int status, const Json& body) {
  return {status, {{{"content-type", "application/json"}}}, body.dump()};
}

net::Response refuse(const FieldProblem& problem) {
  return answer(400, {{"error", {{"field", problem.field}, {"message", problem.message}}}});
}

}  // namespace

int Biometrics::set(const Plan& plan) {
  const std::lock_guard lock(mutex_);
  plan_ = plan;
  return asked_;
}

net::Response Biometrics::score(std::string_view body) {
  Fields fields(body);
  if (fields.text("photo_url").empty()) fields.reject("photo_url", "expected the URL of a picture");
  if (const auto problem = fields.problem()) return refuse(*problem);
  const std::lock_guard lock(mutex_);
  ++asked_;
  if (plan_.trouble == Trouble::down) return answer(503, {{"error", "unavailable"}});
  if (plan_.trouble == Trouble::garbage) return {200, {{{"content-type", "text/html"}}}, "<html>busy</html>"};
  return answer(200, {{"liveness", plan_.liveness / 100.0}, {"deepfake", plan_.deepfake / 100.0}});
}

net::Response put_biometrics(State& state, std::string_view body) {
  Fields fields(body);
  Biometrics::Plan plan;
  plan.liveness = static_cast<int>(fields.integer("liveness", 0, 100, plan.liveness));
  plan.deepfake = static_cast<int>(fields.integer("deepfake", 0, 100, plan.deepfake));
  const auto found = std::ranges::find(kTroubles, fields.text("trouble", "none"));
  if (found == kTroubles.end()) fields.reject("trouble", "expected none, down or garbage");
  if (const auto problem = fields.problem()) return refuse(*problem);
  plan.trouble = static_cast<Biometrics::Trouble>(found - kTroubles.begin());
  return answer(200, {{"asked", state.biometrics.set(plan)}});
}

}  // namespace sim::providers
