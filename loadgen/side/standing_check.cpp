// Strikes, suspensions and what follows from them (safety-and-abuse.md §1, decisions 16 and 19); moderation
// hooks.
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "loadgen/encode.h"
#include "loadgen/side/safety_stage.h"
#include "loadgen/side/side_checks.h"
#include "model/rules/standing.h"

namespace loadgen {
namespace {

using model::rules::Strike;
using nlohmann::json;

constexpr std::string_view kSpec = "safety-and-abuse.md §1";

class Standing {
 public:
  explicit Standing(const SafetyStage& stage)
      : stage_(stage), client_(stage.client()), people_(stage.people(24, 4)) {}

  void run() {
    // Severity and how long before now, oldest first: the edges of both windows from either side.
    constexpr model::Millis kDays30 = 30 * model::kDay;
    follow({{1, 0}, {1, 0}, {1, 0}, {1, 0}});
    follow({{2, 2000}, {2, 1000}, {2, 0}});
    follow({{2, 2000}, {2, 1000}});
    follow({{2, kDays30}, {2, 1000}, {2, 0}});
    follow({{2, kDays30 + 1}, {2, 1000}, {2, 0}});
    follow({{3, 0}});
    follow({{3, model::kDay}, {1, 0}});
    follow({{3, 0}, {2, 0}, {2, 0}, {2, 0}});
    follow({{2, 3000}, {2, 2000}, {2, 1000}, {3, 0}});
    repeat();
    open_ended();
    effects();
    money();
    moderation();
  }

 private:
  struct Given {
    int severity;
    model::Millis ago;
  };

  bool expect(std::string_view rule, const std::string& what, const std::string& expected,
              const std::string& observed) {
    return stage_.expect("safety standing", rule, kSpec, what, expected, observed);
  }
  const Person& next() { return people_.posters.at(used_++); }

  Reply strike(const Person& person, int severity, const std::string& event, model::Instant at) {
    SideClient& c = client_;
    const model::Instant before = c.now;
    c.now = at;
    Reply reply = c.call("admin.addStrike",
                         json{{"user_id", person.id},
                              {"severity", severity},
                              {"source_event", event},
                              {"reason", "Seen by a moderator."}}
                             .dump(),
                         people_.banner.token);
    c.now = before;
    return reply;
  }

  // Adds the strikes one by one; after each the account must stand as the arithmetic says.
  void follow(const std::vector<Given>& given) {
    const Person& person = next();
    std::vector<Strike> strikes;
    model::Instant until;
    std::string told_as;
    for (std::size_t i = 0; i < given.size(); ++i) {
      const model::Instant at{client_.now.ms - given[i].ago};
      strikes.push_back({given[i].severity, at});
      until = model::rules::suspended_until(strikes, at, until);
      told_as += fmt::format("{}severity {} {} ms ago", told_as.empty() ? "" : ", ", given[i].severity,
                             given[i].ago);
      const Reply reply = strike(person, given[i].severity, fmt::format("event-{}", i), at);
      const std::string expected = until.present() ? "SUSPENDED until " + iso_text(until) : "ACTIVE";
      std::string observed = reply.ok() ? reply.text("/result/data/account_status") : told(reply);
      if (observed == "SUSPENDED") observed += " until " + reply.text("/result/data/suspended_until");
      expect("strikes", "strikes " + told_as, expected, observed);
    }
    if (!until.present()) return;
    // SAF-3: it ends by itself, at the instant.
    client_.now = {until.ms - 1};
    expect("strikes", "a mutation just before the suspension ends", "403 HX602", told(rename(person)));
    client_.now = until;
    expect("strikes", "a mutation when the suspension has ended", "ok", told(rename(person)));
    client_.now = stage_.client().now;
  }

  Reply rename(const Person& person) {
    return client_.call("user.updateProfile", R"({"full_name":"Ana Adams"})", person.token);
  }

  // One event is one strike, however often it is told, also at the same moment.
  void repeat() {
    const Person& person = next();
    strike(person, 2, "the same", client_.now);
    const Reply again = strike(person, 2, "the same", client_.now);
    expect("strikes", "the same event again", "true", again.text("/result/data/duplicate"));
    expect("strikes", "strikes of one event", "1",
           client_.sql(fmt::format("SELECT count(*) FROM user_strikes WHERE user_id = '{}'", person.id)));
    const std::string machine = fmt::format(
        "INSERT INTO user_strikes (user_id, severity, source, source_event, reason, created_at) VALUES "
        "('{}', 3, "
        "'ai', 'x', 'x', '{}')",
        person.id, iso_text(client_.now));
    client_.sql(machine);
    strike(person, 1, "another", client_.now);
    expect("decision 16", "a machine's strike suspends nobody", "ok", told(rename(person)));
  }

  Reply set_status(const Person& person, std::string_view status) {
    return client_.call(
        "admin.updateUserStatus",
        json{{"user_id", person.id}, {"status", status}, {"reason", "Decided by a human."}}.dump(),
        people_.banner.token);
  }

