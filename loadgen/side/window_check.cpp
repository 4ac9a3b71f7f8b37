// Floods (safety-and-abuse.md §3.6), to the millisecond: what is a whole window old has left it. What counts
// is what somebody did or earned, whatever else was going on.
#include <array>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "loadgen/encode.h"
#include "loadgen/side/side_checks.h"
#include "model/rules/abuse.h"
#include "net/sign.h"

namespace loadgen {
namespace {

using nlohmann::json;

constexpr std::string_view kSpec = "safety-and-abuse.md §3.6";
constexpr int kCheapest = 500;  // cents
constexpr int kPrice = 5000;
constexpr std::size_t kCancellations = 3;
constexpr unsigned kAlways = (1U << kCancellations) - 1;  // the guards are on

// Of somebody who earns: so many completions a day apart, and a day or more before.
struct Past {
  std::string_view what;
  int completions = 0, price = kCheapest, days_before = 1;
};
constexpr std::array kPasts{Past{"a newcomer"}, Past{"a streak of 3", 2},
                            Past{"much XP before", 1, 450'000, 3}};

std::string about(const std::string& task) {
  return fmt::format(R"({{"task_id":"{}"}})", task);
}

class Windows {
 public:
  explicit Windows(const SafetyStage& stage)
      : stage_(stage), client_(stage.client()), financier_(stage.people(0, 0).financier) {}

  void run() {
    for (const model::Millis first : {model::kHour, model::kDay - 1, model::kDay}) {
      disputes(first);
      cancellations(stage_.people(1, 0).posters[0], first, kAlways);
    }
    const SafetyPeople posters = stage_.people(kAlways, 0);
    for (unsigned guarded = 0; guarded < kAlways; ++guarded)
      cancellations(posters.posters[guarded], model::kHour, guarded);
    others_cancellations();
    const SafetyPeople fresh = stage_.people(9, kPasts.size());
    for (std::size_t i = 0; i < kPasts.size(); ++i) earnings(kPasts.at(i), fresh, fresh.workers[i]);
  }

 private:
  void within(std::string_view rule, const std::string& what, bool may, const Reply& reply) {
    stage_.expect("safety abuse windows", rule, kSpec, what, may ? "ok" : "409 CONFLICT",
                  reply.ok() ? told(reply) : fmt::format("{} {}", reply.status, reply.hx));
  }

  // FM-200: the fourth dispute that one person opens within a day is refused.
  void disputes(model::Millis first) {
    const SafetyPeople fresh = stage_.people(4, 1);
    std::vector<SideTask> tasks;
    tasks.reserve(fresh.posters.size());
    for (const Person& poster : fresh.posters)
      tasks.push_back(drive_task(client_, poster, fresh.workers[0], Stop::submitted));
    guards(true);
    const model::Instant last = client_.now + 2 * model::kDay;
    std::vector<model::Instant> opened;
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      client_.now = last + -(i == 0 ? first : static_cast<model::Millis>(3 - i));
      const bool may = model::rules::may_open_dispute(opened, client_.now);
      within(
          "FM-200", fmt::format("dispute {} of one person, the first {} ms before the last", i + 1, first),
          may,
          client_.call(
              "dispute.create",
              json{{"task_id", tasks[i].id}, {"reason", "OTHER"}, {"description", "Not as agreed."}}.dump(),
              fresh.workers[0].token));
      if (may) opened.push_back(client_.now);
    }
    guards(false);
    client_.now = stage_.client().now;
  }

  // Post-and-cancel: after the third cancellation within a day he posts no more that day. `guarded`: a bit
  // for each of them, whether the guards are on meanwhile; what he did he did.
  void cancellations(const Person& poster, model::Millis first, unsigned guarded) {
    const model::Instant last = client_.now + 2 * model::kDay;
    std::vector<model::Instant> cancelled;
    for (std::size_t i = 0; i <= kCancellations; ++i) {
      client_.now = last + -(i == 0 ? first : static_cast<model::Millis>(kCancellations - i));
      guards(i == kCancellations || (guarded >> i & 1U) != 0);
      const bool may = model::rules::may_post(cancelled, client_.now);
      const Reply reply = client_.call(
          "task.create",
          task_input(client_.now, kCheapest, fmt::format("Paint fence {} {}", i, tag_), "In green."),
          poster.token);
      within("post-and-cancel",
             fmt::format("post {} after as many cancellations, the first {} ms before the last, guards on: "
                         "{:03b}",
                         i + 1, first, guarded),
             may, reply);
      if (i == kCancellations || !reply.ok()) continue;
      client_.call("task.cancel", about(reply.text("/result/data/id")), poster.token);
      cancelled.push_back(client_.now);
    }
    guards(false);
    client_.now = stage_.client().now;
  }

  // §3.6: his own, at every stage of a task; what an admin cancels and what expires is not his doing.
  void others_cancellations() {
    const SafetyPeople fresh = stage_.people(1, 1);
    const Person& poster = fresh.posters[0];
    std::vector<model::Instant> cancelled;
    guards(true);
    const auto post = [&](const std::string& after) {
      const std::string title = fmt::format("Mow lawn {} {}", cancelled.size(), after);
      within(
          "post-and-cancel", "a post after " + after, model::rules::may_post(cancelled, client_.now),
          client_.call("task.create", task_input(client_.now, kCheapest, title, "In green."), poster.token));
    };
    for (const Stop stop : {Stop::created, Stop::funded, Stop::accepted}) {
      const SideTask task = drive_task(client_, poster, fresh.workers[0], stop, kCheapest);
      client_.call("task.cancel", about(task.id), fresh.founder.token);
      post(fmt::format("an admin cancelled, stop {}", static_cast<int>(stop)));
    }
    for (const Stop stop : {Stop::created, Stop::funded, Stop::accepted}) {
      const SideTask task = drive_task(client_, poster, fresh.workers[0], stop, kCheapest);
      client_.call("task.cancel", about(task.id), poster.token);
      cancelled.push_back(client_.now);
      post(fmt::format("{} cancellations, stop {}", cancelled.size(), static_cast<int>(stop)));
    }
    guards(false);
  }

  void rule(std::string_view key, std::int64_t value) {
    client_.sql(
        fmt::format("UPDATE marketplace_rules SET value = '{}' WHERE city = '' AND key = '{}'", value, key));
  }

  // T-SAF-21: what he has earned against caps of just as much and one more, at the end of each window. XP is
  // what was credited, whatever a streak added or his XP before took away.
  void earnings(const Past& before, const SafetyPeople& fresh, const Person& worker) {
    std::size_t used = 0;
    const Person& payer = fresh.posters.at(used++);
    for (int i = 0; i < before.completions; ++i) {
      complete(payer, worker, before.price);
      client_.now = client_.now + before.days_before * model::kDay;
    }
    const std::int64_t had = xp_of(worker);
    complete(payer, worker, kPrice);
    const std::array earned{model::rules::Earned{client_.now, xp_of(worker) - had}};
    constexpr std::int64_t kMuch = 1'000'000;
    for (const bool hour : {true, false}) {
      const model::Millis window = hour ? model::rules::kVelocityWindow : model::kDay;
      for (const std::int64_t cap : {earned[0].xp, earned[0].xp + 1}) {
        for (const model::Millis past : {window - 1, window}) {
          const Person& poster = fresh.posters.at(used++);
          client_.now = earned[0].at + (past - model::kSecond);
          const SideTask task = drive_task(client_, poster, worker, Stop::funded);
          rule("max_xp_per_day", hour ? kMuch : cap);
          rule("max_xp_per_hour", hour ? cap : kMuch);
          guards(true);
          client_.now = earned[0].at + past;
          within("T-SAF-21",
                 fmt::format("accepting with {} XP {} ms old, at most {} in {} ms, {}", earned[0].xp, past,
                             cap, window, before.what),
                 model::rules::may_take_more(earned, client_.now, hour ? kMuch : cap, hour ? cap : kMuch),
                 client_.call("task.accept", about(task.id), worker.token));
          guards(false);
          client_.call("task.cancel", about(task.id), poster.token);
        }
      }
    }
    rule("max_xp_per_day", 10'000);
    rule("max_xp_per_hour", 3'000);
  }

  void complete(const Person& poster, const Person& worker, int price) {
    const SideTask task = drive_task(client_, poster, worker, Stop::reviewed, price);
    client_.now = client_.now + model::kSecond;
    must(client_.call("task.complete", about(task.id), poster.token), "task.complete");
  }
  void guards(bool on) {
    must(client_.call(
             "admin.setFlag",
             json{{"key", "abuse_guards"}, {"enabled", on}, {"reason", "The gate tries them."}}.dump(),
             financier_.token),
         "admin.setFlag");
  }
  std::int64_t xp_of(const Person& person) {
    return std::stoll(client_.sql(
        fmt::format("SELECT coalesce(sum(effective_xp), 0) FROM xp_ledger WHERE user_id = '{}'", person.id)));
  }

  const SafetyStage& stage_;
  SideClient client_;
  Person financier_;
  std::string tag_ = net::random_hex(3);
};

}  // namespace

void check_windows(const SafetyStage& stage) {
  Windows(stage).run();
}

}  // namespace loadgen
