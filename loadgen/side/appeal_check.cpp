// Second thoughts (safety-and-abuse.md §1.2, §2.2): appeals and who decides them, strikes that are removed.
// What must follow is asked from model/rules, to the millisecond.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "loadgen/encode.h"
#include "loadgen/side/safety_stage.h"
#include "loadgen/side/side_checks.h"
#include "model/rules/appeals.h"
#include "model/rules/standing.h"

namespace loadgen {
namespace {

using model::rules::Decider;
using model::rules::Strike;
using nlohmann::json;

constexpr std::string_view kCounter = "safety appeals";
constexpr std::string_view kSpec = "safety-and-abuse.md §2.2";
constexpr std::string_view kRights =
    "INSERT INTO admin_roles (user_id, role, can_ban_users) VALUES ('{}', 'admin', true)";

std::string or_ok(std::string_view refusal) {
  return refusal.empty() ? "ok" : std::string(refusal);
}

class Appeals {
 public:
  explicit Appeals(const SafetyStage& stage)
      : stage_(stage), client_(stage.client()), people_(stage.people(48, 0)) {}

  void run() {
    windows();
    deciders();
    consequences();
    own_case();
    removals();
    own_strike();
  }

 private:
  bool expect(std::string_view rule, const std::string& what, const std::string& expected,
              const std::string& observed) {
    return stage_.expect(kCounter, rule, kSpec, what, expected, observed);
  }
  const Person& next() { return people_.posters.at(used_++); }
  void tick() { client_.now = client_.now + model::kSecond; }

  // A case about somebody that an admin rejects.
  std::string rejected(const Person& author, std::string_view severity, const Person& by) {
    tick();
    const std::string_view hours = severity == "CRITICAL" ? "1"
                                   : severity == "HIGH"   ? "4"
                                   : severity == "MEDIUM" ? "24"
                                                          : "48";
    const std::string item = client_.sql(fmt::format(
        "INSERT INTO content_moderation_queue (content_type, content_id, user_id, moderation_category,"
        " severity, flagged_by, flagged_at, sla_deadline) VALUES ('profile', '{0}', '{0}', 'drill', '{1}',"
        " 'admin', '{2}', timestamptz '{2}' + interval '{3} hours') RETURNING id",
        author.id, severity, iso_text(client_.now), hours));
    expect(
        "moderation", fmt::format("a {} case is rejected", severity), "ok",
        code_told(client_.call(
            "admin.reviewContent",
            json{{"item_id", item}, {"decision", "reject"}, {"notes", "It was a drill."}}.dump(), by.token)));
    return item;
  }
  Reply appeal(const std::string& item, const Person& by) {
    return client_.call("moderation.appeal",
                        json{{"item_id", item}, {"reason", "That is not what I wrote."}}.dump(), by.token);
  }
  Reply decide(const std::string& appeal, std::string_view decision, const Person& by) {
    return client_.call(
        "admin.decideAppeal",
        json{{"appeal_id", appeal}, {"decision", decision}, {"notes", "Looked at again."}}.dump(), by.token);
  }
  std::string standing_of(const Person& person) {
    return client_.sql(
        fmt::format("SELECT account_status || coalesce(' until ' || floor(extract(epoch FROM "
                    "suspended_until) * 1000)::bigint,"
                    " '') FROM users WHERE id = '{}'",
                    person.id));
  }
  static std::string standing(model::Instant until, model::Instant now) {
    return until.present() && now < until ? fmt::format("SUSPENDED until {}", until.ms) : "ACTIVE";
  }

  // 7, 14 and 30 days; the last instant counts. Whoever is suspended has it filed by an administrator.
  void windows() {
    for (const std::string_view severity : {"LOW", "MEDIUM", "HIGH", "CRITICAL"}) {
      for (const model::Millis past : {-1, 0, 1}) {
        const Person& author = next();
        const std::string item = rejected(author, severity, people_.banner);
        const model::Instant decided = client_.now;
        client_.now = decided + model::rules::appeal_window(severity) + past;
        const bool open = model::rules::may_still_appeal(severity, decided, client_.now);
        const std::string what =
            fmt::format("an appeal of a {} case {} ms from the end of its window", severity, past);
        const bool suspended = severity == "CRITICAL";
        if (suspended)
          expect("standing", what + ", by the suspended", "403 HX602", code_told(appeal(item, author)));
        expect("appeals", what + ", by a stranger", "403 HX503",
               code_told(appeal(item, people_.posters.back())));
        const Reply reply = appeal(item, suspended ? people_.clerk : author);
        expect("appeals", what, open ? "ok" : "409 CONFLICT", code_told(reply));
        if (open) {
          expect("appeals", what + ", its deadline",
                 iso_text(decided + model::rules::appeal_window(severity)),
                 reply.text("/result/data/deadline"));
          expect("appeals", what + ", once more", "409 CONFLICT",
                 code_told(appeal(item, suspended ? people_.clerk : author)));
        }
        client_.now = decided;
      }
    }
  }

