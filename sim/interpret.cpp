#include "sim/interpret.h"

#include <algorithm>
#include <array>
#include <utility>

#include "sim/calls.h"
#include "sim/credentials.h"
#include "sim/lifecycle.h"
#include "sim/mischief.h"
#include "sim/payments.h"
#include "sim/people.h"
#include "sim/race_groups.h"
#include "sim/stage.h"
#include "sim/story.h"
#include "sim/tour.h"

namespace sim {

using model::Action;
using model::TaskId;
using model::UserId;

namespace {

// When tasks are posted: the compressed day of the phases, or as they come.
std::vector<model::Instant> posting_times(Stage& stage) {
  const Jobs& jobs = stage.scenario.tasks;
  const auto count = static_cast<std::size_t>(stage.choices.between(jobs.count.min, jobs.count.max));
  std::vector<model::Instant> times;
  model::Instant at = stage.now;
  for (const Phase& phase : stage.scenario.phases) {
    const model::Instant end = at + static_cast<model::Millis>(phase.hours * model::kHour);
    const auto gap = static_cast<model::Millis>(model::kHour / phase.rate);
    for (; at < end && times.size() < count; at = at + gap) times.push_back(at);
    at = end;
  }
  while (times.size() < count)
    times.push_back(times.empty() || !stage.scenario.phases.empty() ? at : stage.now);
  return times;
}

bool all_ended(const Stage& stage) {
  return live_tasks(stage).empty();
}

// One kind of step; false when there was nothing of the kind to do.
bool take_step(Stage& stage, std::size_t kind, TaskId task) {
  switch (kind) {
    case 0:
      return progress(stage, task);
    case 1:
      return cancel(stage, task);
    case 2:
      return open_dispute(stage, task);
    case 3:
      return read_something(stage, task), true;
    case 4:
      return wrong_actor(stage, task), true;
    case 5:
      return any_call(stage, task), true;
    case 6:
      return unknown_id(stage), true;
    case 7:
      return bad_credential(stage, task), true;
    case 8:
      return bad_input(stage, task), true;
    case 9:
      return send_group(stage);
    case 10:
      return trouble_webhook(stage, task);
    case 11:
      return expire(stage, task);
    case 12:
      return time_out_review(stage, task);
    case 13:
      return pay_out(stage, task);
    case 14:
      return move_credential(stage);
    case 15:
      return look_at_feed(stage);
    case 16:
      return try_unqualified(stage);
    case 17:
      return meet_expiry(stage);
    case 18:
      return revoke_in_flight(stage);
    default:
      return false;
  }
}

std::array<std::int64_t, 19> weights_of(const Steps& s) {
  return {s.progress,       s.cancel,         s.dispute,    s.read, s.wrong_actor,     s.wrong_state,
          s.unknown_id,     s.bad_credential, s.bad_input,  s.race, s.webhook_trouble, s.expiry,
          s.review_timeout, s.payout,         s.credential, s.feed, s.unqualified,     s.credential_expiry,
          s.revocation};
}

// Everything that has been touched is read at the end, so that the final state is judged.
void read_everything(Stage& stage) {
  for (std::uint16_t i = 0; i < stage.world.tasks.size(); ++i) {
    const model::Task task = stage.world.tasks[i];
    if (!task.exists) continue;
    for (const Action action : {Action::task_get_by_id, Action::escrow_get_by_task_id,
                                Action::proof_get_by_task_id, Action::dispute_get_by_task_id}) {
      send(stage, {.action = action, .actor = task.poster, .task = {i}, .escrow = model::escrow_of({i})});
    }
    send(stage, list_like(stage, {i}, task.poster));
  }
  for (const UserId user : about_eligibility(stage.scenario) ? stage.workers : std::vector<UserId>{}) {
    for (const Action action :
         {Action::feed_get, Action::eligibility_get_profile, Action::verification_get_status}) {
      send(stage, {.action = action, .actor = user});
    }
  }
  std::vector<UserId> workers;
  for (const Step& step : stage.plan.steps) {
    for (const PlannedCommand& each : step.together) {
      const bool tried = each.command.action == Action::task_accept && each.command.actor.present() &&
                         each.expected.code != model::Code::not_found;
      if (tried && std::ranges::find(workers, each.command.actor) == workers.end())
        workers.push_back(each.command.actor);
    }
  }
  for (const UserId worker : workers) {
    for (const Action action : {Action::user_get_xp, Action::user_get_trust_tier, Action::user_get_badges}) {
      send(stage, {.action = action, .actor = worker});
    }
  }
}

void play(Stage& stage) {
  const auto length = static_cast<std::size_t>(
      stage.choices.between(stage.scenario.commands.min, stage.scenario.commands.max));
  const std::vector<model::Instant> posting = posting_times(stage);
  const auto weights = weights_of(stage.scenario.steps);
  std::size_t posted = 0;
  std::size_t idle = 0;  // steps in a row without effect; the choices may be exhausted
  while (stage.commands < length && idle < 8) {
    stage.choices.align();
    const bool due = posted < posting.size() && (posting[posted] <= stage.now || all_ended(stage));
    if (due &&
        (posted == 0 || all_ended(stage) || !stage.scenario.phases.empty() || stage.choices.chance(1, 4))) {
      stage.now = std::max(stage.now, posting[posted++]);
      post_task(stage);
      continue;
    }
    const std::vector<TaskId> live = live_tasks(stage);
    if (live.empty() && stage.choices.pick(12) == 0) break;
    // Mostly tasks that can still move; now and then a finished one.
    const std::vector<TaskId> all = posted_tasks(stage);
    if (all.empty()) break;
    const TaskId task = one_of(stage.choices, live.empty() || stage.choices.chance(1, 5) ? all : live);
    pass_time(stage, stage.choices.between(0, stage.scenario.pause_seconds * model::kSecond));
    const std::size_t before = stage.commands;
    if (!take_step(stage, weighted(stage.choices, weights), task)) progress(stage, task);
    idle = stage.commands == before ? idle + 1 : 0;
  }
}

}  // namespace

Plan interpret(const Scenario& scenario, std::vector<std::uint32_t> choices, model::Instant start) {
  Stage stage(scenario, Choices(choices), start);
  if (scenario.told) {
    play_story(stage);
  } else if (scenario.tour) {
    play_tour(stage);
  } else {
    stage.home_zone = stage.choices.pick(12);
    engage_people(stage);
    play(stage);
  }
  if (!scenario.told) read_everything(stage);
  Plan plan = std::move(stage.plan);
  plan.choices = std::move(choices);
  plan.needs_clock |= scenario.needs.clock;
  plan.start.tasks.resize(stage.world.tasks.size());
  plan.start.escrows.resize(stage.world.escrows.size());
  plan.start.proofs.resize(stage.world.proofs.size());
  plan.start.disputes.resize(stage.world.disputes.size());
  plan.start.events.resize(stage.world.events.size());
  plan.start.verifications.resize(stage.world.verifications.size());
  plan.start.pictures.resize(stage.world.pictures.size());
  return plan;
}

std::size_t choices_needed(const Scenario& scenario) {
  const std::int64_t people =
      scenario.people.posters.max + scenario.people.workers.max + scenario.people.admins.max;
  return static_cast<std::size_t>(64 + people * 6 + scenario.commands.max * 2 * kChoiceBlock);
}

Plan plan_case(const Scenario& scenario, std::uint64_t seed, std::uint64_t case_id, model::Instant start) {
  Plan plan = interpret(scenario,
                        scenario.told   ? scenario.story
                        : scenario.tour ? all_tours()[case_id % all_tours().size()]
                                        : choices_from_seed(seed, case_id, choices_needed(scenario)).values(),
                        start);
  plan.seed = seed;
  plan.case_id = case_id;
  return plan;
}

}  // namespace sim
