// ELG-1 to ELG-7, each requirement alone. What a category asks of its worker comes in bundles, so that one
// test of acceptance hides behind another; here tasks that ask for a single thing are planted as rows. And
// what a worker would rather not do (T-ELG-12), in every combination.
#include <array>
#include <nlohmann/json.hpp>
#include <vector>

#include <fmt/format.h>

#include "loadgen/encode.h"
#include "loadgen/side/safety_stage.h"
#include "loadgen/side/side_checks.h"

namespace loadgen {
namespace {

using nlohmann::json;

constexpr std::string_view kTrade = "plumber";

// Somebody with a tier and some of three credentials for one trade in Washington.
struct Worker {
  char letter;
  int tier = 1;
  bool licence = false, insurance = false, background = false;
};
constexpr std::array kWorkers{Worker{'1', 1},
                              Worker{'2', 2},
                              Worker{'3', 3},
                              Worker{'4', 4},
                              Worker{.letter = 'l', .licence = true},
                              Worker{.letter = 'i', .insurance = true},
                              Worker{.letter = 'b', .background = true},
                              Worker{'c', 4, true, true, true}};

// A task that nobody would post, and whom it admits (eligibility.md §7, §6.3 strict-safe: clearance high is
// tier 4's, critical work also needs the background check).
struct Asked {
  std::string_view what, set, admits;
};
constexpr std::array kAsked{
    Asked{"nothing", "title = title", "1234libc"},
    Asked{"tier 2 alone", "required_trust_tier = 2", "234c"},
    Asked{"tier 3 alone", "required_trust_tier = 3", "34c"},
    Asked{"tier 4 alone", "required_trust_tier = 4", "4c"},
    Asked{"clearance for medium risk alone", "risk_level = 'medium'", "234c"},
    Asked{"clearance for high risk alone", "risk_level = 'high'", "4c"},
    Asked{"what critical risk asks alone", "risk_level = 'critical'", "c"},
    Asked{"a licence alone", "required_trade = 'plumber'", "lc"},
    Asked{"any insurance alone", "insurance_required = true", "ic"},
    Asked{"a licence with its insurance", "required_trade = 'plumber', insurance_required = true", "c"},
    Asked{"a licence of another trade", "required_trade = 'electrician'", ""},
    Asked{"a background check alone", "background_check_required = true", "bc"},
    Asked{"another state alone", "location_state = 'OR'", ""}};

// T-ELG-12: each flag hides tasks of its own kind from the feed, whatever else they are; nothing is refused.
struct Kind {
  std::string_view what, set;
  unsigned flags = 0;  // that it takes, by their places in kFlags
};
constexpr std::array<std::string_view, 3> kFlags{"in_home_work", "high_risk_tasks", "urgent_jobs"};
constexpr std::array kHomes{Kind{"", "task_category = 'errands'"},
                            Kind{"in-home ", "task_category = 'in_home_care'", 1}};
constexpr std::array kRisks{Kind{"low", "risk_level = 'low'"}, Kind{"medium", "risk_level = 'medium'"},
                            Kind{"high", "risk_level = 'high'", 2},
                            Kind{"critical", "risk_level = 'critical'", 2}};
constexpr std::array kUrgencies{Kind{"standard", "urgency = 'standard'"},
                                Kind{"same-day", "urgency = 'same_day'"},
                                Kind{"immediate", "urgency = 'immediate'", 4}};

struct Posted {
  std::string what, id;
  unsigned flags = 0;
};

class Requirements {
 public:
  explicit Requirements(const SafetyStage& stage) : stage_(stage), client_(stage.client()) {}

  void run() {
    people_ = stage_.people(1, kWorkers.size());
    for (std::size_t i = 0; i < kWorkers.size(); ++i) qualify(kWorkers[i], people_.workers[i]);
    for (const Asked& asked : kAsked) ask(asked);
    willing();
  }

 private:
  // No guard would let such rows in.
  void plant(const std::string& statements) {
    client_.sql("SET session_replication_role = replica; " + statements +
                "; SET session_replication_role = DEFAULT");
  }

