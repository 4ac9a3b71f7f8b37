// Rules that end or begin at an instant, at every procedure that reads them: one millisecond before, at it,
// and one after. Which procedures ask for a standing is read from the contract table.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "loadgen/encode.h"
#include "loadgen/side/safety_stage.h"
#include "loadgen/side/side_checks.h"
#include "model/vocabulary/contract.h"
#include "net/sign.h"

namespace loadgen {
namespace {

using nlohmann::json;

constexpr std::array<model::Millis, 3> kAround{-1, 0, 1};
constexpr int kPairMax = 3;      // tasks of one pair within 24 hours (docs/decisions.md)
constexpr int kActiveMax = 3;    // tasks of one worker at a time (§4)
constexpr int kPendingMax = 10;  // open tasks of one poster (§4)
constexpr int kXpPerDay = 10'000;

std::string about(const std::string& task) {
  return fmt::format(R"({{"task_id":"{}"}})", task);
}

class Moments {
 public:
  explicit Moments(const SafetyStage& stage)
      : stage_(stage), client_(stage.client()), people_(stage.people(2, 2)) {}

  void run() {
    suspended_until();
    feed_until();
    withheld_until();
    guards(true);
    same_words();
    pair();
    xp_per_day();
    honest();
    guards(false);
  }

 private:
  void expect(std::string_view rule, std::string_view spec, const std::string& what,
              const std::string& expected, const std::string& observed) {
    stage_.expect("safety moments", rule, spec, what, expected, observed);
  }
  static std::string when(model::Millis past) {
    return past < 0 ? "just before the end" : past == 0 ? "at the end" : "just after the end";
  }

  void suspend(const Person& person, model::Instant until) {
    client_.sql(
        fmt::format("UPDATE users SET account_status = 'SUSPENDED', suspended_until = '{}', "
                    "suspension_reason = 'A drill.'"
                    " WHERE id = '{}'",
                    iso_text(until), person.id));
  }
  void restore(const Person& person) {
    client_.sql(
        fmt::format("UPDATE users SET account_status = 'ACTIVE', suspended_until = NULL,"
                    " suspension_reason = NULL WHERE id = '{}'",
                    person.id));
  }

  // SAF-1, SAF-3: every mutation of the table by whoever may call it, about an object that exists.
  void suspended_until() {
    const std::array<std::pair<model::access::Roles, const Person*>, 3> kCallers{
        {{model::access::poster, &people_.posters[0]},
         {model::access::worker, &people_.workers[0]},
         {model::access::stranger, &people_.posters[1]}}};
    const SideTask task = drive_task(client_, people_.posters[0], people_.workers[0], Stop::disputed);
    Bindings ids;
    ids.users = {people_.workers[1].id};
    ids.tasks = {task.id};
    ids.escrows = {task.escrow};
    ids.proofs = {task.proof};
    ids.disputes = {task.dispute};
    for (const model::Procedure& procedure : model::all_procedures()) {
      if (procedure.kind != model::Kind::mutation || procedure.name == "beta.join") continue;
      const Person* caller = &people_.founder;
      for (const auto& [role, person] : kCallers) {
        if ((procedure.who & role) != 0) caller = person;
      }
      constexpr std::array<std::string_view, 7> kElsewhere{
          "admin.reviewContent", "admin.removeStrike",       "admin.decideAppeal",  "admin.reviewRisk",
          "moderation.appeal",   "moderation.reportContent", "verification.resolve"};
      if (std::ranges::find(kElsewhere, procedure.name) != kElsewhere.end())
        continue;  // their objects are made where they are tried
      try_around(procedure, *caller, ids);
    }
  }

  void try_around(const model::Procedure& procedure, const Person& caller, const Bindings& ids) {
    client_.now = client_.now + model::kHour;
    const model::Instant end = client_.now;
    suspend(caller, end);
    for (const model::Millis past : kAround) {
      client_.now = end + past;
      const Reply reply = client_.call(procedure.name, input(procedure, ids), caller.token);
      const std::string observed = reply.hx == "HX602"                        ? "403 HX602"
                                   : reply.status == 0 || reply.status >= 500 ? told(reply)
                                                                              : "not HX602";
      expect("SAF-3", "safety-and-abuse.md §1.1",
             fmt::format("{} {} of a suspension", procedure.name, when(past)),
             past < 0 ? "403 HX602" : "not HX602", observed);
    }
    restore(caller);
  }

  std::string input(const model::Procedure& procedure, const Bindings& ids) {
    return plain_input(procedure.action, ids, client_.now, ++number_);
  }

