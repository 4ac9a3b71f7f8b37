// Risk of people (safety-and-abuse.md §3, ELG-16): factors at their edges, bands and what they do, who may
// accept, whose word closes a score. Compared with model/rules.
#include <array>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "loadgen/encode.h"
#include "loadgen/side/safety_stage.h"
#include "loadgen/side/side_checks.h"
#include "model/rules/risk.h"

namespace loadgen {
namespace {

using model::rules::RiskFacts;
using model::rules::RiskScore;
using nlohmann::json;

constexpr std::string_view kSpec = "safety-and-abuse.md §3";
constexpr model::Millis kOld = 60 * model::kDay;

// Each edge of each factor from either side, and the sums at the edges of the bands.
constexpr std::array kPeople{
    RiskFacts{.age = kOld, .identity_verified = true},
    RiskFacts{.age = kOld},
    RiskFacts{.age = model::kDay - 1, .identity_verified = true},
    RiskFacts{.age = model::kDay, .identity_verified = true},
    RiskFacts{.age = 7 * model::kDay - 1, .identity_verified = true},
    RiskFacts{.age = 7 * model::kDay, .identity_verified = true},
    RiskFacts{.age = 30 * model::kDay - 1, .identity_verified = true},
    RiskFacts{.age = 30 * model::kDay, .identity_verified = true},
    RiskFacts{.age = kOld, .identity_verified = true, .devices = 3, .addresses = 5},
    RiskFacts{.age = kOld, .identity_verified = true, .devices = 4, .addresses = 5},
    RiskFacts{.age = kOld, .identity_verified = true, .devices = 3, .addresses = 6},
    RiskFacts{.age = kOld, .identity_verified = true, .chargebacks = 1},  // .30 MEDIUM
    RiskFacts{.age = kOld, .identity_verified = true, .chargebacks = 2},
    RiskFacts{.age = kOld, .identity_verified = true, .chargebacks = 3},
    RiskFacts{.age = kOld, .identity_verified = true, .card_risk = 70},
    RiskFacts{.age = kOld, .identity_verified = true, .card_risk = 71},
    RiskFacts{.age = 20 * model::kDay, .identity_verified = true, .devices = 4},           // .25 LOW
    RiskFacts{.age = 0, .devices = 4},                                                     // .55 MEDIUM
    RiskFacts{.age = kOld, .identity_verified = true, .chargebacks = 1, .card_risk = 71},  // .60 HIGH
    RiskFacts{.age = 20 * model::kDay, .identity_verified = true, .chargebacks = 3},       // .75 HIGH
    RiskFacts{.age = 3 * model::kDay, .identity_verified = true, .chargebacks = 3},        // .80 CRITICAL
    RiskFacts{.age = 0, .devices = 9, .addresses = 9, .chargebacks = 9, .card_risk = 100}};

class Risk {
 public:
  explicit Risk(const SafetyStage& stage)
      : stage_(stage), client_(stage.client()), people_(stage.people(6, 31)) {}

  void run() {
    factors();
    rates();
    gate();
    open_scores();
    own_score();
  }

 private:
  bool expect(std::string_view rule, const std::string& what, const std::string& expected,
              const std::string& observed) {
    return stage_.expect("safety risk", rule, kSpec, what, expected, observed);
  }
  const Person& worker() { return people_.workers.at(used_++); }
  void tick() { client_.now = client_.now + model::kSecond; }

  // ---- the score ----

  Reply assess(const Person& person, const Person& by) {
    return client_.call("admin.assessRisk",
                        json{{"user_id", person.id}, {"reason", "A routine look."}}.dump(), by.token);
  }
  static std::string text_of(const RiskScore& s) {
    return fmt::format("{} = account {}, behaviour {}, payment {}, identity {}; weighted {}; {}", s.score,
                       s.account, s.behaviour, s.payment, s.identity, s.weighted,
                       model::rules::level_name(s.score));
  }
  static std::string text_of(const Reply& reply) {
    if (!reply.ok()) return code_told(reply);
    const auto part = [&](const char* name) { return reply.text(name); };
    return fmt::format("{} = account {}, behaviour {}, payment {}, identity {}; weighted {}; {}",
                       part("/result/data/score"), part("/result/data/components/account"),
                       part("/result/data/components/behaviour"), part("/result/data/components/payment"),
                       part("/result/data/components/identity"), part("/result/data/weighted"),
                       part("/result/data/level"));
  }
  void is_known(const Person& person, const RiskFacts& facts) {
    client_.sql(
        fmt::format("UPDATE users SET created_at = '{}', is_verified = {}, verified_at = {} WHERE id = '{}'",
                    iso_text(client_.now + -facts.age), facts.identity_verified,
                    facts.identity_verified ? "'" + iso_text(client_.now) + "'" : "NULL", person.id));
    client_.sql(
        fmt::format("INSERT INTO user_risk_facts (user_id, devices, addresses, chargebacks, "
                    "card_risk_hundredths, updated_at)"
                    " VALUES ('{}', {}, {}, {}, {}, '{}')",
                    person.id, facts.devices, facts.addresses, facts.chargebacks, facts.card_risk,
                    iso_text(client_.now)));
  }