  void qualify(const Worker& worker, const Person& person) {
    const std::string since = iso_text(client_.now + -model::kDay);
    const std::string until = iso_text(client_.now + 300 * model::kDay);
    std::string rows = fmt::format(
        "UPDATE users SET trust_tier = {1} WHERE id = '{0}';"
        " UPDATE capability_profiles SET trust_tier = {1}, risk_clearance = clearance_of_tier({1}),"
        "  willingness_flags = '{{\"urgent_jobs\": true, \"in_home_work\": true, \"high_risk_tasks\": true}}'"
        " WHERE user_id = '{0}'",
        person.id, worker.tier);
    if (worker.licence) {
      rows += fmt::format(
          "; WITH l AS (INSERT INTO license_verifications (user_id, trade, state, license_number, status,"
          "  verified_at, expires_at, source) VALUES ('{0}', '{1}', 'WA', 'WA-1', 'verified', '{2}', '{3}',"
          "  'registry') RETURNING id)"
          " INSERT INTO verified_trades (profile_id, user_id, trade, state, license_verification_id, "
          "verified_at,"
          "  expires_at, verification_method) SELECT p.profile_id, '{0}', '{1}', 'WA', l.id, '{2}', '{3}',"
          "  'license_scan' FROM l, capability_profiles p WHERE p.user_id = '{0}'",
          person.id, kTrade, since, until);
    }
    if (worker.insurance) {
      rows += fmt::format(
          "; INSERT INTO insurance_verifications (user_id, trade, status, coverage_amount, verified_at, "
          "expires_at,"
          "  source) VALUES ('{0}', '{1}', 'verified', 1000000, '{2}', '{3}', 'coi_upload');"
          " UPDATE capability_profiles SET insurance_valid = true, insurance_expires_at = '{3}'"
          " WHERE user_id = '{0}'",
          person.id, kTrade, since, until);
    }
    if (worker.background) {
      rows += fmt::format(
          "; INSERT INTO background_checks (user_id, status, provider, verified_at, expires_at)"
          " VALUES ('{0}', 'verified', 'planted', '{1}', '{2}');"
          " UPDATE capability_profiles SET background_check_valid = true, background_check_expires_at = '{2}'"
          " WHERE user_id = '{0}'",
          person.id, since, until);
    }
    plant(rows);
  }

  // FEED-LAW: feed, check and acceptance agree about everybody; whom the task admits comes last, and takes
  // it.
  void ask(const Asked& asked) {
    const SideTask task = drive_task(client_, people_.posters[0], people_.workers[0], Stop::funded);
    plant(fmt::format("UPDATE tasks SET {} WHERE id = '{}'", asked.set, task.id));
    const std::string about = fmt::format(R"({{"task_id":"{}"}})", task.id);
    const Person* taker = nullptr;
    for (std::size_t i = 0; i < kWorkers.size(); ++i) {
      const Person& worker = people_.workers[i];
      const bool admitted = asked.admits.contains(kWorkers[i].letter);
      const std::string who = fmt::format("{}, {}", asked.what, described(kWorkers[i]));
      expect("a task that asks " + who, admitted ? "shown, eligible" : "hidden, not eligible",
             offered(client_, worker, task.id));
      if (admitted) taker = &worker;
      if (!admitted)
        expect("taking a task that asks " + who, "403 HX609",
               code_told(client_.call("task.accept", about, worker.token)));
    }
    if (taker == nullptr) return;
    expect(fmt::format("taking a task that asks {}, by somebody who has it", asked.what), "ok",
           told(client_.call("task.accept", about, taker->token)));
  }

  void willing() {
    const Person& worker = people_.workers.back();  // who may take anything
    std::vector<Posted> all;
    for (const Kind& home : kHomes) {
      for (const Kind& risk : kRisks) {
        for (const Kind& urgency : kUrgencies) {
          const SideTask task = drive_task(client_, people_.posters[0], worker, Stop::funded);
          plant(fmt::format("UPDATE tasks SET {}, {}, {} WHERE id = '{}'", home.set, risk.set, urgency.set,
                            task.id));
          all.push_back({fmt::format("a {}task of {} risk, {}", home.what, risk.what, urgency.what), task.id,
                         home.flags | risk.flags | urgency.flags});
        }
      }
    }
    for (unsigned flags = 1U << kFlags.size(); flags-- > 0;) {
      json willingness;
      for (std::size_t i = 0; i < kFlags.size(); ++i)
        willingness[std::string(kFlags.at(i))] = (flags >> i & 1U) != 0;
      plant(fmt::format("UPDATE capability_profiles SET willingness_flags = '{}' WHERE user_id = '{}'",
                        willingness.dump(), worker.id));
      const Reply feed = client_.call("feed.get", R"({"limit":100})", worker.token);
      for (const Posted& task : all)
        expect(fmt::format("{}, for somebody with {}", task.what, willingness.dump()),
               (task.flags & ~flags) == 0 ? "shown" : "hidden",
               feed.body.contains(task.id) ? "shown" : "hidden");
    }
    for (const Posted& task : all) {
      const std::string about = json{{"task_id", task.id}}.dump();
      const std::string what = task.what + ", by somebody who asked for nothing of the kind";
      expect("checking " + what, "true",
             client_.call("eligibility.check", about, worker.token).text("/result/data/eligible"));
      expect("taking " + what, "ok", told(client_.call("task.accept", about, worker.token)));
    }
  }

  static std::string described(const Worker& worker) {
    return fmt::format("a worker of tier {}{}{}{}", worker.tier, worker.licence ? ", licensed" : "",
                       worker.insurance ? ", insured" : "", worker.background ? ", checked" : "");
  }

  void expect(const std::string& what, const std::string& expected, const std::string& observed) {
    stage_.expect("safety requirements", "ELG", "eligibility.md §7", what, expected, observed);
  }

  const SafetyStage& stage_;
  SideClient client_;
  SafetyPeople people_;
};

}  // namespace

void check_requirements(const SafetyStage& stage) {
  Requirements(stage).run();
}

}  // namespace loadgen
