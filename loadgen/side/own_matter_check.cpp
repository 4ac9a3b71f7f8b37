// Nobody decides his own matter (SAF-18, SAF-19), however he names it: strikes that name a task, a dispute or
// both, his own among foreign ones; and his own id and those of his own things in capital letters, which are
// the same ids. A server may refuse another spelling or a task and a dispute that do not belong together, so
// there any refusal will do.
#include <algorithm>
#include <array>
#include <cctype>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "loadgen/side/side_checks.h"

namespace loadgen {
namespace {

using nlohmann::json;

constexpr std::string_view kSpec = "safety-and-abuse.md §7.1";
constexpr std::string_view kWhy = "It was a drill.";
constexpr std::string_view kManyRights =
    "INSERT INTO admin_roles (user_id, role, can_resolve_disputes, can_override_escrow, can_modify_trust, "
    "can_ban_users, can_access_financials) VALUES ('{}', 'admin', true, true, true, true, false)";

enum class Whose : std::uint8_t { nobody, own, foreign };
constexpr std::array kWhose{Whose::nobody, Whose::own, Whose::foreign};

std::string_view name_of(Whose whose) {
  return whose == Whose::nobody ? "no" : whose == Whose::own ? "his own" : "a foreign";
}

std::string in_capitals(std::string id) {
  std::ranges::transform(id, id.begin(), [](unsigned char c) { return std::toupper(c); });
  return id;
}

class OwnMatters {
 public:
  explicit OwnMatters(const SafetyStage& stage)
      : stage_(stage), client_(stage.client()), people_(stage.people(4, 2)) {
    tasks_[0] = drive_task(client_, people_.posters[0], people_.workers[0], Stop::disputed);
    tasks_[1] = drive_task(client_, people_.posters[1], people_.workers[1], Stop::disputed);
  }

  void run() {
    for (const Person* party : {&people_.posters[0], &people_.workers[0]}) {
      client_.sql(fmt::format(kManyRights, party->id));
      for (const Whose task : kWhose) {
        for (const Whose dispute : kWhose) strike(*party, task, dispute);
      }
      verdicts(*party);
      himself(*party);
      client_.sql(fmt::format("DELETE FROM admin_roles WHERE user_id = '{}'", party->id));
    }
    himself_in_a_task();
  }

 private:
  void expect(const std::string& what, const std::string& expected, const std::string& observed) {
    stage_.expect("safety admin", "SAF-19", kSpec, what, expected, observed);
  }
  Reply call(const Person& by, std::string_view procedure, const json& input) {
    client_.now = client_.now + model::kSecond;
    return client_.call(procedure, input.dump(), by.token);
  }
  std::string who(const Person& party) const {
    return fmt::format("an admin who is the {}", party.id == people_.posters[0].id ? "poster" : "worker");
  }
  // `exactly`: HX503 is due; otherwise any refusal.
  void refused(const Person& by, const std::string& what, std::string_view procedure, const json& input,
               bool exactly) {
    const Reply reply = call(by, procedure, input);
    const bool other = !exactly && !reply.ok() && reply.status != 0 && reply.status < 500;
    expect(what, "403 HX503", other ? "403 HX503" : code_told(reply));
  }

  json strike_about(Whose task, Whose dispute, bool capitals) {
    const auto spelt = [&](const std::string& id) { return capitals ? in_capitals(id) : id; };
    json input{{"user_id", people_.posters[3].id},
               {"severity", 1},
               {"source_event", fmt::format("own-{}", ++events_)},
               {"reason", kWhy}};
    if (task != Whose::nobody) input["related_task_id"] = spelt(of(task).id);
    if (dispute != Whose::nobody) input["related_dispute_id"] = spelt(of(dispute).dispute);
    return input;
  }
  const SideTask& of(Whose whose) const { return tasks_[whose == Whose::own ? 0 : 1]; }

  // Added, and taken from somebody to whom another admin gave it.
  void strike(const Person& party, Whose task, Whose dispute) {
    const bool own = task == Whose::own || dispute == Whose::own;
    const bool together = task == dispute || task == Whose::nobody || dispute == Whose::nobody;
    if (!own && !together) return;
    for (const bool capitals : {false, true}) {
      if (capitals && !own) continue;
      const std::string what = fmt::format("a strike with {} task and {} dispute{} by {}", name_of(task),
                                           name_of(dispute), capitals ? ", in capitals," : "", who(party));
      const json by_another = strike_about(task, dispute, capitals);
      const std::string given =
          call(people_.founder, "admin.addStrike", by_another).text("/result/data/strike_id");
      if (!given.empty()) stored(given, by_another, task, dispute);
      const json removal{{"strike_id", given}, {"reason", kWhy}};
      if (own) {
        const bool exactly = together && !capitals;
        refused(party, "adding " + what, "admin.addStrike", strike_about(task, dispute, capitals), exactly);
        if (!given.empty()) refused(party, "removing " + what, "admin.removeStrike", removal, true);
      } else {
        expect("adding " + what, "ok",
               code_told(call(party, "admin.addStrike", strike_about(task, dispute, capitals))));
        expect("removing " + what, "ok", code_told(call(party, "admin.removeStrike", removal)));
      }
    }
  }

