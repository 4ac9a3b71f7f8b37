// Work and money of people by their standing (SAF-1, SAF-3, decisions 13 and 19): what somebody is offered
// and may take, whether anything is released while a party is suspended and as soon as he is not, and what
// goes back to a suspended poster under each setting of the two switches.
#include <array>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "loadgen/side/side_checks.h"
#include "loadgen/side/standing_hands.h"

namespace loadgen {
namespace {

using nlohmann::json;

constexpr std::string_view kSpec = "safety-and-abuse.md §1.1";
constexpr model::Millis kUntilTheTimer = 49 * model::kHour;  // past the 48 hours of a review

struct Standing {
  std::string_view name;
  enum : std::uint8_t { none, hour, week, endless } suspended = none;
  bool restored = false, banned = false;
  bool acts = false;  // when the timer runs
};
constexpr std::array kStandings{
    Standing{.name = "never suspended", .acts = true},
    Standing{
        .name = "suspended and restored", .suspended = Standing::endless, .restored = true, .acts = true},
    Standing{.name = "suspended until it was over", .suspended = Standing::hour, .acts = true},
    Standing{.name = "suspended for a week", .suspended = Standing::week},
    Standing{.name = "suspended without an end", .suspended = Standing::endless},
    Standing{.name = "banned", .banned = true},
    Standing{.name = "banned, once suspended until it was over", .suspended = Standing::hour, .banned = true},
    Standing{.name = "banned, once suspended and restored",
             .suspended = Standing::endless,
             .restored = true,
             .banned = true}};

// Money that is held, and who would let it go.
struct HeldMoney {
  std::string_view name;
  bool of_worker;  // who is suspended: he, or the poster
  Stop ready;
  bool by_timer;
};
constexpr std::array kHeld{
    HeldMoney{"submitted work of the worker, the timer", true, Stop::submitted, true},
    HeldMoney{"accepted work of the worker, the timer", true, Stop::reviewed, true},
    HeldMoney{"accepted work of the worker, the poster", true, Stop::reviewed, false},
    HeldMoney{"submitted work for the poster, the timer", false, Stop::submitted, true},
    HeldMoney{"accepted work for the poster, the timer", false, Stop::reviewed, true}};

constexpr std::array<std::string_view, 3> kCauses{"an admin", "a strike", "a risk score"};

std::string about(const std::string& task) {
  return json{{"task_id", task}}.dump();
}

class StandingMoney {
 public:
  explicit StandingMoney(const SafetyStage& stage)
      : stage_(stage),
        client_(stage.client()),
        people_(stage.people(kStandings.size() * kHeld.size() + 4 * kCauses.size() + 1,
                             kStandings.size() * (kHeld.size() + 1) + 1)) {}

  void run() {
    for (const Standing& standing : kStandings) {
      work(standing);
      // Of the money of the banned the specification says nothing.
      if (standing.banned) continue;
      for (const HeldMoney& held : kHeld) money(standing, held);
    }
    for (const bool marketplace : {false, true}) {
      for (const bool refunds : {false, true}) {
        for (const std::string_view cause : kCauses) idle(marketplace, refunds, cause);
      }
    }
  }

 private:
  bool expect(std::string_view rule, const std::string& what, const std::string& expected,
              const std::string& observed) {
    return stage_.expect("safety standing", rule, kSpec, what, expected, observed);
  }
  void tick() { client_.now = client_.now + model::kSecond; }
  const Person& poster() { return people_.posters.at(++posters_); }  // the first of each has no standing
  const Person& worker() { return people_.workers.at(++workers_); }

  void stands(const Person& person, const Standing& standing) {
    tick();
    if (standing.suspended != Standing::none) {
      const model::Millis length = standing.suspended == Standing::hour ? model::kHour : 7 * model::kDay;
      const bool endless = standing.suspended == Standing::endless;
      set_standing(client_, people_.banner, person, "SUSPENDED",
                   endless ? model::Instant{} : client_.now + length);
    }
    tick();
    if (standing.restored) set_standing(client_, people_.banner, person, "ACTIVE");
    if (standing.banned) ban(client_, person.id);
  }

