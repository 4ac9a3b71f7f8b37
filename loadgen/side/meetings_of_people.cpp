// Two calls about one person, each about another object of his.
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "loadgen/encode.h"
#include "loadgen/side/meetings.h"

namespace loadgen {
namespace {

using nlohmann::json;

// ---- work ----

Call completion(Cast& cast, const Person& poster, const Person& worker, Stop until) {
  const SideTask task = drive_task(cast.client, poster, worker, until);
  if (until == Stop::disputed) {
    const json decided{
        {"dispute_id", task.dispute}, {"resolution", "HUSTLER_WINS"}, {"notes", "Seen by a human."}};
    return asks("dispute.resolve", decided, cast.people.resolver);
  }
  return asks("task.complete", {{"task_id", task.id}}, poster);
}

std::string work_of(Cast& cast, const Person& worker) {
  return cast.client.sql(fmt::format(
      "SELECT concat_ws(', ', 'streak ' || u.current_streak, xp_total || ' XP', 'level ' || "
      "u.current_level, 'tier ' || u.trust_tier, (SELECT string_agg(b.badge_type || ' ' || b.badge_tier, "
      "' ' ORDER BY b.badge_type, b.badge_tier) FROM badges b WHERE b.user_id = u.id),"
      " (SELECT string_agg(concat_ws(' ', x.user_xp_before, x.effective_xp, x.streak_multiplier, "
      "x.decay_factor, x.user_streak_at_award, x.user_level_after), ' + ' ORDER BY x.user_xp_after)"
      " FROM xp_ledger x WHERE x.user_id = u.id)) FROM users u WHERE u.id = '{}'",
      worker.id));
}

// The day after another one, so that a streak may grow by one.
Asked completions(Cast& cast, Stop second) {
  const Person& worker = cast.next();
  if (const std::string told = completion(cast, cast.people.posters[0], worker, Stop::reviewed)(cast.client);
      told != "ok")
    throw std::runtime_error("side stage: task.complete: " + told);
  cast.client.now = cast.start + model::kDay;
  return {completion(cast, cast.people.posters[0], worker, Stop::reviewed),
          completion(cast, cast.people.posters[1], worker, second),
          [&cast, &worker] { return work_of(cast, worker); }};
}

// ---- strikes ----

json strike(const Person& person, int severity, std::string_view event,
            std::string_view reason = "Seen by a human.") {
  return {{"user_id", person.id}, {"severity", severity}, {"source_event", event}, {"reason", reason}};
}

std::string standing_of(Cast& cast, const Person& person) {
  return cast.client.sql(fmt::format(
      "SELECT concat_ws(', ', account_status, (SELECT count(*) FROM user_strikes s WHERE s.user_id = u.id) "
      "|| "
      "' strikes', (SELECT count(*) FROM strike_removals r JOIN user_strikes s ON s.id = r.strike_id WHERE "
      "s.user_id = u.id) || ' removed', 'until ' || (suspended_until - '{}')) FROM users u WHERE id = '{}'",
      iso_text(cast.client.now), person.id));
}

using Acts = std::pair<Call, Call> (*)(Cast&, const Person&, const std::string& strike);

// Rule B: three strikes of severity 2 within 30 days suspend. He has `before` of them.
Asked struck(Cast& cast, int before, Acts acts) {
  const Person& person = cast.next();
  std::string id;
  for (int i = 0; i < before; ++i)
    id = must_ask(cast, "admin.addStrike", strike(person, 2, fmt::format("before {}", i)), cast.people.banner,
                  "/result/data/strike_id");
  auto [first, second] = acts(cast, person, id);
  return {std::move(first), std::move(second), [&cast, &person] { return standing_of(cast, person); }};
}
Call struck_once(Cast& cast, const Person& person, int severity, std::string_view event,
                 std::string_view reason = "Seen by a human.") {
  return asks("admin.addStrike", strike(person, severity, event, reason), cast.people.banner);
}
Call status(Cast& cast, const Person& person, std::string_view to) {
  return asks("admin.updateUserStatus",
              {{"user_id", person.id}, {"status", to}, {"reason", "Decided by a human."}},
              cast.people.founder);
}
Call forgiven(const Person& by, const std::string& id) {
  return asks("admin.removeStrike", {{"strike_id", id}, {"reason", "Seen again."}}, by);
}

// ---- what others say of him ----

Call report(std::string_view type, const std::string& id, const Person& by) {
  return asks("moderation.reportContent",
              {{"content_type", type}, {"content_id", id}, {"reason", "It is rude."}}, by);
}

std::string cases_of(Cast& cast, const Person& person) {
  return cast.client.sql(
      fmt::format("SELECT concat_ws(', ', (SELECT count(*) FROM content_reports r WHERE "
                  "r.reported_content_user_id = '{0}') || ' reports', (SELECT string_agg(concat_ws(' ', "
                  "content_type, status, severity), ' + ' ORDER BY content_type, status) FROM "
                  "content_moderation_queue q WHERE q.user_id = '{0}'))",
                  person.id));
}

void must_tell(Cast& cast, const Call& call) {
  if (const std::string told = call(cast.client); told != "ok")
    throw std::runtime_error("side stage: a step on the way: " + told);
}

// After so many reports about the same content, by others.
Asked reports(Cast& cast, std::size_t before, bool same_reporter) {
  const Person& person = cast.next();
  const std::vector<Person>& posters = cast.people.posters;
  for (std::size_t i = 0; i < before; ++i) must_tell(cast, report("profile", person.id, posters[i]));
  return {report("profile", person.id, posters[before]),
          report("profile", person.id, posters[same_reporter ? before : before + 1]),
          [&cast, &person] { return cases_of(cast, person); }};
}

// Five people who report one person, each for something else.
Asked reporters(Cast& cast) {
  const Person& person = cast.next();
  std::vector<std::string> tasks;
  for (std::size_t i = 0; i < 5; ++i)
    tasks.push_back(drive_task(cast.client, person, person, Stop::created).id);
  for (std::size_t i = 0; i < 3; ++i) must_tell(cast, report("task", tasks[i], cast.people.posters[i]));
  return {report("task", tasks[3], cast.people.posters[3]), report("task", tasks[4], cast.people.posters[4]),
          [&cast, &person] { return cases_of(cast, person); }};
}

// ---- what is decided about him ----

std::string case_about(Cast& cast, const Person& person, std::string_view more) {
  return cast.client.sql(fmt::format(
      "INSERT INTO content_moderation_queue (content_type, content_id, user_id, moderation_category,"
      " severity, flagged_by, flagged_at, sla_deadline{2}) VALUES ('profile', '{0}', '{0}', 'drill', 'HIGH',"
      " 'admin', '{1}', timestamptz '{1}' + interval '4 hours'{3}) RETURNING id",
      person.id, iso_text(cast.client.now),
      more.empty() ? "" : ", status, review_decision, reviewed_by, reviewed_at", more));
}
std::string decisions_about(Cast& cast, const Person& person) {
  return cast.client.sql(fmt::format(
             "SELECT concat_ws(', ', q.status, q.review_decision, a.status, (SELECT count(*) FROM "
             "content_appeals x WHERE x.moderation_queue_id = q.id) || ' appeals') FROM "
             "content_moderation_queue q LEFT JOIN content_appeals a ON a.moderation_queue_id = q.id"
             " WHERE q.user_id = '{}'",
             person.id)) +
         ", " + standing_of(cast, person);
}
Call verdict(const std::string& item, std::string_view decision, const Person& by) {
  return asks("admin.reviewContent",
              {{"item_id", item}, {"decision", decision}, {"notes", "Seen by a human."}}, by);
}
Asked verdicts(Cast& cast) {
  const Person& person = cast.next();
  const std::string item = case_about(cast, person, "");
  return {verdict(item, "reject", cast.people.banner), verdict(item, "approve", cast.people.founder),
          [&cast, &person] { return decisions_about(cast, person); }};
}

std::string rejected(Cast& cast, const Person& person) {
  return case_about(
      cast, person,
      fmt::format(", 'rejected', 'reject', '{}', '{}'", cast.people.clerk.id, iso_text(cast.client.now)));
}
json appeal(const std::string& item) {
  return {{"item_id", item}, {"reason", "That is not what I wrote."}};
}
Asked appeals(Cast& cast) {
  const Person& person = cast.next();
  const std::string item = rejected(cast, person);
  return {asks("moderation.appeal", appeal(item), person),
          asks("moderation.appeal", appeal(item), cast.people.clerk),
          [&cast, &person] { return decisions_about(cast, person); }};
}
Asked appeal_verdicts(Cast& cast) {
  const Person& person = cast.next();
  const std::string id = must_ask(cast, "moderation.appeal", appeal(rejected(cast, person)), person);
  const auto decided = [&](std::string_view decision, const Person& by) {
    return asks("admin.decideAppeal",
                {{"appeal_id", id}, {"decision", decision}, {"notes", "Looked at again."}}, by);
  };
  return {decided("upheld", cast.people.banner), decided("overturned", cast.people.founder),
          [&cast, &person] { return decisions_about(cast, person); }};
}

}  // namespace

std::vector<Meeting> meetings_of_people(Cast& cast) {
  const auto told = [&](std::size_t before, bool same) {
    return [&cast, before, same] { return reports(cast, before, same); };
  };
  const auto strikes = [&](int before, Acts acts) {
    return [&cast, before, acts] { return struck(cast, before, acts); };
  };
  return {{"two completions of one worker", [&] { return completions(cast, Stop::reviewed); }, true},
          {"a completion and a verdict for one worker", [&] { return completions(cast, Stop::disputed); }},
          {"a second and a third strike of one person",
           strikes(1,
                   [](Cast& c, const Person& p, const std::string&) {
                     return std::pair(struck_once(c, p, 2, "second"), struck_once(c, p, 2, "third"));
                   }),
           true},
          {"one strike of one person, twice",
           strikes(2,
                   [](Cast& c, const Person& p, const std::string&) {
                     return std::pair(struck_once(c, p, 2, "third"),
                                      struck_once(c, p, 2, "third", "Seen by another one."));
                   }),
           true},
          {"a third strike of one person and the removal of another one",
           strikes(2,
                   [](Cast& c, const Person& p, const std::string& id) {
                     return std::pair(struck_once(c, p, 2, "third"), forgiven(c.people.founder, id));
                   })},
          {"two removals of the strike that suspends",
           strikes(3,
                   [](Cast& c, const Person&, const std::string& id) {
                     return std::pair(forgiven(c.people.banner, id), forgiven(c.people.founder, id));
                   })},
          {"the removal of the strike that suspends and a pause of one person",
           strikes(3,
                   [](Cast& c, const Person& p, const std::string& id) {
                     return std::pair(forgiven(c.people.banner, id), status(c, p, "PAUSED"));
                   })},
          {"a third strike and a suspension of one person",
           strikes(2,
                   [](Cast& c, const Person& p, const std::string&) {
                     return std::pair(struck_once(c, p, 2, "third"), status(c, p, "SUSPENDED"));
                   })},
          {"a first and a second report about one person", told(0, false), true},
          {"a second and a third report about one person", told(1, false), true},
          {"a third and a fourth report about one person", told(2, false), true},
          {"one report about one person, twice", told(0, true), true},
          {"a fourth and a fifth person's report about one person", [&] { return reporters(cast); }, true},
          {"two verdicts on one case", [&] { return verdicts(cast); }},
          {"two appeals of one case", [&] { return appeals(cast); }},
          {"two verdicts on one appeal", [&] { return appeal_verdicts(cast); }}};
}

}  // namespace loadgen
