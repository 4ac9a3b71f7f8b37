// Which procedure is carried out by which SQL function. One file per router; nothing here decides a rule.
#pragma once

#include <expected>
#include <span>
#include <string>

#include "model/vocabulary/command.h"
#include "model/vocabulary/instant.h"
#include "reference_server/auth.h"
#include "reference_server/database.h"
#include "reference_server/object_store.h"
#include "reference_server/processor.h"
#include "reference_server/refusal.h"

namespace server {

struct Invocation {
  const Identity& caller;
  model::Instant now;
  const std::string& input;  // validated, compact JSON
  Session& session;
  Processors& processors;
  ObjectStore* store = nullptr;  // null: none is configured
  bool gps_required = true;      // decision 15
};

using Outcome = std::expected<std::string, Refusal>;  // the answer as JSON text

struct Route {
  model::Action action;
  Statement statement;                              // api.x(uid, email, name, now, input)
  Outcome (*special)(const Invocation&) = nullptr;  // instead of the one statement
  // What only the service can add to an answer; waits for nothing.
  std::string (*finish)(std::string answer, const ObjectStore* store) = nullptr;
};

std::span<const Route> task_routes();
std::span<const Route> escrow_routes();
std::span<const Route> proof_routes();
std::span<const Route> user_routes();
std::span<const Route> dispute_routes();
std::span<const Route> safety_routes();       // administration, moderation, beta
std::span<const Route> eligibility_routes();  // feed, eligibility, verification, onboarding

const Route& route_of(model::Action action);

Outcome carry_out(const Route& route, const Invocation& invocation);
Outcome call_function(const Statement& statement, const Invocation& invocation);
Outcome read_answer(const std::string& text);  // {"ok":…} or {"refused":code,"field"?}

}  // namespace server
