// Two calls about one person at the same moment, each about another object of his: his streak and XP, his
// strikes, what his records open to him, who reported him. The first is held where it waits for a lock of the
// harness, the second is started; what comes of it must be what one of the two orders gives, and those are
// simply tried with people of the same past. Calls about one task meet in collision_check.cpp.
#include <array>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "loadgen/campaign/flight.h"
#include "loadgen/campaign/held.h"
#include "loadgen/campaign/safety_stage.h"
#include "loadgen/encode.h"

namespace loadgen {
namespace {

using nlohmann::json;

struct Request {
  std::string procedure, input, token;
};
struct Two {
  Request first, second;
};

constexpr std::array<std::string_view, 8> kPlaces{"SELECT 1 FROM users WHERE id = '{0}' FOR NO KEY UPDATE",
                                                  "LOCK TABLE users IN SHARE MODE",
                                                  "LOCK TABLE xp_ledger IN SHARE MODE",
                                                  "LOCK TABLE badges IN SHARE MODE",
                                                  "LOCK TABLE user_strikes IN SHARE MODE",
                                                  "LOCK TABLE capability_profiles IN SHARE MODE",
                                                  "LOCK TABLE content_reports IN SHARE MODE",
                                                  "LOCK TABLE content_moderation_queue IN SHARE MODE"};

class Meetings {
 public:
  explicit Meetings(const SafetyStage& stage)
      : stage_(stage),
        client_(stage.client()),
        other_(stage.side.start_server({"--rate-limits", "off", "--biometrics-url", stage.side.providers()}),
               stage.side.database(), stage.side.providers(), stage.log),
        holder_(stage.client()),
        monitor_(stage.client()),
        start_(client_.now),
        people_(stage.people(6, kKinds * (kPlaces.size() + 2))) {}

  void run() {
    meet("two completions", [&](const Person& p) { return completions(p, false); }, &Meetings::record);
    meet(
        "a completion and a verdict", [&](const Person& p) { return completions(p, true); },
        &Meetings::record);
    meet("a second and a third strike", [&](const Person& p) { return strikes(p); }, &Meetings::strikes_of);
    meet("a license and a background check", [&](const Person& p) { return records(p); }, &Meetings::profile);
    meet("a second and a third report", [&](const Person& p) { return reports(p); }, &Meetings::cases);
  }

 private:
  static constexpr std::size_t kKinds = 5;
  using Prepare = std::function<Two(const Person&)>;
  using Look = std::string (Meetings::*)(const Person&);

  const Person& next() { return people_.workers.at(used_++); }
  Reply must(Reply reply, std::string_view what) {
    if (!reply.ok()) throw std::runtime_error(fmt::format("side stage: {}: {}", what, told(reply)));
    return reply;
  }
  static std::string perform(SideClient& client, const Request& request) {
    return code_told(client.call(request.procedure, request.input, request.token));
  }
  void at(model::Instant now) { client_.now = other_.now = now; }

  // ---- who meets ----

  std::string serial(const Prepare& prepare, Look look, bool forth) {
    const Person& person = next();
    at(start_);
    const Two two = prepare(person);
    const std::string first = perform(client_, forth ? two.first : two.second);
    const std::string second = perform(client_, forth ? two.second : two.first);
    return fmt::format("{}; {}; {}", forth ? first : second, forth ? second : first, (this->*look)(person));
  }

  // "" when the first one does not wait there.
  std::string held(const Prepare& prepare, Look look, std::string_view place) {
    const Person& person = next();
    at(start_);
    const Two two = prepare(person);
    Held lock(holder_, fmt::format(fmt::runtime(place), person.id));
    Flight first([&] { return perform(client_, two.first); });
    until_held(monitor_, first, 1);
    if (first.answered()) return "";
    Flight second([&] { return perform(other_, two.second); });
    until_held(monitor_, second, 2);
    lock.release();
    const std::string answers = fmt::format("{}; {}", first.reply(), second.reply());
    return fmt::format("{}; {}", answers, (this->*look)(person));
  }

  void meet(std::string_view what, const Prepare& prepare, Look look) {
    const std::string forth = serial(prepare, look, true);
    const std::string back = serial(prepare, look, false);
    for (const std::string_view place : kPlaces) {
      const std::string seen = held(prepare, look, place);
      if (seen.empty()) continue;
      stage_.judge.count("safety collisions");
      if (seen == forth || seen == back) continue;
      stage_.broken("SERIAL", "state-machines.md §5",
                    fmt::format("{} of one person at the same moment, the first held by {}: no serial order "
                                "gives this",
                                what, place),
                    forth == back ? forth : fmt::format("{}, or {}", forth, back), seen);
      return;
    }
  }

  // ---- what they do ----