  // HX954 and SAF-19, everybody who might decide.
  void deciders() {
    const Person& author = next();
    const Person& reporter = next();
    for (const Person* admin : {&author, &reporter}) client_.sql(fmt::format(kRights, admin->id));
    client_.call(
        "moderation.reportContent",
        json{{"content_type", "profile"}, {"content_id", author.id}, {"reason", "It is rude."}}.dump(),
        reporter.token);
    const std::string item = rejected(author, "LOW", people_.banner);
    const std::string id = appeal(item, author).text("/result/data/id");
    struct Who {
      std::string_view name;
      const Person* person;
      Decider facts;
    };
    const std::array all{
        Who{"an admin without the right", &people_.clerk, {}},
        Who{"the appellant", &author, {.may = true, .is_appellant = true}},
        Who{"the one who reported it", &reporter, {.may = true, .reported_it = true}},
        Who{"the admin who decided before", &people_.banner, {.may = true, .decided_before = true}},
        Who{"another admin", &people_.founder, {.may = true}}};
    for (const Who& who : all) {
      tick();
      expect("HX954", fmt::format("an appeal decided by {}", who.name),
             or_ok(model::rules::refusal_of(who.facts)), code_told(decide(id, "upheld", *who.person)));
    }
    tick();
    expect("appeals", "a decided appeal again", "409 CONFLICT",
           code_told(decide(id, "overturned", people_.founder)));
    // SAF-19 where the decision itself is taken.
    const std::string reported = client_.sql(fmt::format(
        "SELECT id FROM content_moderation_queue WHERE content_id = '{}' AND flagged_by = 'user_report'",
        author.id));
    tick();
    expect("SAF-19", "a case decided by the one who reported it", "403 HX503",
           code_told(client_.call(
               "admin.reviewContent",
               json{{"item_id", reported}, {"decision", "approve"}, {"notes", "It was a drill."}}.dump(),
               reporter.token)));
    client_.sql(fmt::format("DELETE FROM admin_roles WHERE user_id IN ('{}', '{}')", author.id, reporter.id));
  }

  // Overturned: the content stands, its strike counts no more, the suspension that it brought about ends.
  void consequences() {
    for (const std::string_view severity : {"LOW", "HIGH", "CRITICAL"}) {
      for (const std::string_view decision : {"upheld", "overturned"}) {
        const Person& author = next();
        std::vector<Strike> strikes;
        if (severity == "HIGH") {  // with two others it is the third
          for (int i = 0; i < 2; ++i) strikes.push_back({2, strike(author, 2, fmt::format("before-{}", i))});
        }
        const std::string item = rejected(author, severity, people_.banner);
        const int weight = severity == "CRITICAL" ? 3 : severity == "HIGH" ? 2 : 0;
        if (weight > 0) strikes.push_back({weight, client_.now});
        const model::Instant until = model::rules::suspended_until(strikes, client_.now, {});
        const std::string id = appeal(item, people_.clerk).text("/result/data/id");
        tick();
        const std::string what = fmt::format("the appeal of a {} case is {}", severity, decision);
        expect("appeals", what, "ok", code_told(decide(id, decision, people_.founder)));
        const bool removed = decision == "overturned" && weight > 0;
        std::vector<Strike> after = strikes;
        if (removed) after.back().removed = true;
        expect(
            "appeals", what + ": the account",
            standing(removed ? model::rules::until_after_removal(strikes, after, until) : until, client_.now),
            standing_of(author));
        expect(
            "appeals", what + ": case, appeal, strikes in the record, strikes that count",
            fmt::format("{} {} {} {}", decision == "overturned" ? "approved" : "rejected", decision,
                        strikes.size(), strikes.size() - (removed ? 1 : 0)),
            client_.sql(fmt::format(
                "SELECT q.status || ' ' || a.status || ' ' || (SELECT count(*) FROM user_strikes s WHERE"
                " s.user_id = q.user_id) || ' ' || (SELECT count(*) FROM user_strikes s WHERE s.user_id ="
                " q.user_id AND NOT EXISTS (SELECT 1 FROM strike_removals r WHERE r.strike_id = s.id)) FROM"
                " content_appeals a JOIN content_moderation_queue q ON q.id = a.moderation_queue_id WHERE"
                " a.id = '{}'",
                id)));
      }
    }
  }

