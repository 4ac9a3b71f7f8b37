// Whose suspension a word about a risk score ends (§3.1, §3.2): that of the score itself, when it is
// dismissed, and no other one's: not that of a newer score, a strike or an admin.
#include <array>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "loadgen/side/side_checks.h"
#include "loadgen/side/standing_hands.h"

namespace loadgen {
namespace {

using nlohmann::json;

// What came after the first score had suspended somebody.
enum class Since : std::uint8_t {
  nothing,
  restored,
  another_score,
  admin_without_end,
  admin_with_end,
  strike,
  admin_on_top
};
struct Case {
  Since since;
  std::string_view name;
  std::size_t about = 0;  // which score is reviewed
};
constexpr std::array kCases{
    Case{Since::nothing, "the score that suspended"},
    Case{Since::restored, "the score of somebody restored"},
    Case{Since::another_score, "the older score of somebody restored whom a newer one has suspended"},
    Case{Since::another_score, "the newer score of somebody restored, which has suspended him again", 1},
    Case{Since::admin_without_end, "the score of somebody restored whom an admin has suspended"},
    Case{Since::admin_with_end, "the score of somebody restored whom an admin has suspended for a week"},
    Case{Since::strike, "the score of somebody restored whom a strike has suspended"},
    Case{Since::admin_on_top, "the score of somebody whom an admin has suspended as well"}};
constexpr std::array<std::string_view, 3> kDecisions{"reviewed", "resolved", "dismissed"};

class ScoreReviews {
 public:
  explicit ScoreReviews(const SafetyStage& stage)
      : stage_(stage), client_(stage.client()), people_(stage.people(kCases.size() * kDecisions.size(), 0)) {}

  void run() {
    std::size_t used = 0;
    for (const Case& each : kCases) {
      for (const std::string_view decision : kDecisions) judge(people_.posters[used++], each, decision);
    }
  }

 private:
  bool expect(const std::string& what, const std::string& expected, const std::string& observed) {
    return stage_.expect("safety risk", "fraud score", "safety-and-abuse.md §3.2", what, expected, observed);
  }
  void tick() { client_.now = client_.now + model::kSecond; }
  std::string assessed(const Person& person) {
    return assess_risk(client_, people_.banner, person).text("/result/data/score_id");
  }
  void decided(const Person& person, std::string_view status, model::Instant until = {}) {
    tick();
    set_standing(client_, people_.banner, person, status, until);
  }

  void judge(const Person& person, const Case& each, std::string_view decision) {
    tick();
    make_risky(client_, person);
    std::array<std::string, 2> scores{assessed(person)};
    if (each.since != Since::nothing && each.since != Since::admin_on_top) decided(person, "ACTIVE");
    if (each.since == Since::another_score) {
      tick();
      scores[1] = assessed(person);
    }
    if (each.since == Since::admin_without_end || each.since == Since::admin_on_top)
      decided(person, "SUSPENDED");
    if (each.since == Since::admin_with_end) decided(person, "SUSPENDED", client_.now + 7 * model::kDay);
    tick();
    if (each.since == Since::strike) add_strike(client_, people_.banner, person, 3, "the one");
    const std::string before = standing_stored(client_, person);
    const bool his = each.since == Since::nothing || (each.since == Since::another_score && each.about == 1);
    const std::string what = fmt::format("{} is {}", each.name, decision);
    tick();
    const Reply reply = client_.call(
        "admin.reviewRisk",
        json{{"score_id", scores[each.about]}, {"decision", decision}, {"notes", "It was a drill."}}.dump(),
        people_.banner.token);
    if (!expect(what, "ok", code_told(reply))) return;
    expect(what + ": the account", his && decision == "dismissed" ? "ACTIVE" : before,
           standing_stored(client_, person));
  }

  const SafetyStage& stage_;
  SideClient client_;
  SafetyPeople people_;
};

}  // namespace

void check_score_reviews(const SafetyStage& stage) {
  ScoreReviews(stage).run();
}

}  // namespace loadgen
