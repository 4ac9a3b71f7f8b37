// Instants as they are written and read (api.md §0): the same moment comes back in the last and first days of
// many years, when the server's own clock stands there too, and whatever zone it was written in.
#include <array>
#include <chrono>
#include <nlohmann/json.hpp>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "loadgen/encode.h"
#include "loadgen/instant_text.h"
#include "loadgen/side/side_checks.h"

namespace loadgen {
namespace {

using nlohmann::json;

constexpr int kYears = 7;  // each weekday begins one of them, or nearly so
constexpr std::array<model::Millis, 3> kFractions{0, 1, 999};

// Minutes east of Greenwich that clocks somewhere show, or have shown, in summer or winter.
constexpr std::array kZones{-720, -660, -570, -480, -210, -150, -60, 0,
                            60,   210,  330,  345,  525,  570,  765, 840};

// The same moment as a clock `minutes` east shows it.
std::string written(model::Instant at, int minutes) {
  std::string text = iso_text(at + minutes * model::kMinute);
  text.pop_back();
  const int size = std::abs(minutes);
  return fmt::format("{}{}{:02}:{:02}", text, minutes < 0 ? '-' : '+', size / 60, size % 60);
}

std::string read(const std::string& text) {
  const auto at = instant_told(text);
  return at ? iso_text(*at) : fmt::format("'{}'", text);
}

class Instants {
 public:
  explicit Instants(const SafetyStage& stage)
      : stage_(stage), client_(stage.client()), people_(stage.people(1, kZones.size())) {}

  void run() {
    zones();
    turns_of_years();
  }

 private:
  bool expect(const std::string& what, const std::string& expected, const std::string& observed) {
    return stage_.expect("safety wire", "instants", "api.md §0", what, expected, observed);
  }
  Reply post(const std::string& deadline) {
    json input = json::parse(task_input(client_.now, 5000, "Wind the clock", "In the hall."));
    input["deadline"] = deadline;
    return client_.call("task.create", input.dump(), people_.posters[0].token);
  }
  Reply shown(const std::string& task) {
    return client_.call("task.getById", json{{"task_id", task}}.dump(), people_.posters[0].token);
  }

  void turns_of_years() {
    using namespace std::chrono;
    const year first = year_month_day(sys_days(days(model::utc_day(client_.now)))).year();
    for (year y = first; y < first + years(kYears); ++y) {
      const sys_days last = y / December / 31;
      const sys_days february = y / February / std::chrono::last;
      for (const sys_days day : {february, february + days(1), last - days(2), last - days(1), last,
                                 last + days(1), last + days(2), last + days(3)})
        deadline_at({day.time_since_epoch().count() * model::kDay});
    }
  }

  // A task posted at this moment, due at almost the same time of the next day.
  void deadline_at(model::Instant now) {
    if (now < stage_.client().now) return;
    client_.now = now + kFractions.at(fraction_++ % kFractions.size());
    const model::Instant deadline = client_.now + model::kDay + 1;
    const Reply made = post(iso_text(deadline));
    if (!expect(fmt::format("a task due {}", iso_text(deadline)), "ok", told(made))) return;
    const Reply task = shown(made.text("/result/data/id"));
    expect("created_at of the answer", iso_text(client_.now), read(made.text("/result/data/created_at")));
    expect("created_at of the task", iso_text(client_.now), read(task.text("/result/data/created_at")));
    expect("deadline of the task", iso_text(deadline), read(task.text("/result/data/deadline")));
  }

  // §1.1: a deadline is in the future or not, wherever the clock hangs. And what other procedures are told.
  void zones() {
    for (std::size_t i = 0; i < kZones.size(); ++i) {
      const int zone = kZones.at(i);
      client_.now = client_.now + model::kSecond;
      const model::Instant soon = client_.now + model::kMinute;
      const std::string text = written(soon, zone);
      const Reply made = post(text);
      if (expect("a deadline in a minute, " + text, "ok", told(made)))
        expect("it is shown", iso_text(soon),
               read(shown(made.text("/result/data/id")).text("/result/data/deadline")));
      const std::string past = written(client_.now + -model::kMinute, zone);
      expect("a deadline a minute ago, " + past, "400 VALIDATION_ERROR", code_told(post(past)));
      suspended(people_.workers[i], soon, text);
    }
  }

  void suspended(const Person& person, model::Instant until, const std::string& text) {
    const json input{{"user_id", person.id},
                     {"status", "SUSPENDED"},
                     {"reason", "Decided by a human."},
                     {"suspended_until", text}};
    const Reply reply = client_.call("admin.updateUserStatus", input.dump(), people_.banner.token);
    if (expect("a suspension for a minute, until " + text, "ok", told(reply)))
      expect("it is told", iso_text(until), read(reply.text("/result/data/suspended_until")));
    const model::Instant now = client_.now;
    for (const model::Millis past : {-1, 1}) {
      client_.now = until + past;
      expect(fmt::format("a mutation {} ms after {}", past, text), past < 0 ? "403 HX602" : "ok",
             code_told(client_.call("user.updateProfile", R"({"full_name":"Ana Adams"})", person.token)));
    }
    client_.now = now;
  }

  const SafetyStage& stage_;
  SideClient client_;
  SafetyPeople people_;
  std::size_t fraction_ = 0;
};

}  // namespace

void check_instants(const SafetyStage& stage) {
  Instants(stage).run();
}

}  // namespace loadgen