  // §1.2: the longer suspension wins, and one without an end is the longest.
  void open_ended() {
    const Person& person = next();
    set_status(person, "SUSPENDED");
    for (const int severity : {2, 2, 2, 3}) {
      client_.now = client_.now + model::kSecond;
      const Reply reply = strike(person, severity, fmt::format("event-{}", client_.now.ms), client_.now);
      expect("strikes",
             fmt::format("a strike of severity {} for somebody suspended without an end", severity),
             "SUSPENDED until ",
             fmt::format("{} until {}", reply.ok() ? reply.text("/result/data/account_status") : told(reply),
                         reply.text("/result/data/suspended_until")));
    }
    expect("strikes", "the end of a suspension without an end, after strikes", "",
           client_.sql(fmt::format("SELECT suspended_until FROM users WHERE id = '{}'", person.id)));
  }

  // From the answer on, on everything that is a way in: single calls, batches, the alias; reads stay open.
  void effects() {
    const Person& person = next();
    const std::string name = R"({"full_name":"Ana Adams"})";
    for (const std::string_view status : {"SUSPENDED", "PAUSED"}) {
      expect("standing", "an admin changes an account's standing", "ok", told(set_status(person, status)));
      expect("standing", fmt::format("a {} account's mutation", status), "403 HX602", told(rename(person)));
      expect("standing", fmt::format("a {} account's mutation by the alias", status), "403 HX602",
             told(client_.call("v1.user.updateProfile", name, person.token)));
      const Reply batch = client_.post("/trpc/user.updateProfile,user.updateProfile?batch=1",
                                       fmt::format(R"({{"0":{},"1":{}}})", name, name),
                                       {{"authorization", "Bearer " + person.token}});
      expect("standing", fmt::format("a {} account's batch", status), "403", std::to_string(batch.status));
      expect("standing", fmt::format("a {} account's read", status), "ok",
             told(client_.call("user.getProfile", "", person.token)));
      expect("standing", "restoring", "ok", told(set_status(person, "ACTIVE")));
      expect("standing", "a restored account may act at once (SAF-4)", "ok", told(rename(person)));
    }
  }

  // SAF-3, decision 19: idle money goes back, money with a worker behind it waits, released money is paid.
  void money() {
    const Person& poster = next();
    const Person& worker = people_.workers[0];
    const SideTask idle = drive_task(client_, poster, worker, Stop::funded);
    const SideTask assigned = drive_task(client_, poster, worker, Stop::reviewed);
    const SideTask released = drive_task(client_, poster, worker, Stop::reviewed);
    expect(
        "decision 19", "the completion before the suspension", "ok",
        told(client_.call("task.complete", fmt::format(R"({{"task_id":"{}"}})", released.id), poster.token)));
    set_status(worker, "SUSPENDED");
    expect(
        "decision 19", "completing for a suspended worker waits for an admin", "409 CONFLICT",
        told(client_.call("task.complete", fmt::format(R"({{"task_id":"{}"}})", assigned.id), poster.token))
            .substr(0, 12));
    set_status(poster, "SUSPENDED");
    SideClient later = stage_.client();
    later.now = client_.now + 50 * model::kHour;
    later.post("/test/jobs/review_timeout", json{{"task_ids", {assigned.id}}}.dump());
    client_.drain();
    expect("decision 19", "released money is paid although the worker was suspended", "4250",
           std::to_string(client_.book(released.escrow, "transferred")));
    expect("decision 19", "money with a suspended worker behind it", "FUNDED", escrow_state(assigned));
    expect("SAF-3", "an idle escrow of a suspended poster", "REFUNDED", escrow_state(idle));
    expect("SAF-3", "its money", "5000", std::to_string(client_.book(idle.escrow, "refunded")));
  }

  std::string escrow_state(const SideTask& task) {
    return client_.sql(fmt::format("SELECT state FROM escrows WHERE id = '{}'", task.escrow));
  }

  // §2: content is blocked at once and waits for a human; only his word is a strike (decision 16).
  void moderation() {
    const Person& person = next();
    const std::string padding(600, 'x');  // SAF-7: the whole text is read
    for (const std::string& bad :
         {std::string("Pay me by Venmo please."), padding + " call 206-555-0100 now"}) {
      const Reply reply =
          client_.call("task.create", task_input(client_.now, 5000, "Carry boxes", bad), person.token);
      expect("moderation", "a task that asks for payment or contact outside",
             "400 VALIDATION_ERROR CONTENT_BLOCKED", told(reply));
    }
    expect("decision 16", "the author before a human has looked", "ok", told(rename(person)));
    const std::string item = client_.sql(
        fmt::format("SELECT id FROM content_moderation_queue WHERE user_id = '{}' AND severity = 'CRITICAL'"
                    " AND sla_deadline = flagged_at + interval '1 hour' LIMIT 1",
                    person.id));
    const auto decide = [&](const Person& admin) {
      return client_.call(
          "admin.reviewContent",
          json{{"item_id", item}, {"decision", "reject"}, {"notes", "It asks to pay outside."}}.dump(),
          admin.token);
    };
    expect("moderation", "a decision without the right", "403 HX503", told(decide(people_.clerk)));
    expect("moderation", "a human confirms", "ok", told(decide(people_.banner)));
    expect("decision 16", "the author after a human has confirmed", "403 HX602", told(rename(person)));
    expect("moderation", "a decided item again", "409 CONFLICT", told(decide(people_.founder)).substr(0, 12));
  }

  const SafetyStage& stage_;
  SideClient client_;
  SafetyPeople people_;
  std::size_t used_ = 0;
};

}  // namespace

void check_standing(const SafetyStage& stage) {
  Standing(stage).run();
}

}  // namespace loadgen