  // An appeal is about one decision: the strikes of others, before and after it, go on counting.
  void own_case() {
    const Person& author = next();
    const auto counting = [&] {
      return client_.sql(
          fmt::format("SELECT string_agg(round(extract(epoch FROM created_at) * 1000)::bigint::text, ' ' "
                      "ORDER BY created_at) FROM user_strikes s WHERE user_id = '{}' AND NOT EXISTS (SELECT "
                      "1 FROM strike_removals r WHERE r.strike_id = s.id)",
                      author.id));
    };
    std::vector<std::pair<std::string, std::int64_t>> cases;  // and when each strike was given
    for (const std::string_view severity : {"HIGH", "LOW", "HIGH"}) {
      const std::string item = rejected(author, severity, people_.banner);
      cases.emplace_back(item, severity == "HIGH" ? client_.now.ms : 0);
    }
    for (std::size_t i = 0; i < 2; ++i) {
      const std::string id = appeal(cases[i].first, author).text("/result/data/id");
      tick();
      expect("appeals", "one of three cases is overturned", "ok",
             code_told(decide(id, "overturned", people_.founder)));
      expect("appeals", "the strike that still counts when the case of another one was overturned",
             std::to_string(cases[2].second), counting());
    }
  }

  // Answers when.
  model::Instant strike(const Person& person, int severity, const std::string& event) {
    tick();
    last_strike_ = client_
                       .call("admin.addStrike",
                             json{{"user_id", person.id},
                                  {"severity", severity},
                                  {"source_event", event},
                                  {"reason", "Seen by a moderator."}}
                                 .dump(),
                             people_.banner.token)
                       .text("/result/data/strike_id");
    return client_.now;
  }
  Reply remove(const std::string& strike, const Person& by) {
    return client_.call("admin.removeStrike",
                        json{{"strike_id", strike}, {"reason", "It was a mistake."}}.dump(), by.token);
  }

  // Every strike of some records removed, one after the other, with and without a human's own word in
  // between.
  void removals() {
    for (const bool by_hand : {false, true}) {
      for (const std::vector<int>& severities :
           {std::vector{3}, std::vector{2, 2, 2}, std::vector{2, 3, 2, 2}, std::vector{1, 2, 2, 2}}) {
        const Person& person = next();
        std::vector<Strike> strikes;
        std::vector<std::string> ids;
        model::Instant until;
        for (const int severity : severities) {
          strikes.push_back({severity, strike(person, severity, fmt::format("event-{}", ids.size()))});
          ids.push_back(last_strike_);
          until = model::rules::suspended_until(strikes, client_.now, until);
        }
        tick();
        if (by_hand) until = suspend(person, client_.now + 400 * model::kDay);
        for (std::size_t i = ids.size(); i-- > 0;) {
          tick();
          const std::vector<Strike> before = strikes;
          strikes[i].removed = true;
          const std::string what = fmt::format("strike {} of {} is removed{}", i + 1, ids.size(),
                                               by_hand ? ", beside a suspension of a human's word" : "");
          const Reply reply = remove(ids[i], people_.banner);
          expect("strikes", what, "ok", code_told(reply));
          until = model::rules::until_after_removal(before, strikes, until);
          if (!model::rules::is_suspended(until, client_.now)) until = {};
          expect("strikes", what + ": the account", standing(until, client_.now), standing_of(person));
          expect("strikes", what + ", again", "409 CONFLICT", code_told(remove(ids[i], people_.founder)));
        }
        expect("strikes", "strikes stay in the record", std::to_string(ids.size()),
               client_.sql(fmt::format("SELECT count(*) FROM user_strikes WHERE user_id = '{}'", person.id)));
      }
    }
  }
  model::Instant suspend(const Person& person, model::Instant until) {
    client_.call("admin.updateUserStatus",
                 json{{"user_id", person.id},
                      {"status", "SUSPENDED"},
                      {"suspended_until", iso_text(until)},
                      {"reason", "Decided by a human."}}
                     .dump(),
                 people_.banner.token);
    return until;
  }

  void own_strike() {
    tick();
    const std::string id = client_
                               .call("admin.addStrike",
                                     json{{"user_id", people_.banner.id},
                                          {"severity", 1},
                                          {"source_event", "own"},
                                          {"reason", "Seen by a founder."}}
                                         .dump(),
                                     people_.founder.token)
                               .text("/result/data/strike_id");
    expect("SAF-19", "an admin removes a strike of his own", "403 HX503",
           code_told(remove(id, people_.banner)));
    tick();
    expect("SAF-17", "an admin without the right removes a strike", "403 HX503",
           code_told(remove(id, people_.clerk)));
    tick();
    expect("strikes", "another admin removes it", "ok", code_told(remove(id, people_.founder)));
  }

  const SafetyStage& stage_;
  SideClient client_;
  SafetyPeople people_;
  std::size_t used_ = 0;
  std::string last_strike_;
};

}  // namespace

void check_appeals(const SafetyStage& stage) {
  Appeals(stage).run();
}

}  // namespace loadgen