  // No row tells of a day that has not come yet.
  void as_old_as_he_is(const Person& person) {
    client_.sql(fmt::format("UPDATE users SET created_at = now() WHERE id = '{}'", person.id));
  }

  // T-SAF-19: sums, bands and what CRITICAL does, with the row that stays.
  void factors() {
    for (const RiskFacts& facts : kPeople) {
      const Person& person = worker();
      tick();
      is_known(person, facts);
      const RiskScore due = model::rules::risk_of(facts);
      const Reply reply = assess(person, people_.banner);
      const std::string what =
          fmt::format("risk of an account {} ms old, {}, {} devices, {} addresses, {} chargebacks, card {}",
                      facts.age, facts.identity_verified ? "verified" : "unverified", facts.devices,
                      facts.addresses, facts.chargebacks, facts.card_risk);
      expect("fraud score", what, text_of(due), text_of(reply));
      expect("fraud score", what + ", its row",
             fmt::format("{} {} {} active", due.score, due.weighted, model::rules::level_name(due.score)),
             client_.sql(fmt::format(
                 "SELECT (risk_score * 100)::integer || ' ' || (component_scores->>'weighted') || ' ' || "
                 "risk_level ||"
                 " ' ' || status FROM fraud_risk_scores WHERE entity_type = 'user' AND entity_id = '{}'",
                 person.id)));
      as_old_as_he_is(person);
      const bool suspended = model::rules::suspends(due.score);
      expect("HX913", what + ", the account", suspended ? "SUSPENDED" : "ACTIVE", standing_of(person));
      if (suspended) reviewed(person, reply.text("/result/data/score_id"));
    }
    lapsed();
  }
  // SAF-3: whose suspension has ended by itself is as active as anybody, whatever his row still says.
  void lapsed() {
    const auto critical = std::ranges::find_if(kPeople, [](const RiskFacts& facts) {
      return model::rules::suspends(model::rules::risk_of(facts).score);
    });
    const Person& person = worker();
    tick();
    is_known(person, *critical);
    client_.sql(
        fmt::format("UPDATE users SET account_status = 'SUSPENDED', suspended_until = '{}' WHERE id = '{}'",
                    iso_text(client_.now + -model::kHour), person.id));
    expect("HX913", "a CRITICAL score of somebody whose suspension is over", "ok",
           code_told(assess(person, people_.banner)));
    as_old_as_he_is(person);
    expect("HX913", "his change of a name", "403 HX602",
           code_told(client_.call("user.updateProfile", R"({"full_name":"Ana Adams"})", person.token)));
  }
  std::string standing_of(const Person& person) {
    return client_.sql(fmt::format("SELECT account_status FROM users WHERE id = '{}'", person.id));
  }

  // What a human says about a CRITICAL score: only dismissed, the suspension ends.
  void reviewed(const Person& person, const std::string& score) {
    for (const std::string_view decision : {"reviewed", "dismissed", "resolved"}) {
      tick();
      const Reply reply =
          client_.call("admin.reviewRisk",
                       json{{"score_id", score}, {"decision", decision}, {"notes", "It was a drill."}}.dump(),
                       people_.banner.token);
      expect("fraud score", fmt::format("a CRITICAL score is {}", decision),
             decision == "resolved" ? "409 CONFLICT" : "ok", code_told(reply));
      expect("fraud score", fmt::format("the account when its score is {}", decision),
             decision == "reviewed" ? "SUSPENDED" : "ACTIVE", standing_of(person));
    }
  }

  // Rates of disputes and completions, task by task.
  void rates() {
    const Person& person = worker();
    RiskFacts facts{.age = kOld, .identity_verified = true};
    is_known(person, facts);
    constexpr std::string_view kStory = "cccxdxxxxxdc";  // completed, cancelled, disputed
    for (std::size_t i = 0; i < kStory.size(); ++i) {
      tick();
      const Person& poster = people_.posters[i % 4];
      const bool disputed = kStory[i] == 'd', cancelled = kStory[i] == 'x';
      const SideTask task = drive_task(client_, poster, person,
                                       disputed    ? Stop::disputed
                                       : cancelled ? Stop::accepted
                                                   : Stop::reviewed);
      const std::string about = json{{"task_id", task.id}}.dump();
      if (!disputed) client_.call(cancelled ? "task.cancel" : "task.complete", about, poster.token);
      ++facts.tasks;
      facts.disputed += disputed ? 1 : 0;
      facts.ended += disputed ? 0 : 1;
      facts.completed += disputed || cancelled ? 0 : 1;
      tick();
      expect("fraud score", fmt::format("risk after the tasks {}", kStory.substr(0, i + 1)),
             text_of(model::rules::risk_of(facts)), text_of(assess(person, people_.banner)));
    }
  }

