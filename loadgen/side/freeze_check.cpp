// The freeze switch (decision 13, safety-and-abuse.md §6) turned while a hundred releases are in flight.
#include <algorithm>
#include <array>
#include <atomic>
#include <nlohmann/json.hpp>
#include <thread>

#include <fmt/format.h>

#include "loadgen/side/safety_stage.h"
#include "loadgen/side/side_checks.h"
#include "model/rules/freeze.h"

namespace loadgen {
namespace {

constexpr std::string_view kRule = "decision 13";
constexpr std::string_view kSpec = "safety-and-abuse.md §6";
constexpr std::size_t kReleases = 100;
constexpr std::size_t kHands = 8;            // that release at the same time
constexpr std::size_t kBeforeFreezing = 25;  // answers seen before the switch is turned

std::string about(std::string_view name, const std::string& id) {
  return fmt::format(R"({{"{}":"{}"}})", name, id);
}

Reply turn(SideClient& client, const Person& admin, std::string_view name, bool active) {
  return client.call("admin.setFreeze",
                     nlohmann::json{{"switch", name},
                                    {"active", active},
                                    {"reason", "TEST_SIMULATION"},
                                    {"note", "Root cause: a drill of the readiness gate."}}
                         .dump(),
                     admin.token);
}

struct Release {
  SideTask task;
  Reply reply;
};

class FreezeDrill {
 public:
  explicit FreezeDrill(const SafetyStage& stage)
      : stage_(stage), client_(stage.client()), people_(stage.people(10, 10)) {}

  void run() {
    prepare();
    release_while_freezing();
    judge_releases();
    try_gates();
    try_refund_switch();
    const std::int64_t paid = transfers();
    client_.drain();
    expect("nothing is paid out while frozen", std::to_string(paid), std::to_string(transfers()));
    thaw();
    unreadable();
    audit();
  }

 private:
  void expect(const std::string& what, const std::string& expected, const std::string& observed) {
    stage_.expect("safety freeze", kRule, kSpec, what, expected, observed);
  }
  const Person& poster(std::size_t i) const { return people_.posters[i % people_.posters.size()]; }
  const Person& worker(std::size_t i) const { return people_.workers[i % people_.workers.size()]; }
  SideTask task(std::size_t i, Stop until) { return drive_task(client_, poster(i), worker(i), until); }

  void prepare() {
    for (std::size_t i = 0; i < kReleases; ++i) releases_.push_back({task(i, Stop::reviewed), {}});
    open_ = task(0, Stop::created);
    asked_ = task(1, Stop::asked);
    funded_ = task(2, Stop::funded);
    cancelled_ = task(3, Stop::funded);
    for (SideTask& each : disputed_) each = task(4, Stop::disputed);
    waiting_ = task(5, Stop::submitted);
  }

  void release_while_freezing() {
    std::atomic<std::size_t> next{0}, answered{0};
    std::vector<std::jthread> hands;
    for (std::size_t hand = 0; hand < kHands; ++hand) {
      hands.emplace_back([&] {
        SideClient mine = stage_.client();
        for (std::size_t i = next++; i < kReleases; i = next++, ++answered)
          releases_[i].reply =
              mine.call("task.complete", about("task_id", releases_[i].task.id), poster(i).token);
      });
    }
    while (answered < kBeforeFreezing) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    frozen_ = turn(client_, people_.overrider, "MARKETPLACE", true);
  }

  // What was acknowledged before the switch was turned stays; what was asked after its answer is refused.
  void judge_releases() {
    expect("an admin with the right freezes the marketplace", "ok", told(frozen_));
    std::size_t paid = 0;
    for (const Release& each : releases_) {
      const bool done = each.reply.ok();
      paid += done ? 1 : 0;
      if (done && each.reply.sent > frozen_.received)
        expect("a release after the freeze was acknowledged", "409 CONFLICT", told(each.reply));
      if (!done && each.reply.received < frozen_.sent)
        expect("a release before anybody asked for a freeze", "ok", told(each.reply));
      if (!done && each.reply.hx != "CONFLICT")
        expect("a release during the freeze", "409 CONFLICT", told(each.reply));
      const std::string state =
          client_.sql(fmt::format("SELECT t.state || '/' || e.state || '/' || (SELECT count(*) FROM "
                                  "xp_ledger x WHERE x.escrow_id = e.id)"
                                  " FROM tasks t JOIN escrows e ON e.task_id = t.id WHERE t.id = '{}'",
                                  each.task.id));
      expect("rows of a release in flight", done ? "COMPLETED/RELEASED/1" : "PROOF_SUBMITTED/FUNDED/0",
             state);
    }
    stage_.judge.count("safety freeze releases", releases_.size());
    if (paid == kReleases)
      expect("releases stop when the marketplace is frozen", "fewer than 100", std::to_string(paid));
  }

  void expect_frozen(const std::string& what, const Reply& reply) {
    expect(what + " while frozen", "409 CONFLICT", fmt::format("{} {}", reply.status, reply.hx));
  }