  // FEED-LAW: what acceptance would refuse is not offered.
  void work(const Standing& standing) {
    const Person& person = worker();
    const model::Instant before = client_.now;
    stands(person, standing);
    client_.now = client_.now + model::kHour;
    const SideTask task = drive_task(client_, people_.posters[0], person, Stop::funded);
    const std::string who = fmt::format("a worker {}", standing.name);
    expect("FEED-LAW", who + " is offered work", standing.acts ? "shown, eligible" : "hidden, not eligible",
           offered(client_, person, task.id));
    expect("SAF-1", who + " takes a task", standing.acts ? "ok" : "403 HX602",
           code_told(client_.call("task.accept", about(task.id), person.token)));
    client_.now = before;
  }

  void money(const Standing& standing, const HeldMoney& held) {
    const model::Instant before = client_.now;
    const Person& payer = held.of_worker ? people_.posters[0] : poster();
    const Person& payee = held.of_worker ? worker() : people_.workers[0];
    const SideTask task = drive_task(client_, payer, payee, held.ready);
    stands(held.of_worker ? payee : payer, standing);
    client_.now = client_.now + kUntilTheTimer;
    if (held.by_timer) {
      client_.post("/test/jobs/review_timeout", json{{"task_ids", {task.id}}}.dump());
    } else {
      client_.call("task.complete", about(task.id), payer.token);
    }
    expect("decision 19", fmt::format("{}: the money when he is {}", held.name, standing.name),
           standing.acts ? "released" : "kept", state_of(task) == "RELEASED" ? "released" : "kept");
    client_.now = before;
  }
  std::string state_of(const SideTask& task) {
    return client_.sql(fmt::format("SELECT state FROM escrows WHERE id = '{}'", task.escrow));
  }

  Reply turn(std::string_view name, bool active) {
    tick();
    return client_.call("admin.setFreeze",
                        json{{"switch", name},
                             {"active", active},
                             {"reason", "TEST_SIMULATION"},
                             {"note", "Root cause: a drill of the readiness gate."}}
                            .dump(),
                        people_.overrider.token);
  }
  Reply suspended(const Person& person, std::string_view cause) {
    tick();
    if (cause == "a strike") return add_strike(client_, people_.banner, person, 3, "the one");
    if (cause == "an admin") return set_standing(client_, people_.banner, person, "SUSPENDED");
    make_risky(client_, person);
    return assess_risk(client_, people_.banner, person);
  }

  // Decision 13: the switch of the marketplace stops no refund, the other one every refund.
  void idle(bool marketplace, bool refunds, std::string_view cause) {
    const Person& person = poster();
    std::array<SideTask, 2> open;
    for (SideTask& task : open) task = drive_task(client_, person, people_.workers[0], Stop::funded);
    const SideTask taken = drive_task(client_, person, people_.workers[0], Stop::accepted);
    if (marketplace) turn("MARKETPLACE", true);
    if (refunds) turn("REFUNDS", true);
    const std::string what = fmt::format("{} suspends a poster, the marketplace {}, refunds {}", cause,
                                         marketplace ? "frozen" : "open", refunds ? "closed" : "open");
    const Reply reply = suspended(person, cause);
    expect(
        "standing", what, "ok, SUSPENDED",
        fmt::format("{}, {}", code_told(reply),
                    client_.sql(fmt::format("SELECT account_status FROM users WHERE id = '{}'", person.id))));
    if (cause == "an admin" && !refunds)
      expect("SAF-3", what + ": tasks that the answer says have ended", std::to_string(open.size()),
             reply.text("/result/data/tasks_cancelled"));
    client_.drain();
    for (const SideTask& task : open)
      expect("SAF-3", what + ": money that nobody works for", refunds ? "kept, 0" : "refunded, 5000",
             fmt::format("{}, {}", state_of(task) == "REFUNDED" ? "refunded" : "kept",
                         client_.book(task.escrow, "refunded")));
    expect("SAF-3", what + ": money with a worker behind it", "0 refunded, 0 transferred",
           fmt::format("{} refunded, {} transferred", client_.book(taken.escrow, "refunded"),
                       client_.book(taken.escrow, "transferred")));
    if (refunds) turn("REFUNDS", false);
    if (marketplace) turn("MARKETPLACE", false);
  }

  const SafetyStage& stage_;
  SideClient client_;
  SafetyPeople people_;
  std::size_t posters_ = 0, workers_ = 0;
};

}  // namespace

void check_standing_money(const SafetyStage& stage) {
  StandingMoney(stage).run();
}

}  // namespace loadgen