  // §1.2: the record tells what the strike is about and who gave it.
  void stored(const std::string& strike, const json& input, Whose task, Whose dispute) {
    expect(fmt::format("the row of a strike with {} task and {} dispute", name_of(task), name_of(dispute)),
           fmt::format("1 manual {} by {}, task {}, dispute {}", input["source_event"].get<std::string>(),
                       people_.founder.id, task == Whose::nobody ? "none" : of(task).id,
                       dispute == Whose::nobody ? "none" : of(dispute).dispute),
           client_.sql(fmt::format("SELECT severity || ' ' || source || ' ' || source_event || ' by ' || "
                                   "created_by || ', task ' || coalesce(related_task_id::text, 'none') || "
                                   "', dispute ' || coalesce(related_dispute_id::text, 'none') FROM "
                                   "user_strikes WHERE id = '{}'",
                                   strike)));
  }

  void verdicts(const Person& party) {
    for (const bool capitals : {false, true}) {
      const auto spelt = [&](const std::string& id) { return capitals ? in_capitals(id) : id; };
      const std::string by = fmt::format("{}{}", who(party), capitals ? ", ids in capitals" : "");
      refused(party, "the verdict of " + by, "dispute.resolve",
              {{"dispute_id", spelt(tasks_[0].dispute)}, {"resolution", "HUSTLER_WINS"}, {"notes", kWhy}},
              !capitals);
      refused(party, "the agreement of " + by, "admin.approveOverride",
              {{"escrow_id", spelt(tasks_[0].escrow)},
               {"override", "release"},
               {"reason", kWhy},
               {"idempotency_key", fmt::format("own-{}", ++events_)}},
              !capitals);
    }
  }

  // SAF-18, SAF-19: about his own account, with every right but one that he would like to have.
  void himself(const Person& party) {
    for (const bool capitals : {false, true}) {
      const std::string id = capitals ? in_capitals(party.id) : party.id;
      const std::string what = fmt::format("{} about himself{}", who(party), capitals ? ", in capitals" : "");
      refused(
          party, "a role given by " + what, "admin.grantRole",
          {{"user_id", id}, {"role", "admin"}, {"can_modify_trust", true}, {"can_access_financials", true}},
          !capitals);
      refused(party, "a role taken by " + what, "admin.revokeRole", {{"user_id", id}, {"reason", kWhy}},
              !capitals);
      refused(party, "a strike given by " + what, "admin.addStrike",
              {{"user_id", id},
               {"severity", 1},
               {"source_event", fmt::format("own-{}", ++events_)},
               {"reason", kWhy}},
              !capitals);
      refused(party, "a risk assessed by " + what, "admin.assessRisk", {{"user_id", id}, {"reason", kWhy}},
              !capitals);
      expect("the rights of " + what, "admin true false",
             client_.sql(fmt::format("SELECT concat_ws(' ', role, can_override_escrow::text, "
                                     "can_access_financials::text) FROM admin_roles WHERE user_id = '{}'",
                                     party.id)));
    }
  }

  // Nor is anybody both sides of a task.
  void himself_in_a_task() {
    const Person& poster = people_.posters[2];
    const SideTask task = drive_task(client_, poster, people_.workers[1], Stop::funded);
    const SideTask done = drive_task(client_, poster, people_.workers[1], Stop::submitted);
    for (const bool capitals : {false, true}) {
      const auto refuses = [&](const std::string& what, const Person& by, std::string_view procedure,
                               std::string_view member, const std::string& id) {
        refused(by, fmt::format("{}{}", what, capitals ? ", its id in capitals" : ""), procedure,
                {{std::string(member), capitals ? in_capitals(id) : id}}, false);
      };
      refuses("taking one's own task", poster, "task.accept", "task_id", task.id);
      refuses("accepting one's own proof", people_.workers[1], "proof.accept", "proof_id", done.proof);
      refuses("completing the task that one works at", people_.workers[1], "task.complete", "task_id",
              done.id);
    }
  }

  const SafetyStage& stage_;
  SideClient client_;
  SafetyPeople people_;
  std::array<SideTask, 2> tasks_;  // his own and a foreign one
  int events_ = 0;
};

}  // namespace

void check_own_matters(const SafetyStage& stage) {
  OwnMatters(stage).run();
}

}  // namespace loadgen
