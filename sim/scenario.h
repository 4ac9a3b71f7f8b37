// A scenario: who lives in Seattle, what they do and what goes wrong, as data. It is read from JSON
// (scenarios/*.json); sim/scenario_table.h holds the one table from which parser, schema and documentation
// come.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/load.h"
#include "sim/races.h"

namespace sim {

struct Range {  // inclusive
  std::int64_t min = 0;
  std::int64_t max = 0;
};

// Percentages are of the people they name; everybody else is an ordinary account in good standing.
struct People {
  Range posters{1, 2};
  Range workers{1, 3};
  Range admins{1, 1};
  std::int64_t suspended_percent = 0;  // workers and posters that may look but not act (HX602)
  std::int64_t paused_percent = 0;
  std::int64_t unpaid_percent = 0;     // workers without a connected account (decision 5)
  std::int64_t verified_percent = 50;  // is_verified: one of the two conditions of tier 2
  std::int64_t live_percent = 30;      // workers whose live state is ACTIVE (HX903 otherwise)
  // Only for scenarios with steps of eligibility:
  std::int64_t newcomer_percent = 0;   // workers before onboarding: no capability profile
  std::int64_t senior_percent = 0;     // workers that start at tier 2 to 4
  std::int64_t elsewhere_percent = 0;  // workers whose home is another state
  std::int64_t willing_percent = 0;    // workers willing to do everything; the others draw each flag
};

struct Jobs {  // the tasks that are posted
  Range count{1, 2};
  Range price{500, 20'000};             // cents
  std::int64_t odd_cents_percent = 50;  // prices that are not whole dollars
  std::int64_t live_percent = 10;       // LIVE instead of STANDARD
  std::int64_t without_proof_percent = 5;
  Range deadline_hours{1, 72};
  std::int64_t trade_percent = 0;  // tasks of a category with a trade
  std::int64_t risky_percent = 0;  // of them, with answers that may raise the risk
};

// Relative weights of what happens next; what a scenario leaves out does not happen.
struct Steps {
  std::int64_t progress = 0;  // the next sensible step of a task
  std::int64_t cancel = 0;    // task.cancel by its poster or an admin
  std::int64_t dispute = 0;
  std::int64_t read = 0;         // queries by people who may and may not see the answer
  std::int64_t wrong_actor = 0;  // a sensible call by somebody who may not make it
  std::int64_t wrong_state = 0;  // any call by any role, whatever the state is
  std::int64_t unknown_id = 0;
  std::int64_t bad_credential = 0;
  std::int64_t bad_input = 0;
  std::int64_t race = 0;             // a group of calls at the same moment
  std::int64_t webhook_trouble = 0;  // redelivery, forged, stale, wrong amount, unknown type
  std::int64_t expiry = 0;           // the deadline passes and the job runs
  std::int64_t review_timeout = 0;   // 48 hours pass and the job runs (decisions 3 and 4)
  std::int64_t payout = 0;       // transfer.created arrives, the transfer job runs, money calls are repeated
  std::int64_t credential = 0;   // onboarding, a verification or its review moves on
  std::int64_t feed = 0;         // somebody looks at his feed
  std::int64_t unqualified = 0;  // a task is accepted by somebody whom it does not admit
  std::int64_t credential_expiry = 0;  // the instants around the end of a credential
  std::int64_t revocation = 0;         // a credential is revoked while its owner accepts
};

struct Reviews {  // relative weights of the poster's verdict on a proof, and of an admin's on a dispute
  std::int64_t accept = 4;
  std::int64_t reject = 1;
  std::int64_t hustler_wins = 1;
  std::int64_t client_wins = 1;
  std::int64_t split = 3;  // the one with arithmetic
};

struct Proofs {                          // percent of submissions
  std::int64_t spoofed_percent = 0;      // with a fix that is a lie
  std::int64_t false_photo_percent = 0;  // with photos that were used before, or are none
};

struct Payments {                      // percent of first payments
  std::int64_t duplicate_percent = 0;  // the event is delivered again at once
  std::int64_t parallel_percent = 0;   // ... or twice at the same moment
  std::int64_t forged_percent = 0;     // a refused delivery goes first
  std::int64_t late_percent = 0;       // the payer cancels the task before the event arrives (decision 6)
  std::int64_t canceled_percent = 0;   // the processor gives the intent up
};

struct Races {
  std::vector<Race> which;           // empty: all of them
  Range group{2, 4};                 // calls at the same moment
  std::int64_t random_percent = 20;  // groups of any calls instead of a named race
};

struct Phase {  // a part of a compressed day
  std::string name;
  double hours = 0;
  double rate = 0;  // new tasks per hour
};

struct Needs {
  bool clock = false;            // a target that takes the time from the harness and runs jobs on request
  bool processor_events = true;  // payment events
};

struct Scenario {
  std::string name;
  std::string summary;               // one line
  std::string explanation;           // what it is for, in sentences
  bool tour = false;                 // walks through the small world instead of people who live (tour.h)
  bool told = false;                 // the choices are a story, call by call (story.h), not draws
  std::vector<std::uint32_t> story;  // told: the choices of every case, unless a finding brings its own
  People people;
  Jobs tasks;
  Steps steps;
  Reviews reviews;
  Payments payments;
  Proofs proofs;
  Races races;
  std::int64_t pause_seconds = 60;  // longest pause between two steps
  std::vector<Phase> phases;        // empty: tasks are posted as they come
  Range commands{12, 40};           // length of one case, closing reads not counted
  Needs needs;
  std::optional<Load> load;  // for `hustle load --scenario`; then steps may be left out
};

// `text` is JSON; the error is one line that names the path: `phases[1].rate: expected a number > 0, got
// "x"`.
std::expected<Scenario, std::string> parse_scenario(std::string_view text);

// `name_or_path`: a name of `folder` ("races"), "story" (an empty one, for findings that bring their
// choices), or the path of a .json file.
std::expected<Scenario, std::string> load_scenario(const std::string& name_or_path,
                                                   const std::string& folder);
std::vector<std::string> scenario_names(const std::string& folder);  // sorted

std::string scenario_schema();  // JSON Schema 2020-12, the text of scenarios/scenario.schema.json
std::string explain_scenario(const Scenario& scenario);  // several lines of plain English
std::string explain_load(const Load& load);              // the same of its load part

}  // namespace sim