  // The day after another one, so that a streak may grow by one.
  Two completions(const Person& worker, bool verdict) {
    const auto complete = [&](const Person& poster, Stop until) {
      const SideTask task = drive_task(client_, poster, worker, until);
      if (until == Stop::disputed) {
        const json decided{
            {"dispute_id", task.dispute}, {"resolution", "HUSTLER_WINS"}, {"notes", "Seen by a human."}};
        return Request{"dispute.resolve", decided.dump(), people_.resolver.token};
      }
      return Request{"task.complete", json{{"task_id", task.id}}.dump(), poster.token};
    };
    const Request yesterday = complete(people_.posters[0], Stop::reviewed);
    must(client_.call(yesterday.procedure, yesterday.input, yesterday.token), yesterday.procedure);
    at(start_ + model::kDay);
    Request first = complete(people_.posters[0], Stop::reviewed);
    return {std::move(first), complete(people_.posters[1], verdict ? Stop::disputed : Stop::reviewed)};
  }
  std::string record(const Person& worker) {
    return client_.sql(fmt::format(
        "SELECT concat_ws(', ', 'streak ' || u.current_streak, xp_total || ' XP', 'level ' || "
        "u.current_level, 'tier ' || u.trust_tier, (SELECT string_agg(b.badge_type || ' ' || b.badge_tier, "
        "' ' ORDER BY b.badge_type, b.badge_tier) FROM badges b WHERE b.user_id = u.id),"
        " (SELECT string_agg(concat_ws(' ', x.user_xp_before, x.effective_xp, x.streak_multiplier, "
        "x.decay_factor, x.user_streak_at_award, x.user_level_after), ' + ' ORDER BY x.user_xp_after)"
        " FROM xp_ledger x WHERE x.user_id = u.id)) FROM users u WHERE u.id = '{}'",
        worker.id));
  }

  // Rule B: three strikes of severity 2 within 30 days suspend.
  Two strikes(const Person& person) {
    const auto strike = [&](std::string_view event) {
      const json input{
          {"user_id", person.id}, {"severity", 2}, {"source_event", event}, {"reason", "Seen by a human."}};
      return Request{"admin.addStrike", input.dump(), people_.banner.token};
    };
    const Request before = strike("the first");
    must(client_.call(before.procedure, before.input, before.token), before.procedure);
    return {strike("the second"), strike("the third")};
  }
  std::string strikes_of(const Person& person) {
    return client_.sql(
        fmt::format("SELECT concat_ws(', ', account_status, (SELECT count(*) FROM user_strikes s WHERE "
                    "s.user_id = u.id) || ' strikes', 'until ' || (suspended_until - '{}')) FROM users u"
                    " WHERE id = '{}'",
                    iso_text(client_.now), person.id));
  }

  Two records(const Person& person) {
    const auto waits = [&](std::string_view type, std::string_view columns, std::string_view values) {
      const std::string id = client_.sql(
          fmt::format("INSERT INTO {}s (user_id, {}, status, created_at) VALUES ('{}', {}, 'pending', '{}')"
                      " RETURNING id",
                      type == "license" ? "license_verification" : type, columns, person.id, values,
                      iso_text(client_.now)));
      const json input{{"verification_id", id},
                       {"type", type},
                       {"decision", "verified"},
                       {"expires_at", iso_text(client_.now + 30 * model::kDay)}};
      return Request{"verification.resolve", input.dump(), people_.clerk.token};
    };
    Request license =
        waits("license", "trade, state, license_number, source", "'plumber', 'WA', '1', 'registry'");
    return {std::move(license), waits("background_check", "provider", "'checkr'")};
  }
  std::string profile(const Person& person) {
    return client_.sql(
        fmt::format("SELECT concat_ws(', ', (SELECT string_agg(trade, ' ') FROM verified_trades t WHERE "
                    "t.user_id = c.user_id), 'insured ' || insurance_valid, 'checked ' || "
                    "background_check_valid, verification_status, 'for ' || (background_check_expires_at - "
                    "'{}')) FROM capability_profiles c WHERE c.user_id = '{}'",
                    iso_text(client_.now), person.id));
  }

  Two reports(const Person& person) {
    const auto report = [&](std::size_t by) {
      const json input{{"content_type", "profile"}, {"content_id", person.id}, {"reason", "It is rude."}};
      return Request{"moderation.reportContent", input.dump(), people_.posters[by].token};
    };
    const Request before = report(0);
    must(client_.call(before.procedure, before.input, before.token), before.procedure);
    return {report(1), report(2)};
  }
  std::string cases(const Person& person) {
    return client_.sql(
        fmt::format("SELECT concat_ws(', ', (SELECT count(*) FROM content_reports r WHERE "
                    "r.reported_content_user_id = '{0}') || ' reports', (SELECT string_agg(concat_ws(' ', "
                    "content_type, status, severity), ' + ' ORDER BY status) FROM content_moderation_queue "
                    "q WHERE q.user_id = '{0}'))",
                    person.id));
  }

  const SafetyStage& stage_;
  SideClient client_, other_, holder_, monitor_;
  model::Instant start_;
  SafetyPeople people_;
  std::size_t used_ = 0;
};

}  // namespace

void check_meetings(const SafetyStage& stage) {
  Meetings(stage).run();
}

}  // namespace loadgen
