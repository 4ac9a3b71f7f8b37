// The rights of a role (SAF-17, SAF-20): what was said last holds, each right by itself, given and taken.
#include <array>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "loadgen/side/safety_stage.h"
#include "loadgen/side/side_checks.h"

namespace loadgen {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 5> kRights{"can_resolve_disputes", "can_override_escrow",
                                                  "can_modify_trust", "can_ban_users",
                                                  "can_access_financials"};

class Rights {
 public:
  explicit Rights(const SafetyStage& stage)
      : stage_(stage), client_(stage.client()), people_(stage.people(1, 0)) {}

  void run() {
    for (std::size_t right = 0; right < kRights.size(); ++right) {
      for (const bool gives : {true, false}) {
        grant("support", [&](std::size_t) { return !gives; });
        grant("moderator", [&](std::size_t i) { return (i == right) == gives; });
      }
    }
    // Rights that nobody names are not given.
    const json bare{{"user_id", person().id}, {"role", "support"}};
    judge("a role without a word about rights", bare, [](std::size_t) { return false; });
    const json reason{{"user_id", person().id}, {"reason", "It was a drill."}};
    client_.call("admin.revokeRole", reason.dump(), people_.founder.token);
  }

 private:
  const Person& person() const { return people_.posters[0]; }

  template <class Given>
  void grant(std::string_view role, const Given& given) {
    json input{{"user_id", person().id}, {"role", role}};
    std::string what = fmt::format("the role {}", role);
    for (std::size_t i = 0; i < kRights.size(); ++i) {
      input[std::string(kRights[i])] = given(i);
      if (given(i)) what += fmt::format(", {}", kRights[i]);
    }
    judge(what, input, given);
  }

  template <class Given>
  void judge(const std::string& what, const json& input, const Given& given) {
    client_.now = client_.now + model::kSecond;
    stage_.expect("safety admin", "SAF-17", "safety-and-abuse.md §7.1", what, "ok",
                  code_told(client_.call("admin.grantRole", input.dump(), people_.founder.token)));
    std::string due = input["role"].get<std::string>(), row = "role";
    for (std::size_t i = 0; i < kRights.size(); ++i) {
      due += given(i) ? " true" : " false";
      row += fmt::format(", {}", kRights[i]);
    }
    stage_.expect(
        "safety admin", "SAF-17", "safety-and-abuse.md §7.1", what + ": role and rights after it", due,
        client_.sql(fmt::format("SELECT concat_ws(' ', {}) FROM (SELECT role, {} FROM admin_roles WHERE "
                                "user_id = '{}') r",
                                row, casts(), person().id)));
  }
  // Booleans as words.
  static std::string casts() {
    std::string text;
    for (const std::string_view right : kRights)
      text += fmt::format("{}{}::text AS {}", text.empty() ? "" : ", ", right, right);
    return text;
  }

  const SafetyStage& stage_;
  SideClient client_;
  SafetyPeople people_;
};

}  // namespace

void check_rights(const SafetyStage& stage) {
  Rights(stage).run();
}

}  // namespace loadgen
