// The table's part on load: phases, populations, people, thresholds.
#include <array>
#include <nlohmann/json.hpp>

#include "sim/scenario_table.h"

namespace sim {
namespace {

using nlohmann::json;

Load& load_of(Scenario& scenario) {
  return *scenario.load;
}

template <auto Member>
void set_phase(Scenario& scenario, const json& from) {
  from.get_to(load_of(scenario).phases.back().*Member);
}
template <auto Member>
void set_population(Scenario& scenario, const json& from) {
  from.get_to(load_of(scenario).populations.back().*Member);
}
template <std::size_t Index>
void set_weight(Scenario& scenario, const json& from) {
  from.get_to(load_of(scenario).populations.back().weights[Index]);
}
template <auto Member>
void set_people(Scenario& scenario, const json& from) {
  from.get_to(load_of(scenario).people.*Member);
}
template <auto Member>
void set_load(Scenario& scenario, const json& from) {
  from.get_to(load_of(scenario).*Member);
}

constexpr std::array kPhases{ScenarioField{.name = "name",
                                           .required = true,
                                           .min = 1,
                                           .max = 40,
                                           .says = "what reports and thresholds call it",
                                           .set = set_phase<&LoadPhase::name>},
                             ScenarioField{.name = "kind",
                                           .shape = Shape::choice,
                                           .required = true,
                                           .says = "figures and thresholds are of \"measure\"",
                                           .set = set_phase<&LoadPhase::kind>,
                                           .choices = kPhaseKinds},
                             ScenarioField{.name = "seconds",
                                           .shape = Shape::number,
                                           .required = true,
                                           .max = 86'400,
                                           .says = "how long it lasts",
                                           .set = set_phase<&LoadPhase::seconds>},
                             ScenarioField{.name = "arrivals",
                                           .shape = Shape::choice,
                                           .says = "how journeys arrive; poisson when left out",
                                           .set = set_phase<&LoadPhase::arrivals>,
                                           .choices = kArrivalNames},
                             ScenarioField{.name = "rate",
                                           .shape = Shape::number,
                                           .max = 1'000'000,
                                           .says = "journeys that arrive per second, the highest of the "
                                                   "curve; left out when everybody is a user",
                                           .set = set_phase<&LoadPhase::rate>}};

template <Journey Which>
constexpr ScenarioField weight(std::string_view says) {
  return {.name = name(Which),
          .shape = Shape::integer,
          .max = 1000,
          .says = says,
          .set = set_weight<static_cast<std::size_t>(Which)>};
}

constexpr std::array kWeights{
    weight<Journey::read>("one task is read"),
    weight<Journey::feed>("a worker's feed is read"),
    weight<Journey::recompute>(
        "a credential changes its state and the capability profile with it, which is read"),
    weight<Journey::browse>("a worker's feed and a task; its poster's tasks, escrow and profile"),
    weight<Journey::post>("a task is created and left alone"),
    weight<Journey::post_and_fund>("a task is created and paid for, until the escrow shows FUNDED"),
    weight<Journey::accept>("a worker takes a funded task"),
    weight<Journey::prove>("the worker hands in a proof"),
    weight<Journey::review>("the poster accepts the proof and completes, or rejects"),
    weight<Journey::dispute>("the poster disputes, an admin decides"),
    weight<Journey::cancel>("the poster gives an open task up"),
    weight<Journey::webhook_storm>("a payment event is delivered again, three times and once forged")};

constexpr std::array kPopulations{ScenarioField{.name = "name",
                                                .required = true,
                                                .min = 1,
                                                .max = 40,
                                                .says = "what reports call it",
                                                .set = set_population<&Population::name>},
                                  ScenarioField{.name = "share",
                                                .shape = Shape::number,
                                                .max = 1'000'000,
                                                .says = "of the journeys that arrive, relative to the other "
                                                        "populations; or else users",
                                                .set = set_population<&Population::share>},
                                  ScenarioField{.name = "users",
                                                .shape = Shape::integer,
                                                .min = 1,
                                                .max = 100'000,
                                                .says = "closed loop: so many people, each with one journey "
                                                        "after another",
                                                .set = set_population<&Population::users>},
                                  ScenarioField{.name = "think_seconds",
                                                .shape = Shape::number,
                                                .max = 86'400,
                                                .says = "of a user between two journeys, on average; none "
                                                        "when left out",
                                                .set = set_population<&Population::think_seconds>},
                                  ScenarioField{.name = "journeys",
                                                .shape = Shape::object,
                                                .required = true,
                                                .says = "relative weights of what they come to do",
                                                .members = kWeights}};

constexpr std::array kPeople{ScenarioField{.name = "posters",
                                           .shape = Shape::integer,
                                           .min = 16,
                                           .max = 100'000,
                                           .says = "accounts that post",
                                           .set = set_people<&LoadPeople::posters>},
                             ScenarioField{.name = "workers",
                                           .shape = Shape::integer,
                                           .min = 16,
                                           .max = 100'000,
                                           .says = "accounts that work, each on one task at a time",
                                           .set = set_people<&LoadPeople::workers>}};

constexpr std::array kLoad{
    ScenarioField{.name = "phases",
                  .shape = Shape::object_list,
                  .required = true,
                  .says = "one after another",
                  .members = kPhases,
                  .set = [](Scenario& s, const json&) { load_of(s).phases.emplace_back(); }},
    ScenarioField{.name = "populations",
                  .shape = Shape::object_list,
                  .required = true,
                  .says = "who comes, and for what",
                  .members = kPopulations,
                  .set = [](Scenario& s, const json&) { load_of(s).populations.emplace_back(); }},
    ScenarioField{
        .name = "people", .shape = Shape::object, .says = "how many accounts there are", .members = kPeople},
    ScenarioField{
        .name = "thresholds",
        .shape = Shape::text_list,
        .says = "such as \"task.getById p95 < 200 ms\", \"measure: errors < 1 %\", \"findings == 0\"",
        .set = set_load<&Load::thresholds>},
    ScenarioField{.name = "abort",
                  .shape = Shape::boolean,
                  .says = "end the run at the first threshold that is crossed",
                  .set = set_load<&Load::abort>}};

}  // namespace

constinit const ScenarioField kLoadField{.name = "load",
                                         .shape = Shape::object,
                                         .says = "journeys for `hustle load --scenario`",
                                         .members = kLoad,
                                         .set = [](Scenario& s, const json&) { s.load.emplace(); }};

}  // namespace sim
