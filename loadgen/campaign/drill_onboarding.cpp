#include <array>

#include <fmt/format.h>

#include "loadgen/campaign/drill_builder.h"
#include "model/vocabulary/eligibility.h"

namespace loadgen::drill {

using model::Action;
using model::Command;
using model::Instant;
using model::OnboardingStep;

namespace {

constexpr std::size_t kSteps = 4;

Command step(const Builder& b, std::size_t which) {
  constexpr std::array kActions{Action::onboarding_set_role, Action::onboarding_submit_capabilities,
                                Action::onboarding_complete_step, Action::onboarding_complete_step};
  Command c = b.command(kActions.at(which), kWorker);
  c.onboarding_step = which == 2 ? OnboardingStep::tutorial : OnboardingStep::profile;
  return c;
}

Command complete(const Builder& b, bool skip_tutorial) {
  Command c = b.command(Action::onboarding_complete, kWorker);
  c.skip_tutorial = skip_tutorial;
  return c;
}

void look(Builder& b) {
  for (const Action read : {Action::onboarding_get_progress, Action::user_get_profile,
                            Action::eligibility_get_profile, Action::eligibility_check})
    b.then(read, kWorker);
}

// Some of the steps, from another one each time; the end is asked for with and without the tutorial, and once
// it has come nothing is done twice.
Drill newcomer(unsigned taken, Instant start) {
  Builder b("newcomers", fmt::format("steps {:04b}", taken), start);
  b.with(kWorker, &model::User::onboarding, std::uint8_t{0}).funded();
  look(b);
  for (std::size_t i = 0; i < kSteps; ++i) {
    const std::size_t which = (i + taken) % kSteps;
    if ((taken >> which & 1U) == 0) continue;
    b.then(step(b, which)).then(Action::onboarding_get_progress, kWorker);
  }
  // Twice: what may be left out of a call is left out by half of them.
  b.then(complete(b, false)).then(complete(b, false));
  look(b);
  b.then(Action::task_accept, kWorker).then(complete(b, true)).then(complete(b, true));
  for (std::size_t which = 0; which < kSteps; ++which) b.then(step(b, which));
  look(b);
  return b.then(Action::task_accept, kWorker).read().done();
}

}  // namespace

void add_newcomers(std::vector<Drill>& drills, Instant start) {
  for (unsigned taken = 0; taken < 1U << kSteps; ++taken) drills.push_back(newcomer(taken, start));
}

}  // namespace loadgen::drill
