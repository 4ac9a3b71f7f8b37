#include "sim/scenario_table.h"

#include <nlohmann/json.hpp>

namespace sim {
namespace {

using nlohmann::json;

template <class T>
void read(T& into, const json& from) {
  into = from.get<T>();
}
void read(Range& into, const json& from) {
  into = {from.at("min").get<std::int64_t>(), from.at("max").get<std::int64_t>()};
}
void read(std::vector<Race>& into, const json& from) {
  into.clear();
  for (const json& each : from) {
    for (std::size_t i = 0; i < kRaceNames.size(); ++i) {
      if (kRaceNames[i] == each.get<std::string>()) into.push_back(static_cast<Race>(i));
    }
  }
}

template <auto Member>
void set(Scenario& scenario, const json& from) {
  read(scenario.*Member, from);
}
void set_story(Scenario& scenario, const json& from) {
  scenario.told = true;
  scenario.story = from.get<std::vector<std::uint32_t>>();
}
template <auto Outer, auto Inner>
void set(Scenario& scenario, const json& from) {
  read(scenario.*Outer.*Inner, from);
}
template <auto Inner>
void set_phase(Scenario& scenario, const json& from) {
  read(scenario.phases.back().*Inner, from);
}
void add_phase(Scenario& scenario, const json&) {
  scenario.phases.emplace_back();
}

template <auto Outer, auto Inner>
constexpr ScenarioField percent(std::string_view name, std::string_view says) {
  return {.name = name, .shape = Shape::integer, .max = 100, .says = says, .set = set<Outer, Inner>};
}
template <auto Outer, auto Inner>
constexpr ScenarioField weight(std::string_view name, std::string_view says) {
  return {.name = name, .shape = Shape::integer, .max = 1000, .says = says, .set = set<Outer, Inner>};
}
template <auto Outer, auto Inner>
constexpr ScenarioField range(std::string_view name, double min, double max, std::string_view says) {
  return {
      .name = name, .shape = Shape::range, .min = min, .max = max, .says = says, .set = set<Outer, Inner>};
}

constexpr auto P = &Scenario::people;
constexpr std::array kPeople{
    range<P, &People::posters>("posters", 1, 500, "users that post tasks"),
    range<P, &People::workers>("workers", 1, 500, "users that do tasks"),
    range<P, &People::admins>("admins", 0, 5, "admins; the first may resolve disputes and override escrows"),
    percent<P, &People::suspended_percent>("suspended_percent",
                                           "posters and workers whose account is SUSPENDED"),
    percent<P, &People::paused_percent>("paused_percent", "posters and workers whose account is PAUSED"),
    percent<P, &People::unpaid_percent>("unpaid_percent", "workers without a connected payout account"),
    percent<P, &People::verified_percent>("verified_percent", "workers that are verified"),
    percent<P, &People::live_percent>("live_percent", "workers whose live state is ACTIVE"),
    percent<P, &People::newcomer_percent>("newcomer_percent", "workers that have not been onboarded"),
    percent<P, &People::senior_percent>("senior_percent", "workers that start at tier 2 to 4"),
    percent<P, &People::elsewhere_percent>("elsewhere_percent", "workers whose home is another state"),
    percent<P, &People::willing_percent>("willing_percent", "workers that are willing to do everything")};

constexpr auto T = &Scenario::tasks;
constexpr std::array kTasks{
    range<T, &Jobs::count>("count", 1, 100, "tasks of one case"),
    range<T, &Jobs::price>("price", 500, 100'000'000, "price in cents"),
    percent<T, &Jobs::odd_cents_percent>("odd_cents_percent", "prices that are not whole dollars"),
    percent<T, &Jobs::live_percent>("live_percent", "tasks in mode LIVE"),
    percent<T, &Jobs::without_proof_percent>("without_proof_percent", "tasks with requires_proof false"),
    range<T, &Jobs::deadline_hours>("deadline_hours", 1, 720, "deadline after posting, in hours"),
    percent<T, &Jobs::trade_percent>("trade_percent", "tasks of a category with a trade"),
    percent<T, &Jobs::risky_percent>("risky_percent", "of them, with answers that may raise the risk")};

constexpr auto S = &Scenario::steps;
constexpr std::array kSteps{
    weight<S, &Steps::progress>("progress", "the next sensible step of a task"),
    weight<S, &Steps::cancel>("cancel", "cancellation by the poster or an admin"),
    weight<S, &Steps::dispute>("dispute", "a dispute by either party"),
    weight<S, &Steps::read>("read", "a query, allowed or not"),
    weight<S, &Steps::wrong_actor>("wrong_actor", "a sensible call by somebody who may not make it"),
    weight<S, &Steps::wrong_state>("wrong_state", "any call by any role in any state"),
    weight<S, &Steps::unknown_id>("unknown_id", "a call about something that does not exist"),
    weight<S, &Steps::bad_credential>("bad_credential", "a call without a token or with a bad one"),
    weight<S, &Steps::bad_input>("bad_input", "a call with one spoiled field"),
    weight<S, &Steps::race>("race", "several calls at the same moment"),
    weight<S, &Steps::webhook_trouble>("webhook_trouble",
                                       "a repeated, forged, stale or wrong delivery of a payment event"),
    weight<S, &Steps::expiry>("expiry", "the deadline passes and the expiry job runs"),
    weight<S, &Steps::review_timeout>("review_timeout", "48 hours pass and the review timeout job runs"),
    weight<S, &Steps::payout>("payout",
                              "transfer events, the transfer job, repeated release and refund calls"),
    weight<S, &Steps::credential>("credential", "onboarding, a verification or its review moves on"),
    weight<S, &Steps::feed>("feed", "somebody looks at the feed"),
    weight<S, &Steps::unqualified>("unqualified", "a task is accepted by somebody whom it does not admit"),
    weight<S, &Steps::credential_expiry>("credential_expiry", "the instants around the end of a credential"),
    weight<S, &Steps::revocation>("revocation", "a credential is revoked while its owner accepts a task")};

constexpr auto V = &Scenario::reviews;
constexpr std::array kReviews{
    weight<V, &Reviews::accept>("accept", "the poster accepts the proof"),
    weight<V, &Reviews::reject>("reject", "the poster rejects the proof"),
    weight<V, &Reviews::hustler_wins>("hustler_wins", "the dispute is won by the worker"),
    weight<V, &Reviews::client_wins>("client_wins", "the dispute is won by the poster"),
    weight<V, &Reviews::split>("split", "the money is split")};

constexpr auto F = &Scenario::proofs;
constexpr std::array kProofs{
    percent<F, &Proofs::spoofed_percent>("spoofed_percent", "submissions with a false or missing fix"),
    percent<F, &Proofs::false_photo_percent>("false_photo_percent",
                                             "submissions with reused, foreign, stale or spoiled photos")};

constexpr auto M = &Scenario::payments;
constexpr std::array kPayments{
    percent<M, &Payments::duplicate_percent>("duplicate_percent", "payment events delivered twice"),
    percent<M, &Payments::parallel_percent>("parallel_percent",
                                            "payment events delivered twice at the same moment"),
    percent<M, &Payments::forged_percent>("forged_percent",
                                          "payment events preceded by a delivery to be refused"),
    percent<M, &Payments::late_percent>("late_percent", "payments that arrive after the task was cancelled"),
    percent<M, &Payments::canceled_percent>("canceled_percent",
                                            "payment intents that the processor gives up")};

constexpr auto R = &Scenario::races;
constexpr std::array kRaces{
    ScenarioField{.name = "which",
                  .shape = Shape::race_list,
                  .says = "named races; all when left out",
                  .set = set<R, &Races::which>},
    range<R, &Races::group>("group", 2, 6, "calls at the same moment"),
    percent<R, &Races::random_percent>("random_percent", "groups of any calls instead of a named race")};

constexpr std::array kPhases{ScenarioField{.name = "name",
                                           .required = true,
                                           .min = 1,
                                           .max = 60,
                                           .says = "what this part of the day is called",
                                           .set = set_phase<&Phase::name>},
                             ScenarioField{.name = "hours",
                                           .shape = Shape::number,
                                           .required = true,
                                           .max = 48,
                                           .says = "how long it lasts",
                                           .set = set_phase<&Phase::hours>},
                             ScenarioField{.name = "rate",
                                           .shape = Shape::number,
                                           .required = true,
                                           .max = 1000,
                                           .says = "new tasks per hour",
                                           .set = set_phase<&Phase::rate>}};

constexpr auto N = &Scenario::needs;
constexpr std::array kNeeds{ScenarioField{.name = "clock",
                                          .shape = Shape::boolean,
                                          .says = "a target whose time the harness sets",
                                          .set = set<N, &Needs::clock>},
                            ScenarioField{.name = "processor_events",
                                          .shape = Shape::boolean,
                                          .says = "payment events",
                                          .set = set<N, &Needs::processor_events>}};

const std::array kScenario{
    ScenarioField{.name = "name",
                  .required = true,
                  .min = 1,
                  .max = 60,
                  .says = "equals the file's name",
                  .set = set<&Scenario::name>},
    ScenarioField{.name = "summary",
                  .required = true,
                  .min = 1,
                  .max = 120,
                  .says = "one line",
                  .set = set<&Scenario::summary>},
    ScenarioField{.name = "explanation",
                  .required = true,
                  .min = 1,
                  .max = 2000,
                  .says = "what it is for",
                  .set = set<&Scenario::explanation>},
    ScenarioField{.name = "tour",
                  .shape = Shape::boolean,
                  .says = "walks that meet every reachable situation; steps are not drawn",
                  .set = set<&Scenario::tour>},
    ScenarioField{.name = "story",
                  .shape = Shape::number_list,
                  .max = 4'294'967'295,
                  .says = "a finding's calls, as replay --export writes them; nothing else is played",
                  .set = set_story},
    ScenarioField{.name = "people", .shape = Shape::object, .says = "who takes part", .members = kPeople},
    ScenarioField{.name = "tasks", .shape = Shape::object, .says = "what is posted", .members = kTasks},
    ScenarioField{.name = "steps",
                  .shape = Shape::object,
                  .says = "relative weights of what happens next",
                  .members = kSteps},
    ScenarioField{.name = "reviews",
                  .shape = Shape::object,
                  .says = "relative weights of verdicts",
                  .members = kReviews},
    ScenarioField{.name = "proofs",
                  .shape = Shape::object,
                  .says = "who cheats with photos and position",
                  .members = kProofs},
    ScenarioField{.name = "payments",
                  .shape = Shape::object,
                  .says = "what goes wrong with first payments",
                  .members = kPayments},
    ScenarioField{
        .name = "races", .shape = Shape::object, .says = "calls at the same moment", .members = kRaces},
    ScenarioField{.name = "pause_seconds",
                  .shape = Shape::integer,
                  .max = 86'400,
                  .says = "longest pause between two steps",
                  .set = set<&Scenario::pause_seconds>},
    ScenarioField{.name = "phases",
                  .shape = Shape::object_list,
                  .says = "parts of a compressed day",
                  .members = kPhases,
                  .set = add_phase},
    ScenarioField{.name = "commands",
                  .shape = Shape::range,
                  .min = 1,
                  .max = 5000,
                  .says = "length of one case, closing reads not counted",
                  .set = set<&Scenario::commands>},
    ScenarioField{
        .name = "needs", .shape = Shape::object, .says = "what the target must offer", .members = kNeeds},
    kLoadField};

}  // namespace

std::span<const ScenarioField> scenario_fields() {
  return kScenario;
}

}  // namespace sim
