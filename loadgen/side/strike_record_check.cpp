// Rules A and B over whole records (safety-and-abuse.md §1.2): three strikes of every severity in every
// order, at the edges of both windows. Whoever was suspended is restored before the next strike, so that no
// longer suspension hides what that one brings about. The dates are spread over four years: the lengths are
// hours and days, no months or years of a calendar.
#include <array>
#include <nlohmann/json.hpp>
#include <vector>

#include <fmt/format.h>

#include "loadgen/encode.h"
#include "loadgen/side/side_checks.h"
#include "loadgen/side/standing_hands.h"
#include "model/rules/standing.h"

namespace loadgen {
namespace {

using model::rules::Strike;
using nlohmann::json;

constexpr std::size_t kStrikes = 3;
// How long before the last strike the others were given.
using Spacing = std::array<model::Millis, kStrikes>;
constexpr std::array kSpacings{
    Spacing{2 * model::kSecond, model::kSecond, 0}, Spacing{model::rules::kCriticalWindow, model::kSecond, 0},
    Spacing{model::rules::kCriticalWindow + 1, model::kSecond, 0},
    Spacing{model::rules::kRepeatWindow, model::rules::kCriticalWindow, 0},
    Spacing{model::rules::kRepeatWindow + 1, model::rules::kCriticalWindow + 1, 0}};
constexpr std::size_t kRecords = 27;   // of three severities
constexpr std::size_t kToldAgain = 3;  // severities of the first telling
constexpr std::size_t kDates = 16;
constexpr model::Millis kBetweenDates = 91 * model::kDay;

class StrikeRecords {
 public:
  explicit StrikeRecords(const SafetyStage& stage)
      : stage_(stage),
        client_(stage.client()),
        people_(stage.people(kSpacings.size() * kRecords + kToldAgain, 0)) {}

  void run() {
    const model::Instant begin = client_.now + model::rules::kRepeatWindow + model::kDay;
    std::size_t used = 0;
    for (const Spacing& spacing : kSpacings) {
      for (std::size_t record = 0; record < kRecords; ++record, ++used) {
        const std::array severities{1 + static_cast<int>(record / 9), 1 + static_cast<int>(record / 3 % 3),
                                    1 + static_cast<int>(record % 3)};
        const auto date = static_cast<model::Millis>(used % kDates);
        follow(people_.posters[used], severities, spacing, begin + date * kBetweenDates);
      }
    }
    for (std::size_t i = 0; i < kToldAgain; ++i)
      told_again(people_.posters[used + i], 1 + static_cast<int>(i), begin);
  }

 private:
  void follow(const Person& person, const std::array<int, kStrikes>& severities, const Spacing& spacing,
              model::Instant last) {
    std::vector<Strike> strikes;
    std::string story;
    for (std::size_t i = 0; i < kStrikes; ++i) {
      client_.now = last + -spacing[i];
      strikes.push_back({severities[i], client_.now});
      story += fmt::format("{}severity {} at {}", i == 0 ? "" : ", ", severities[i], iso_text(client_.now));
      const model::Instant until = model::rules::suspended_until(strikes, client_.now, {});
      const Reply reply =
          add_strike(client_, people_.banner, person, severities[i], fmt::format("event-{}", i));
      stage_.expect("safety standing", "strikes", "safety-and-abuse.md §1.2",
                    "strikes, the account restored after each: " + story,
                    until.present() ? standing_text("SUSPENDED", iso_text(until)) : "ACTIVE",
                    standing_told(reply));
      if (!until.present() || i + 1 == kStrikes) continue;
      client_.now = client_.now + 1;
      set_standing(client_, people_.banner, person, "ACTIVE");
    }
  }

  // One event is one strike for good: told again as another severity, and when it was removed.
  void told_again(const Person& person, int severity, model::Instant at) {
    client_.now = at;
    const std::string first =
        add_strike(client_, people_.banner, person, severity, "the one").text("/result/data/strike_id");
    for (const bool removed : {false, true}) {
      client_.now = client_.now + model::kSecond;
      if (removed) {
        const json removal{{"strike_id", first}, {"reason", "It was a mistake."}};
        client_.call("admin.removeStrike", removal.dump(), people_.banner.token);
      }
      client_.now = client_.now + model::kSecond;
      set_standing(client_, people_.banner, person, "ACTIVE");
      for (const int told : {1, 2, 3}) {
        client_.now = client_.now + model::kDay;
        const Reply again = add_strike(client_, people_.banner, person, told, "the one");
        stage_.expect(
            "safety standing", "strikes", "safety-and-abuse.md §1.2",
            fmt::format("an event of severity {}{}, told again with {}", severity,
                        removed ? ", its strike removed" : "", told),
            "one strike, ACTIVE",
            fmt::format("{} strike, {}", again.text("/result/data/strike_id") == first ? "one" : "another",
                        standing_stored(client_, person)));
      }
    }
    stage_.expect(
        "safety standing", "strikes", "safety-and-abuse.md §1.2", "strikes of one event",
        fmt::format("1 of severity {}", severity),
        client_.sql(fmt::format("SELECT count(*) || ' of severity ' || max(severity) FROM user_strikes "
                                "WHERE user_id = '{}'",
                                person.id)));
  }

  const SafetyStage& stage_;
  SideClient client_;
  SafetyPeople people_;
};

}  // namespace

void check_strike_records(const SafetyStage& stage) {
  StrikeRecords(stage).run();
}

}  // namespace loadgen
