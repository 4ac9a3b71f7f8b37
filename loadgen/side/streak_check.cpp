// Streaks where the calendar turns (money.md §5, decision 24): two completions on either side of the ends of
// months and years, leap days among them, and on almost the same day a year apart.
#include <array>
#include <chrono>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "loadgen/side/side_checks.h"
#include "model/rules/reputation.h"

namespace loadgen {
namespace {

using std::chrono::days;
using std::chrono::sys_days;

constexpr int kStreak = 5;  // before the second completion: neither a first day nor a multiplier's edge
constexpr int kYears = 8;   // a leap year and every weekday that a year can begin with

struct Turn {
  sys_days last;  // a day with a completion
  int later = 0;  // days until the next one
};

// From the day after `today` on.
std::vector<Turn> turns(sys_days today) {
  using namespace std::chrono;
  const year first = year_month_day(today).year();
  std::vector<Turn> all;
  const auto add = [&](sys_days last, std::initializer_list<int> gaps) {
    if (last <= today) return;
    for (const int later : gaps) all.push_back({last, later});
  };
  for (year y = first; y < first + years(kYears); ++y) {
    add(y / December / 31, {1});
    if (y.is_leap()) add(y / February / 29, {1, 2, 3});
  }
  const year whole = first + years(1);
  for (const month m : {January, February, April, December}) add(whole / m / last, {1, 2, 3});
  // A day counts once, however alike its name is a year later.
  add(whole / March / 10, {364, 365, 366, 367});
  add(whole / December / 31, {365, 366});
  return all;
}

class Streaks {
 public:
  explicit Streaks(const SafetyStage& stage) : stage_(stage), client_(stage.client()) {}

  void run() {
    const std::vector<Turn> all = turns(sys_days(days(model::utc_day(client_.now))));
    people_ = stage_.people(1, all.size());
    for (std::size_t i = 0; i < all.size(); ++i) try_turn(all[i], people_.workers[i]);
  }

 private:
  static model::Instant start_of(sys_days day) { return {day.time_since_epoch().count() * model::kDay}; }

  // The last moment of one day and the first one of the other: what lies between them is whole days.
  void try_turn(const Turn& turn, const Person& worker) {
    const Person& poster = people_.posters[0];
    const model::Instant last = start_of(turn.last) + (model::kDay - 1);
    const model::Instant next = start_of(turn.last + days(turn.later));
    client_.now = last + -model::kMinute;
    const SideTask first = drive_task(client_, poster, worker, Stop::reviewed);
    const SideTask second = drive_task(client_, poster, worker, Stop::reviewed);
    complete(first, last);
    client_.sql(fmt::format("UPDATE users SET current_streak = {} WHERE id = '{}'", kStreak, worker.id));
    complete(second, next);
    model::User before;
    before.streak = kStreak;
    before.last_completed_day = model::utc_day(last);
    stage_.expect("safety tiers", "money.md §5", "money.md §5",
                  fmt::format("a streak of {} on {:%F}, and a completion on {:%F}", kStreak, turn.last,
                              turn.last + days(turn.later)),
                  std::to_string(model::streak_after(before, next)),
                  client_.call("user.getXP", "", worker.token).text("/result/data/current_streak"));
  }

  void complete(const SideTask& task, model::Instant now) {
    client_.now = now;
    must(client_.call("task.complete", fmt::format(R"({{"task_id":"{}"}})", task.id),
                      people_.posters[0].token),
         "task.complete");
  }

  const SafetyStage& stage_;
  SideClient client_;
  SafetyPeople people_;
};

}  // namespace

void check_streaks(const SafetyStage& stage) {
  Streaks(stage).run();
}

}  // namespace loadgen