  void try_gates() {
    expect_frozen(
        "task.create",
        client_.call("task.create", task_input(client_.now, 5000, "Walk a dog", "Small."), poster(0).token));
    expect_frozen("escrow.createIntent",
                  client_.call("escrow.createIntent", about("task_id", open_.id), poster(0).token));
    expect_frozen("task.accept", client_.call("task.accept", about("task_id", funded_.id), worker(2).token));
    expect("an authorised payment still arrives (SAF-11)", "ok",
           client_.pay(asked_.intent) ? "ok" : "refused");
    expect("a read while frozen (SAF-10)", "ok",
           told(client_.call("task.getById", about("task_id", funded_.id), worker(2).token)));
    const std::string untouched = state_of(waiting_);
    SideClient later = stage_.client();
    later.now = client_.now + 49 * model::kHour;
    later.post("/test/jobs/review_timeout", nlohmann::json{{"task_ids", {waiting_.id}}}.dump());
    expect("the review timer waits while frozen", untouched, state_of(waiting_));
    for (std::size_t i = 0; i < disputed_.size(); ++i) {
      const Reply verdict =
          client_.call("dispute.resolve",
                       nlohmann::json{{"dispute_id", disputed_[i].dispute},
                                      {"resolution", i == 0 ? "HUSTLER_WINS" : "CLIENT_WINS"},
                                      {"notes", "Decided while frozen."}}
                           .dump(),
                       people_.resolver.token);
      expect("dispute resolution stays open", "ok", told(verdict));
    }
    expect("refunds stay open", "ok",
           told(client_.call("task.cancel", about("task_id", cancelled_.id), poster(3).token)));
    client_.drain();
    expect("a refund is carried out while frozen", "5000",
           std::to_string(client_.book(cancelled_.escrow, "refunded")));
    expect("a verdict for the poster is refunded while frozen", "5000",
           std::to_string(client_.book(disputed_[1].escrow, "refunded")));
    expect("a verdict for the worker is not paid while frozen", "0",
           std::to_string(client_.book(disputed_[0].escrow, "transferred")));
  }

  void try_refund_switch() {
    expect("the second switch", "ok", told(turn(client_, people_.overrider, "REFUNDS", true)));
    expect_frozen("task.cancel of a funded task",
                  client_.call("task.cancel", about("task_id", funded_.id), poster(2).token));
    expect("the second switch back", "ok", told(turn(client_, people_.overrider, "REFUNDS", false)));
    expect("freezing twice is one state (SAF-13)", "false",
           turn(client_, people_.overrider, "MARKETPLACE", true).text("/result/data/changed"));
    expect("an admin without the right", "403 HX503",
           told(turn(client_, people_.clerk, "MARKETPLACE", false)).substr(0, 9));
    expect("a stranger", "403 HX503", told(turn(client_, poster(0), "MARKETPLACE", false)).substr(0, 9));
    expect("the switch is seen", "true",
           client_.call("admin.getFreeze", "", people_.clerk.token).text("/result/data/marketplace"));
  }

  void thaw() {
    expect("thaw", "ok", told(turn(client_, people_.overrider, "MARKETPLACE", false)));
    for (std::size_t i = 0; i < releases_.size(); ++i) {
      if (!releases_[i].reply.ok())
        expect("a release after the thaw", "ok",
               told(client_.call("task.complete", about("task_id", releases_[i].task.id), poster(i).token)));
    }
    client_.drain();
    for (const Release& each : releases_) expect_paid(each.task);
    expect_paid(disputed_[0]);
    expect("accepting after the thaw", "ok",
           told(client_.call("task.accept", about("task_id", funded_.id), worker(2).token)));
  }

  void expect_paid(const SideTask& task) {
    expect("after the thaw everything acknowledged is paid exactly once", "1 transfer, 4250 cents",
           fmt::format("{} transfer, {} cents", client_.book(task.escrow, "transfers"),
                       client_.book(task.escrow, "transferred")));
  }

  // SAF-14: whoever cannot read the switch stops paying.
  void unreadable() {
    client_.sql("DELETE FROM freeze_switches");
    expect_frozen("task.create without a readable switch",
                  client_.call("task.create", task_input(client_.now, 5000, "Feed a cat", "Twice a day."),
                               poster(0).token));
    turn(client_, people_.overrider, "MARKETPLACE", false);
    turn(client_, people_.overrider, "REFUNDS", false);
  }

  void audit() {
    const std::string rows = client_.sql(fmt::format(
        "SELECT count(*) FILTER (WHERE action_type = 'freeze_on' AND result = 'success') || ' on, ' ||"
        " count(*) FILTER (WHERE action_type = 'freeze_off' AND result = 'success') || ' off, ' ||"
        " count(*) FILTER (WHERE result = 'refused') || ' refused' FROM admin_actions"
        " WHERE admin_user_id IN ('{}', '{}') AND action_type LIKE 'freeze%'",
        people_.overrider.id, people_.clerk.id));
    stage_.expect("safety freeze", "AUDIT-3", kSpec, "admin_actions of the freeze drill",
                  "3 on, 4 off, 1 refused", rows);
  }

  std::string state_of(const SideTask& task) {
    return client_.sql(
        fmt::format("SELECT t.state || '/' || e.state FROM tasks t JOIN escrows e ON e.task_id = t.id "
                    "WHERE t.id = '{}'",
                    task.id));
  }
  std::int64_t transfers() {
    std::int64_t sum = 0;
    for (const Release& each : releases_) sum += client_.book(each.task.escrow, "transfers");
    return sum + client_.book(disputed_[0].escrow, "transfers");
  }

  const SafetyStage& stage_;
  SideClient client_;
  SafetyPeople people_;
  std::vector<Release> releases_;
  SideTask open_, asked_, funded_, cancelled_, waiting_;
  std::array<SideTask, 2> disputed_;
  Reply frozen_;
};

}  // namespace

void check_freeze(const SafetyStage& stage) {
  FreezeDrill(stage).run();
}

}  // namespace loadgen
