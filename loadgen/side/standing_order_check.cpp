// One change of standing after another (safety-and-abuse.md §1.1, §1.2): whatever an account has behind it,
// the next decision holds as it was made, to the instant of its end, and a ban holds beyond all of them. An
// admin's word that would end sooner than the suspension in force is not asked for: the specification leaves
// open which of the two holds. Nor does it say whether somebody who was paused before he was suspended is
// paused again in the end.
#include <array>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "loadgen/encode.h"
#include "loadgen/side/side_checks.h"
#include "loadgen/side/standing_hands.h"
#include "model/rules/standing.h"

namespace loadgen {
namespace {

constexpr std::string_view kSpec = "safety-and-abuse.md §1";
constexpr model::Millis kNoEnd = INT64_MAX;
constexpr model::Millis kFar = 1000 * model::kDay;

// A suspension that an admin has ended, that the clock has ended, or that goes on.
struct Past {
  std::string_view name;
  model::Millis length = 0;  // 0: none
  bool restored = false, over = false, paused = false;
};
constexpr std::array kPasts{Past{.name = "without a past"},
                            Past{.name = "restored", .length = kNoEnd, .restored = true},
                            Past{.name = "once suspended for an hour", .length = model::kHour, .over = true},
                            Past{.name = "suspended for an hour", .length = model::kHour},
                            Past{.name = "suspended for 30 days", .length = 30 * model::kDay},
                            Past{.name = "suspended for 400 days", .length = 400 * model::kDay},
                            Past{.name = "suspended without an end", .length = kNoEnd},
                            Past{.name = "paused", .paused = true}};

struct Step {
  std::string_view name;
  std::string_view status = {};  // by an admin; empty: by strikes
  model::Millis length = 0;
  std::array<int, 3> severities{};  // 0: none
};
constexpr std::array kSteps{
    Step{.name = "restored", .status = "ACTIVE"},
    Step{.name = "suspended for two days", .status = "SUSPENDED", .length = 2 * model::kDay},
    Step{.name = "suspended without an end", .status = "SUSPENDED", .length = kNoEnd},
    Step{.name = "given a strike of severity 1", .severities = {1}},
    Step{.name = "given three strikes of severity 2", .severities = {2, 2, 2}},
    Step{.name = "given a strike of severity 3", .severities = {3}}};

// When a suspension ends; nothing: there is none.
using End = std::optional<model::Millis>;

std::string text_of(End end) {
  if (!end) return "ACTIVE";
  return standing_text("SUSPENDED", *end == kNoEnd ? "" : iso_text({*end}));
}

class StandingOrders {
 public:
  explicit StandingOrders(const SafetyStage& stage)
      : stage_(stage), client_(stage.client()), people_(stage.people(kPasts.size() * kSteps.size() + 1, 0)) {}

  void run() {
    const model::Instant start = client_.now;
    std::size_t used = 0;
    for (const Past& past : kPasts) {
      for (const Step& step : kSteps) {
        client_.now = start;
        const Person& person = people_.posters[used++];
        const End before = lived(person, past);
        if (before && step.status == "SUSPENDED" && step.length != kNoEnd) continue;
        const std::string what = fmt::format("an account {}, then {}", past.name, step.name);
        const End after = taken(person, step, before, what);
        if (!past.paused) acts(person, after, what);
      }
    }
    client_.now = start;
    keeps_what_is_paused(people_.posters[used]);
  }

 private:
  bool expect(const std::string& what, const std::string& expected, const std::string& observed) {
    return stage_.expect("safety standing", "standing", kSpec, what, expected, observed);
  }
  void tick() { client_.now = client_.now + model::kSecond; }
  Reply decided(const Person& person, std::string_view status, model::Millis length) {
    tick();
    const bool dated = length != 0 && length != kNoEnd;
    return set_standing(client_, people_.banner, person, status,
                        dated ? client_.now + length : model::Instant{});
  }
  End end_of(model::Millis length) const {
    if (length == 0) return {};
    return length == kNoEnd ? kNoEnd : client_.now.ms + length;
  }

  // Answers what is in force then.
  End lived(const Person& person, const Past& past) {
    if (past.paused) decided(person, "PAUSED", 0);
    if (past.length == 0) return {};
    decided(person, "SUSPENDED", past.length);
    const End end = end_of(past.length);
    if (past.restored) decided(person, "ACTIVE", 0);
    if (past.over) client_.now = {*end + model::kHour};
    if (past.restored || past.over) return {};
    return end;
  }

  End taken(const Person& person, const Step& step, End before, const std::string& what) {
    if (!step.status.empty()) {
      const Reply reply = decided(person, step.status, step.length);
      const End due = end_of(step.length);
      if (!expect(what, text_of(due), standing_told(reply)) || !due) return due;
      expect(what + ", its row", text_of(due), standing_stored(client_, person));
      return due;
    }
    std::vector<model::rules::Strike> strikes;
    End due = before;
    for (const int severity : step.severities) {
      if (severity == 0) break;
      tick();
      strikes.push_back({severity, client_.now});
      add_strike(client_, people_.banner, person, severity, fmt::format("event-{}", strikes.size()));
      const model::Instant until = model::rules::suspended_until(strikes, client_.now, {});
      if (until.present() && (!due || *due < until.ms)) due = until.ms;
    }
    if (due) expect(what + ", its row", text_of(due), standing_stored(client_, person));
    return due;
  }

  // §1.1: whoever is paused has his streak and tier kept.
  void keeps_what_is_paused(const Person& person) {
    client_.sql(fmt::format("UPDATE users SET current_streak = 7 WHERE id = '{}'", person.id));
    decided(person, "PAUSED", 0);
    expect(
        "streak and tier of somebody paused, and when", "true true true",
        client_.sql(fmt::format("SELECT concat_ws(' ', (pause_streak_snapshot = current_streak)::text, "
                                "(pause_trust_tier_snapshot = trust_tier)::text, (paused_at = '{}')::text) "
                                "FROM users WHERE id = '{}'",
                                iso_text(client_.now), person.id)));
  }

  // Now, around the end, long after; then the same instants with a ban.
  void acts(const Person& person, End end, const std::string& what) {
    std::vector<model::Instant> moments{client_.now + 1};
    if (end && *end != kNoEnd) moments.insert(moments.end(), {{*end - 1}, {*end}});
    moments.push_back(client_.now + kFar);
    for (const bool banned : {false, true}) {
      if (banned) ban(client_, person.id);
      for (const model::Instant at : moments) {
        client_.now = at;
        const bool may = !banned && (!end || at.ms >= *end);
        expect(fmt::format("{}{}: a change at {}", what, banned ? ", then banned" : "", iso_text(at)),
               may ? "ok" : "403 HX602", code_told(change_something(client_, person)));
      }
    }
  }

  const SafetyStage& stage_;
  SideClient client_;
  SafetyPeople people_;
};

}  // namespace

void check_standing_orders(const SafetyStage& stage) {
  StandingOrders(stage).run();
}

}  // namespace loadgen
