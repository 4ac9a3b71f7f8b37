// Histories by hand and by chance, for tests of the judges.
#pragma once

#include <cstdint>
#include <string>

#include "model/judge/explain.h"
#include "model/judge/linearize.h"
#include "model/rules/apply.h"
#include "model/rules/world.h"
#include "model/vocabulary/history.h"

namespace build {

inline constexpr model::Instant kNoon{1'767'268'800'000};  // 2026-01-01T12:00Z

// Users 0 (poster), 1 and 2 (workers with payout account), 3 (admin with all rights); empty slots for the
// rest.
inline model::World marketplace(std::size_t tasks = 2, std::size_t users = 4) {
  model::World world;
  world.users.resize(users);
  for (model::User& user : world.users) user.has_payout_account = true;
  model::User& admin = world.users[users - 1];
  admin.is_admin = admin.can_resolve_disputes = admin.can_override_escrow = true;
  world.tasks.resize(tasks);
  world.escrows.resize(tasks);
  world.proofs.resize(tasks * 3);
  world.disputes.resize(tasks * 2);
  world.events.resize(tasks * 2);
  return world;
}

inline model::Command command(model::Action action, int actor, int task = 0) {
  model::Command c;
  c.action = action;
  if (actor >= 0) c.actor = model::UserId{static_cast<std::uint16_t>(actor)};
  c.task = model::TaskId{static_cast<std::uint16_t>(task)};
  c.escrow = model::escrow_of(c.task);
  c.event = model::EventId{static_cast<std::uint16_t>(task)};
  c.proof = model::ProofId{static_cast<std::uint16_t>(task * 3)};
  c.dispute = model::DisputeId{static_cast<std::uint16_t>(task * 2)};
  c.price = 5000;
  return c;
}

// Adds one operation after another; times in microseconds.
struct Story {
  model::World start = marketplace();
  model::World world = start;  // after everything that quietly() did
  model::History history;
  std::int64_t clock = 0;

  model::Operation& add(const model::Command& c, const model::Outcome& outcome, std::int64_t from,
                        std::int64_t to) {
    model::Operation o;
    o.lane = static_cast<std::uint32_t>(history.operations.size());
    o.now = kNoon;
    o.command = c;
    o.outcome = outcome;
    o.invoked_us = from;
    o.returned_us = outcome.kind == model::Outcome::Kind::unknown ? INT64_MAX : to;
    history.operations.push_back(o);
    clock = std::max(clock, to);
    return history.operations.back();
  }
  // Sequential, answered as the rules say.
  model::Outcome quietly(const model::Command& c) {
    const model::Outcome outcome = model::apply(world, c, kNoon);
    add(c, outcome, clock + 10, clock + 20);
    return outcome;
  }
  void until_funded(int task = 0) {
    quietly(command(model::Action::task_create, 0, task));
    quietly(command(model::Action::escrow_create_intent, 0, task));
    quietly(command(model::Action::processor_pay, -1, task));
    quietly(command(model::Action::webhook_deliver, -1, task));
  }
  void until_proof_accepted(int worker = 1, int task = 0) {
    until_funded(task);
    quietly(command(model::Action::task_accept, worker, task));
    quietly(command(model::Action::proof_submit, worker, task));
    quietly(command(model::Action::proof_accept, 0, task));
  }
  model::Linearization judge(const model::SearchBudget& budget = {}) const {
    return model::linearize(start, history, budget);
  }
};

}  // namespace build
