// Histories that happened by chance: legal by construction, because every answer comes from the rules at the
// instant at which the operation took effect.
#pragma once

#include <algorithm>
#include <array>
#include <random>
#include <utility>
#include <vector>

#include "tests/judge/build.h"

namespace build {

// A history that happened: `clients` lanes, every operation takes effect at an instant between its invocation
// and its return. `lost_percent` of the answers are lost, half of them before any effect.
struct ChanceOptions {
  std::size_t operations = 85;
  std::size_t clients = 10;
  std::size_t tasks = 3;
  std::size_t workers = 3;
  int lost_percent = 0;
  bool jobs = false;  // the jobs run too, of which no answer tells what they did
};
struct Happened {
  model::World start;
  model::History history;
};
namespace chance {

inline constexpr std::array kActions{model::Action::task_create,     model::Action::escrow_create_intent,
                                     model::Action::processor_pay,   model::Action::webhook_deliver,
                                     model::Action::webhook_deliver, model::Action::task_accept,
                                     model::Action::task_accept,     model::Action::proof_submit,
                                     model::Action::proof_submit,    model::Action::proof_accept,
                                     model::Action::proof_reject,    model::Action::task_complete,
                                     model::Action::task_complete,   model::Action::task_cancel,
                                     model::Action::dispute_create,  model::Action::dispute_resolve,
                                     model::Action::escrow_release,  model::Action::escrow_refund,
                                     model::Action::task_get_by_id,  model::Action::escrow_get_by_task_id,
                                     model::Action::user_get_xp,     model::Action::processor_cancel_intent,
                                     model::Action::job_task_expiry, model::Action::job_review_timeout};

// Jobs look when every deadline and every time for a review has passed.
inline constexpr model::Millis kWhenJobsRun = 49 * 3'600'000LL;

inline bool is_job(model::Action a) {
  return a == model::Action::job_task_expiry || a == model::Action::job_review_timeout;
}

inline bool by_machine(model::Action a) {
  using model::Action;
  return a == Action::processor_pay || a == Action::processor_cancel_intent || a == Action::webhook_deliver ||
         is_job(a);
}

// A plausible command: usually the right person, sometimes anybody.
inline model::Command random_command(std::mt19937_64& random, const ChanceOptions& o) {
  const auto pick = [&](std::size_t n) { return static_cast<int>(random() % n); };
  using model::Action;
  const std::size_t actions = kActions.size() - (o.jobs ? 0 : 2);
  const Action action = kActions[static_cast<std::size_t>(pick(actions))];
  const int people = static_cast<int>(o.workers) + 2;
  int actor = 0;
  if (action == Action::task_accept || action == Action::proof_submit || action == Action::user_get_xp) {
    actor = 1 + pick(o.workers);
  }
  if (action == Action::dispute_resolve) actor = people - 1;
  if (pick(8) == 0) actor = pick(static_cast<std::size_t>(people));
  model::Command c = command(action, by_machine(action) ? -1 : actor, pick(o.tasks));
  c.proof.value = static_cast<std::uint16_t>(c.proof.value + pick(3));
  c.dispute.value = static_cast<std::uint16_t>(c.dispute.value + pick(2));
  if (action == Action::dispute_resolve) {
    c.resolution = static_cast<model::Resolution>(pick(3));
    c.split_percent = c.resolution == model::Resolution::split ? 40 : 0;
  }
  return c;
}

}  // namespace chance

inline Happened happened(const ChanceOptions& options, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  Happened result;
  result.start = marketplace(options.tasks, options.workers + 2);
  std::vector<std::int64_t> free_at(options.clients, 0);
  std::vector<std::pair<std::int64_t, std::size_t>> effects;  // instant, operation
  std::vector<model::Operation> operations;
  for (std::size_t i = 0; i < options.operations; ++i) {
    const std::size_t lane = random() % options.clients;
    model::Operation o;
    o.lane = static_cast<std::uint32_t>(lane);
    o.command = chance::random_command(random, options);
    o.now = chance::is_job(o.command.action) ? kNoon + chance::kWhenJobsRun : kNoon;
    o.invoked_us = free_at[lane] + 1 + static_cast<std::int64_t>(random() % 50);
    const std::int64_t effect = o.invoked_us + static_cast<std::int64_t>(random() % 500);
    o.returned_us = effect + static_cast<std::int64_t>(random() % 500);
    free_at[lane] = o.returned_us + 1;
    effects.emplace_back(effect, i);
    operations.push_back(o);
  }
  std::ranges::sort(effects);
  model::World world = result.start;
  for (const auto& [instant, i] : effects) {
    model::Operation& o = operations[i];
    const bool lost = static_cast<int>(random() % 100) < options.lost_percent;
    if (!lost || random() % 2 == 0) o.outcome = model::apply(world, o.command, o.now);
    if (lost) {
      o.outcome = model::Outcome::unknown();
      o.returned_us = INT64_MAX;
    }
  }
  std::ranges::stable_sort(operations, {}, &model::Operation::invoked_us);
  result.history.operations = std::move(operations);
  return result;
}

}  // namespace build