  // ---- who may accept ----

  void score_row(const Person& person, int hundredths, model::Instant at, std::string_view more = "") {
    stage_.log.note_instant(at);
    client_.sql(
        fmt::format("INSERT INTO fraud_risk_scores (entity_type, entity_id, risk_score, risk_level, "
                    "calculated_at, status,"
                    " expires_at) VALUES ('user', '{}', {}, '{}', '{}', {})",
                    person.id, hundredths / 100.0, model::rules::level_name(hundredths), iso_text(at),
                    more.empty() ? "'active', NULL" : more));
  }
  // Accept, check and feed tell the same about this worker.
  void judged_by(const Person& person, int open, const std::string& what) {
    tick();
    const SideTask task = drive_task(client_, people_.posters[5], person, Stop::funded);
    const std::string about = json{{"task_id", task.id}}.dump();
    const bool may = model::rules::may_accept(open);
    const Reply check = client_.call("eligibility.check", about, person.token);
    const Reply feed = client_.call("feed.get", R"({"limit":100})", person.token);
    expect("ELG-16", what + ", check and feed", may ? "true, shown" : "false, hidden",
           fmt::format("{}, {}", check.text("/result/data/eligible"),
                       feed.body.find(task.id) != std::string::npos ? "shown" : "hidden"));
    expect("ELG-16", what,
           may                            ? "ok"
           : model::rules::suspends(open) ? "409 HX913"
                                          : "409 HX912",
           code_told(client_.call("task.accept", about, person.token)));
    client_.call("task.cancel", about, people_.posters[5].token);
  }

  void gate() {
    const Person& person = worker();
    for (const int score : {0, 29, 30, 59, 60, 70, 71, 79, 80, 100, 70}) {
      tick();
      score_row(person, score, client_.now);
      judged_by(person, score, fmt::format("a worker with a risk of {}", score));
    }
  }

  // The latest row counts, as long as it is open.
  void open_scores() {
    const Person& person = worker();
    tick();
    score_row(person, 90, client_.now);
    tick();
    score_row(person, 10, client_.now);
    judged_by(person, 10, "a worker whose earlier risk was higher");
    const model::Instant end = client_.now + model::kHour;
    tick();
    score_row(person, 90, client_.now, fmt::format("'active', '{}'", iso_text(end)));
    for (const model::Millis past : {-model::kSecond - 1, model::Millis{-1}, model::Millis{0}}) {
      // judged_by moves on by a second before it asks.
      client_.now = end + (past - model::kSecond);
      const bool open = client_.now + model::kSecond < end;
      judged_by(person, open ? 90 : 0, fmt::format("a worker {} ms from the end of his score", past));
    }
    for (const auto& [status, open] :
         {std::pair{"reviewed", true}, {"resolved", false}, {"active", true}, {"dismissed", false}}) {
      tick();
      score_row(person, 90, client_.now, fmt::format("'{}', NULL", status));
      judged_by(person, open ? 90 : 0, fmt::format("a worker whose score is {}", status));
    }
    client_.now = stage_.client().now;
  }

  // SAF-19.
  void own_score() {
    tick();
    expect("SAF-19", "an admin assesses himself", "403 HX503",
           code_told(assess(people_.banner, people_.banner)));
    const std::string score = assess(people_.banner, people_.founder).text("/result/data/score_id");
    tick();
    const auto review = [&](const Person& by) {
      return code_told(client_.call(
          "admin.reviewRisk",
          json{{"score_id", score}, {"decision", "dismissed"}, {"notes", "It was a drill."}}.dump(),
          by.token));
    };
    expect("SAF-19", "an admin reviews his own score", "403 HX503", review(people_.banner));
    expect("SAF-17", "an admin without the right reviews a score", "403 HX503", review(people_.clerk));
    expect("fraud score", "another admin reviews it", "ok", review(people_.founder));
  }

  const SafetyStage& stage_;
  SideClient client_;
  SafetyPeople people_;
  std::size_t used_ = 0;
};

}  // namespace

void check_risk(const SafetyStage& stage) {
  Risk(stage).run();
}

}  // namespace loadgen
