// People who prove, lose and miss what tasks ask of them (eligibility.md): onboarding, verifications and
// their reviews, feeds, acceptances by the unqualified, instants around an expiry, revocations in flight.
// Each takes one step of a case and tells whether there was anything of the kind to do.
#pragma once

#include "sim/stage.h"

namespace sim {

// Whether a scenario is about eligibility at all: only then people and tasks differ in what they can and ask.
bool about_eligibility(const Scenario& scenario);

// Gives a worker a home, a tier, willingness, or leaves him a newcomer, as the scenario says.
void equip_worker(Stage& stage, model::User& worker);

// The state, category and answers of a task.
void place_task(Stage& stage, model::Command& posting);

bool move_credential(Stage& stage);  // a submission, a review, a step of onboarding, a look at them
bool qualify_somebody(Stage& stage, model::TaskId task);  // the next thing that a worker lacks for the task
bool look_at_feed(Stage& stage);                          // feed.get, then checks of what it may show
bool try_unqualified(Stage& stage);   // an acceptance by somebody whom the task does not admit
bool meet_expiry(Stage& stage);       // a moment before, at or after the end of a credential
bool revoke_in_flight(Stage& stage);  // a revocation while its owner accepts and looks

}  // namespace sim
