#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <numeric>

#include "model/vocabulary/place.h"
#include "sim/interpret.h"
#include "sim/scenario.h"
#include "sim/scenario_table.h"

namespace sim {
namespace {

std::string span_of(const Range& range, std::string_view one, std::string_view many) {
  if (range.min == range.max) return fmt::format("{} {}", range.min, range.min == 1 ? one : many);
  return fmt::format("{} to {} {}", range.min, range.max, many);
}

std::string people_of(const People& people) {
  std::string text =
      fmt::format("{}, {} and {} take part.", span_of(people.posters, "poster", "posters"),
                  span_of(people.workers, "worker", "workers"), span_of(people.admins, "admin", "admins"));
  const auto add = [&](std::int64_t percent, std::string_view what) {
    if (percent > 0) text += fmt::format(" {} % {}.", percent, what);
  };
  add(people.suspended_percent, "of the accounts are suspended");
  add(people.paused_percent, "of the accounts are paused");
  add(people.unpaid_percent, "of the workers have no payout account");
  add(people.newcomer_percent, "of the workers have not been onboarded");
  add(people.senior_percent, "of the workers start at tier 2 to 4");
  add(people.elsewhere_percent, "of the workers live in another state");
  add(people.willing_percent, "of the workers are willing to do everything");
  return text;
}

std::string tasks_of(const Jobs& jobs) {
  return fmt::format("{} for {}.{:02} to {}.{:02} dollars, {} % LIVE; deadlines {} after posting.",
                     span_of(jobs.count, "task", "tasks"), jobs.price.min / 100, jobs.price.min % 100,
                     jobs.price.max / 100, jobs.price.max % 100, jobs.live_percent,
                     span_of(jobs.deadline_hours, "hour", "hours"));
}

// Walks the table, so that a new kind of step explains itself.
std::string steps_of(const Steps& s) {
  const std::array<std::int64_t, 19> weights{
      s.progress,       s.cancel,         s.dispute,    s.read, s.wrong_actor,     s.wrong_state,
      s.unknown_id,     s.bad_credential, s.bad_input,  s.race, s.webhook_trouble, s.expiry,
      s.review_timeout, s.payout,         s.credential, s.feed, s.unqualified,     s.credential_expiry,
      s.revocation};
  const double sum = static_cast<double>(std::accumulate(weights.begin(), weights.end(), std::int64_t{0}));
  std::string text = "Out of 100 steps, about:";
  for (const ScenarioField& field : scenario_fields()) {
    if (field.name != "steps") continue;
    for (std::size_t i = 0; i < field.members.size() && i < weights.size(); ++i) {
      if (weights[i] == 0) continue;
      text += fmt::format("\n  {:>4.0f}  {}", 100.0 * static_cast<double>(weights[i]) / sum,
                          field.members[i].says);
    }
  }
  return text;
}

std::string payments_of(const Payments& payments) {
  std::string text;
  const auto add = [&](std::int64_t percent, std::string_view what) {
    if (percent > 0) text += fmt::format(" {} % {}.", percent, what);
  };
  add(payments.duplicate_percent, "of the payment events are delivered again");
  add(payments.parallel_percent, "arrive twice at the same moment");
  add(payments.forged_percent, "are preceded by a delivery that must be refused");
  add(payments.late_percent, "arrive after the task was cancelled and are refunded");
  add(payments.canceled_percent, "of the payments are cancelled by the processor");
  return text.empty() ? "" : "Payments:" + text + "\n";
}

std::string races_of(const Scenario& scenario) {
  if (scenario.steps.race == 0) return "";
  std::string text = fmt::format(
      "Races, {} at the same moment ({} % any calls):", span_of(scenario.races.group, "call", "calls"),
      scenario.races.random_percent);
  for (std::size_t i = 0; i < kRaceNames.size(); ++i) {
    const Race race = static_cast<Race>(i);
    const auto& which = scenario.races.which;
    if (which.empty() || std::ranges::find(which, race) != which.end())
      text += fmt::format("\n  {}", sentence(race));
  }
  return text + "\n";
}

std::string day_of(const Scenario& scenario) {
  if (scenario.phases.empty()) return "";
  std::string text = "The day, compressed:";
  for (const Phase& phase : scenario.phases) {
    text += fmt::format(" {} ({:.0f} h, {:.1f} new tasks per hour)", phase.name, phase.hours, phase.rate);
  }
  text += ". Places:";
  for (const model::CityZone& zone : model::kZones) text += fmt::format(" {},", zone.name);
  text.back() = '.';
  return text + "\n";
}

}  // namespace

std::string explain_scenario(const Scenario& scenario) {
  std::string text = fmt::format("{}: {}\n\n{}\n\n", scenario.name, scenario.summary, scenario.explanation);
  if (scenario.load) text += explain_load(*scenario.load) + "\nAs a case of the gate:\n";
  if (scenario.told) return text + describe(interpret(scenario, scenario.story, {}));
  text += people_of(scenario.people) + "\n" + tasks_of(scenario.tasks) + "\n";
  text += steps_of(scenario.steps) + "\n" + payments_of(scenario.payments) + races_of(scenario) +
          day_of(scenario);
  text += fmt::format("A case has {} before its closing reads; a pause lasts at most {} s.\n",
                      span_of(scenario.commands, "command", "commands"), scenario.pause_seconds);
  text += scenario.needs.clock
              ? "Needs a target that takes the time from the harness (a server started for tests).\n"
              : "Runs on the real clock too.\n";
  if (scenario.needs.processor_events) text += "Needs the fake payment processor for its events.\n";
  return text;
}

}  // namespace sim
