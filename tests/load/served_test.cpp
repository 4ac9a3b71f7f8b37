// hustle load --scenario against a server that the test holds: by other ways than plain TCP, and with rules
// broken underneath it.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <pqxx/pqxx>
#include <set>
#include <string>

#include "loadgen/environment/environment.h"
#include "tests/load/command.h"
#include "tests/load/front.h"

namespace {

using load_test::expect_code;
using load_test::Front;
using load_test::Json;
using load_test::Ran;

class LoadOfAServer : public load_test::OutFolder {
 protected:
  LoadOfAServer() : environment_(loadgen::boot(options())) {}

  Ran run(const std::string& target, const std::string& flags,
          const std::string& scenario = "load_smoke") const {
    return load_test::hustle("load --scenario " + scenario +
                             " --seed 5 --quiet --time 4s --warmup 1s --out " + out_.string() + " --target " +
                             target + " --database '" + environment_.database() + "' --providers " +
                             environment_.providers() + flags);
  }
  void change(const std::string& sql) const {
    pqxx::connection connection(environment_.database());
    pqxx::nontransaction(connection).exec(sql);
  }
  void replace_feed(const std::string& query) const {
    change(
        "ALTER FUNCTION api.feed_page RENAME TO feed_page_kept; CREATE FUNCTION api.feed_page(p_user_id "
        "uuid, "
        "p_active boolean, p_live_state text, p_now timestamptz, p_mode text, p_lat float8, p_lng float8, "
        "p_miles float8, p_after_at timestamptz, p_after_id uuid, p_limit integer) RETURNS SETOF tasks "
        "LANGUAGE sql STABLE AS '" +
        query + "'");
  }
  // "journey.feed: unexpected outcome", of all phases.
  std::set<std::string> failures() const {
    std::set<std::string> out;
    for (const Json& one : report()["procedures"]) {
      for (const Json& fault : one["faults"])
        out.insert(one["name"].get<std::string>() + ": " + fault["fault"].get<std::string>());
    }
    return out;
  }
  static loadgen::EnvironmentOptions options() {
    loadgen::EnvironmentOptions options;
    options.test_clock = false;
    options.object_store = false;
    options.harness = HUSTLE_BINARY;
    options.server = HUSTLE_SERVER_BINARY;
    return options;
  }
  loadgen::Environment environment_;
};

TEST_F(LoadOfAServer, BehindAUnixSocketAndBehindTlsIsCheckedAndAuditedAsEverywhere) {
  const net::Url server = net::parse_url(environment_.target()).value();
  for (const Front::Kind kind : {Front::Kind::unix_socket, Front::Kind::tls}) {
    const Front front(kind, server);
    const Ran ran = run(front.target(), " --connections 8 --insecure --threshold 'errors == 0 %'");
    const Json report = this->report();
    EXPECT_EQ(report["audits"]["done"], true) << ran.text;
    EXPECT_EQ(failures(), std::set<std::string>{}) << ran.text;
    EXPECT_GT(report["phases"]["measure"]["ok"], 100) << ran.text;
    clear();
  }
}

// eligibility.md, core law: what a worker may take is in his feed, and nothing else.
TEST_F(LoadOfAServer, AFeedThatHidesATaskIsAnUnexpectedOutcome) {
  replace_feed("SELECT * FROM tasks WHERE false");
  const Ran ran = run(environment_.target(), "");
  EXPECT_TRUE(failures().contains("feed.get: unexpected outcome")) << ran.text;
}

TEST_F(LoadOfAServer, AFeedThatShowsWhatNobodyMayTakeIsAWrongBody) {
  replace_feed("SELECT * FROM tasks ORDER BY created_at DESC, id DESC LIMIT p_limit");
  const Ran ran = run(environment_.target(), "");
  EXPECT_TRUE(failures().contains("feed.get: wrong body")) << ran.text;
}

// eligibility.md §4.4: every change of a record recomputes the profile in its transaction.
TEST_F(LoadOfAServer, AProfileThatIsNotRecomputedIsAnUnexpectedOutcome) {
  change("ALTER TABLE license_verifications DISABLE TRIGGER license_recompute");
  const std::filesystem::path folder = out_.string() + "-scenario", scenario = folder / "credentials.json";
  std::filesystem::create_directory(folder);
  std::ofstream(scenario) << R"({"name": "credentials", "summary": "s", "explanation": "e", "load": {
    "phases": [{"name": "m", "kind": "measure", "seconds": 4, "rate": 40}], "people": {"posters": 16},
    "populations": [{"name": "p", "share": 1, "journeys": {"recompute": 1}}]}})";
  const Ran ran = run(environment_.target(), "", scenario.string());
  std::filesystem::remove_all(folder);
  EXPECT_TRUE(failures().contains("eligibility.getProfile: unexpected outcome")) << ran.text;
}

}  // namespace