  // ELG-11: whoever is suspended is shown no work, to the same instant.
  void feed_until() {
    const Person& worker = people_.workers[1];
    const SideTask task = drive_task(client_, people_.posters[0], people_.workers[0], Stop::funded);
    const model::Instant end = client_.now + model::kHour;
    suspend(worker, end);
    for (const model::Millis past : kAround) {
      client_.now = end + past;
      const Reply feed = client_.call("feed.get", R"({"limit":100})", worker.token);
      const Reply check = client_.call("eligibility.check", about(task.id), worker.token);
      expect("ELG-11", "eligibility.md §7", fmt::format("a feed and a check {} of a suspension", when(past)),
             past < 0 ? "no tasks, not eligible" : "tasks, eligible",
             fmt::format("{}, {}", feed.text("/result/data/tasks/0/id").empty() ? "no tasks" : "tasks",
                         check.text("/result/data/eligible") == "true" ? "eligible" : "not eligible"));
    }
    restore(worker);
  }

  // Decision 19: money with a suspended party behind it, released by the other one and by the clock.
  void withheld_until() {
    const Person& poster = people_.posters[0];
    const Person& worker = people_.workers[0];
    for (const bool by_job : {false, true}) {
      const SideTask task = drive_task(client_, poster, worker, Stop::reviewed);
      const model::Instant end = client_.now + 49 * model::kHour;
      suspend(worker, end);
      for (const model::Millis past : kAround) {
        client_.now = end + past;
        if (by_job) {
          client_.post("/test/jobs/review_timeout", json{{"task_ids", {task.id}}}.dump());
        } else {
          client_.call("task.complete", about(task.id), poster.token);
        }
        expect("decision 19", "safety-and-abuse.md §1.1",
               fmt::format("the money of a suspended worker, {}, {}",
                           by_job ? "by the review timer" : "completed", when(past)),
               past < 0 ? "FUNDED" : "RELEASED",
               client_.sql(fmt::format("SELECT state FROM escrows WHERE id = '{}'", task.escrow)));
      }
      restore(worker);
    }
  }

  void guards(bool on) {
    client_.sql(fmt::format("UPDATE feature_flags SET enabled_global = {} WHERE key = 'abuse_guards'", on));
  }

  // §3.6: the same words again within a day, in any case, and an honest one beside them.
  void same_words() {
    const Person person = stage_.people(1, 0).posters[0];
    const Person other = stage_.people(1, 0).posters[0];
    const std::string words = "Parrot " + net::random_hex(4);
    const auto post = [&](const Person& who, const std::string& title, const std::string& text) {
      return told(client_.call("task.create", task_input(client_.now, 5000, title, text), who.token));
    };
    const model::Instant first = client_.now;
    expect("abuse guards", "safety-and-abuse.md §3.6", "words for the first time", "ok",
           post(person, words, "Now."));
    expect("abuse guards", "safety-and-abuse.md §3.6", "somebody else's same words", "ok",
           post(other, words, "Now."));
    expect("abuse guards", "safety-and-abuse.md §3.6", "the same title with another text", "ok",
           post(person, words, "Later."));
    expect("abuse guards", "safety-and-abuse.md §3.6", "another title with the same text", "ok",
           post(person, words + "!", "Now."));
    for (const model::Millis past : kAround) {
      client_.now = first + model::kDay + past;
      expect("abuse guards", "safety-and-abuse.md §3.6",
             fmt::format("the same words again, {} of a day", when(past)),
             // Let in at the end, it is itself a moment old just after.
             past == 0 ? "ok" : "409 CONFLICT DUPLICATE_TASK", post(person, words, "NOW."));
    }
  }

  // FEED-LAW: what acceptance would refuse is neither shown nor called eligible.
  void expect_offer(const Person& worker, const SideTask& task, const std::string& what, bool wanted) {
    expect("FEED-LAW", "eligibility.md §7", what, wanted ? "shown, eligible" : "hidden, not eligible",
           offered(client_, worker, task.id));
  }

  // §3.6: one pair's tasks within a day, the fourth around the instant at which the first is a day old.
  void pair() {
    const SafetyPeople fresh = stage_.people(1, 1);
    const Person &poster = fresh.posters[0], &worker = fresh.workers[0];
    const model::Instant first = client_.now;
    for (int i = 0; i < kPairMax; ++i) {
      const SideTask task = drive_task(client_, poster, worker, Stop::reviewed, 500);
      expect("abuse guards", "safety-and-abuse.md §3.6", "an honest pair's task", "ok",
             told(client_.call("task.complete", about(task.id), poster.token)));
      client_.now = client_.now + model::kSecond;
    }
    for (const model::Millis past : {model::Millis{-1}, model::Millis{0}}) {
      client_.now = first + model::kDay + past;
      const SideTask task = drive_task(client_, poster, worker, Stop::funded, 500);
      expect_offer(worker, task, fmt::format("a pair's fourth task within a day, {}", when(past)), past == 0);
      expect("abuse guards", "safety-and-abuse.md §3.6",
             fmt::format("a pair's fourth task within a day, {}", when(past)),
             past < 0 ? "409 CONFLICT" : "ok",
             told(client_.call("task.accept", about(task.id), worker.token)).substr(0, 12));
    }
  }

