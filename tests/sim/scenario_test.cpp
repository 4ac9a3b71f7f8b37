#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "sim/scenario.h"
#include "sim/seattle.h"

namespace sim {
namespace {

const std::string kFolder = std::string(HUSTLE_SOURCE_DIR) + "/scenarios";

std::string with(const std::string& more) {
  return R"({"name":"x","summary":"s","explanation":"e","steps":{"progress":1})" + more + "}";
}

std::string error_of(const std::string& text) {
  const auto scenario = parse_scenario(text);
  return scenario ? "accepted" : scenario.error();
}

TEST(Scenario, MistakesNameThePathAndWhatWasExpected) {
  EXPECT_EQ(error_of("not json"), "scenario: expected JSON, got something else in line 1");
  EXPECT_EQ(error_of("{\n \"name\": \"x\",\n}"), "scenario: expected JSON, got something else in line 3");
  EXPECT_EQ(error_of(""), "scenario: expected JSON, got something else in line 1");
  EXPECT_EQ(error_of("[1]"), "scenario: expected an object, got [1]");
  EXPECT_EQ(error_of(R"({"name":"x","summary":"s","explanation":"e"})"),
            "steps: missing (relative weights of what happens next)");
  EXPECT_EQ(
      error_of(with(R"(,"phases":[{"name":"a","hours":1,"rate":2},{"name":"b","hours":1,"rate":"x"}])")),
      R"(phases[1].rate: expected a number > 0, got "x")");
  EXPECT_EQ(error_of(with(R"(,"phases":[{"name":"a","hours":1}])")),
            "phases[0].rate: missing (new tasks per hour)");
  EXPECT_EQ(error_of(with(R"(,"people":{"posters":{"min":3,"max":1}})")),
            "people.posters.max: expected at least min (3), got 1");
  EXPECT_EQ(error_of(with(R"(,"people":{"posters":4})")),
            "people.posters: expected an object with min and max, got 4");
  EXPECT_EQ(error_of(with(R"(,"people":{"workers":{"min":1}})")), "people.workers.max: missing");
  EXPECT_EQ(error_of(with(R"(,"tasks":{"price":{"min":499,"max":600}})")),
            "tasks.price.min: expected an integer from 500 to 100000000, got 499");
  EXPECT_EQ(error_of(with(R"(,"tasks":{"live_percent":101})")),
            "tasks.live_percent: expected an integer from 0 to 100, got 101");
  EXPECT_EQ(error_of(with(R"(,"tasks":{"live_percent":1.5})")),
            "tasks.live_percent: expected an integer from 0 to 100, got 1.5");
  EXPECT_EQ(error_of(with(R"(,"needs":{"clock":1,"processor_events":true})")),
            "needs.clock: expected true or false, got 1");
  EXPECT_EQ(error_of(with(R"(,"races":{"group":{"min":2,"max":7}})")),
            "races.group.max: expected an integer from 2 to 6, got 7");
  EXPECT_TRUE(error_of(with(R"(,"races":{"which":["accept_accept","accept_all"]})"))
                  .starts_with("races.which[1]: expected one of accept_accept, accept_cancel"));
  EXPECT_TRUE(
      error_of(with(R"(,"poeple":{})")).starts_with("poeple: unknown field, expected one of name, summary"));
  EXPECT_TRUE(error_of(with(R"(,"people":{"poster":{}})"))
                  .starts_with("people.poster: unknown field, expected one of posters"));
}

TEST(Scenario, FieldsThatContradictEachOtherAreRefused) {
  EXPECT_EQ(error_of(R"({"name":"x","summary":"s","explanation":"e","steps":{"progress":0}})"),
            "steps: expected at least one weight above 0, got none");
  EXPECT_EQ(error_of(R"({"name":"x","summary":"s","explanation":"e","steps":{"expiry":1}})"),
            "needs.clock: expected true because steps.expiry or steps.review_timeout is above 0, got false");
}

TEST(Scenario, UnknownNamesListWhatThereIs) {
  const auto scenario = load_scenario("happy_pth", kFolder);
  ASSERT_FALSE(scenario.has_value());
  EXPECT_TRUE(
      scenario.error().starts_with("scenario happy_pth: unknown, expected one of bad_inputs, beta_limits"));
  EXPECT_EQ(load_scenario("/nowhere/x.json", kFolder).error(),
            "/nowhere/x.json: expected a scenario file, found none");
}

TEST(Scenario, EveryFileIsValidAndExplainsItself) {
  const std::vector<std::string> names = scenario_names(kFolder);
  EXPECT_EQ(names, (std::vector<std::string>{"bad_inputs",
                                             "beta_limits",
                                             "cancellation",
                                             "disputes",
                                             "double_webhooks",
                                             "expired_credentials",
                                             "expiry",
                                             "freeze",
                                             "happy_path",
                                             "load_nominal",
                                             "load_readers",
                                             "load_smoke",
                                             "load_soak",
                                             "load_spike",
                                             "load_stress",
                                             "load_users",
                                             "payouts",
                                             "races",
                                             "reused_photos",
                                             "review_timeout",
                                             "seattle_beta_day",
                                             "seed_mix",
                                             "spoofed_gps",
                                             "stolen_identity",
                                             "task_spam",
                                             "tour",
                                             "unqualified_workers",
                                             "webhook_disorder",
                                             "wrong_actors",
                                             "xp_farming"}));
  for (const std::string& name : names) {
    const auto scenario = load_scenario(name, kFolder);
    ASSERT_TRUE(scenario.has_value()) << scenario.error();
    const std::string text = explain_scenario(*scenario);
    EXPECT_NE(text.find(scenario->summary), std::string::npos) << text;
    EXPECT_NE(text.find("Out of 100 steps"), std::string::npos) << text;
  }
}

TEST(Scenario, TheSchemaFileIsWhatTheTablePrints) {
  std::ifstream file(kFolder + "/scenario.schema.json");
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_EQ(text.str(), scenario_schema())
      << "print it again: hustle scenarios schema > scenarios/scenario.schema.json";
}

TEST(Races, TheListIsTheSpecificationsAndEveryOneIsExplained) {
  std::set<std::string_view> sentences;
  for (std::size_t i = 0; i < kRaceNames.size(); ++i) sentences.insert(sentence(static_cast<Race>(i)));
  EXPECT_EQ(sentences.size(), 14u);
}

TEST(Seattle, EveryPlaceLiesInItsZone) {
  std::set<std::string_view> zones;
  for (std::uint64_t number = 0; number < 5000; ++number) {
    const PlaceInZone place = place_of(number);
    zones.insert(place.zone->slug);
    ASSERT_TRUE(place.zone->box.contains(place.place.latitude_e7, place.place.longitude_e7)) << number;
  }
  EXPECT_EQ(zones.size(), 12u);
}

}  // namespace
}  // namespace sim