  // §3.6: whoever has earned too much within a day takes nothing more until the day is over.
  void xp_per_day() {
    const SafetyPeople fresh = stage_.people(3, 1);
    const Person& worker = fresh.workers[0];
    const model::Instant first = client_.now;
    const int price = (kXpPerDay + 1) * 100;  // decay 1.0 for the first XP
    const SideTask rich = drive_task(client_, fresh.posters[0], worker, Stop::reviewed, price);
    expect("abuse guards", "safety-and-abuse.md §3.6", "much XP at once", "ok",
           told(client_.call("task.complete", about(rich.id), fresh.posters[0].token)));
    for (const model::Millis past : {model::Millis{-1}, model::Millis{0}}) {
      client_.now = first + model::kDay + past;
      const SideTask task = drive_task(client_, fresh.posters[1], worker, Stop::funded);
      expect_offer(worker, task, fmt::format("work after much XP, {} of a day", when(past)), past == 0);
      expect("abuse guards", "safety-and-abuse.md §3.6",
             fmt::format("work after much XP, {} of a day", when(past)), past < 0 ? "409 CONFLICT" : "ok",
             told(client_.call("task.accept", about(task.id), worker.token)).substr(0, 12));
    }
  }

  // The guards stop nobody who stays within the limits: devices and accounts of one's own, the last task
  // allowed.
  void honest() {
    const SafetyPeople fresh = stage_.people(kActiveMax + 2, 2);
    for (std::size_t i = 0; i < 3; ++i) {
      const Person& person = i < 1 ? fresh.posters[0] : fresh.workers[i - 1];
      client_.sql(fmt::format(
          "INSERT INTO beta_members (user_id, role, device_hash, joined_at) VALUES ('{}', '{}', '{}', '{}')",
          person.id, i < 1 ? "poster" : "hustler", net::random_hex(8), iso_text(client_.now)));
    }
    std::vector<SideTask> tasks;
    for (int i = 0; i <= kActiveMax; ++i) {
      tasks.push_back(
          drive_task(client_, fresh.posters[static_cast<std::size_t>(i)], fresh.workers[0], Stop::funded));
      expect_offer(fresh.workers[0], tasks.back(), fmt::format("a worker's task number {} at a time", i + 1),
                   i < kActiveMax);  // ELG-13
      expect("abuse guards", "safety-and-abuse.md §4",
             fmt::format("a worker's task number {} at a time", i + 1),
             i < kActiveMax ? "ok" : "409 CONFLICT",
             told(client_.call("task.accept", about(tasks.back().id), fresh.workers[0].token)).substr(0, 12));
    }
    expect("abuse guards", "safety-and-abuse.md §4", "the task too many, by somebody else", "ok",
           told(client_.call("task.accept", about(tasks.back().id), fresh.workers[1].token)));
    expect("abuse guards", "safety-and-abuse.md §4", "a task less", "ok",
           told(client_.call("task.cancel", about(tasks[0].id), fresh.posters[0].token)));
    const SideTask next = drive_task(client_, fresh.posters[4], fresh.workers[0], Stop::funded);
    expect("abuse guards", "safety-and-abuse.md §4", "and one more", "ok",
           told(client_.call("task.accept", about(next.id), fresh.workers[0].token)));
    const Person poster = stage_.people(1, 0).posters[0];
    for (int i = 0; i <= kPendingMax; ++i)
      expect("abuse guards", "safety-and-abuse.md §4", fmt::format("a poster's open task number {}", i + 1),
             i < kPendingMax ? "ok" : "409 CONFLICT TOO_MANY_PENDING",
             told(client_.call("task.create",
                               task_input(client_.now, 5000, fmt::format("Errand {}", i), "Ring."),
                               poster.token)));
  }

  const SafetyStage& stage_;
  SideClient client_;
  SafetyPeople people_;
  std::uint64_t number_ = 9000;
};

}  // namespace

void check_moments(const SafetyStage& stage) {
  Moments(stage).run();
}

}  // namespace loadgen
