// The worker's side of released money (money.md §1 to §3, C-M10), by each way in which it is released and
// through each trouble that a payout may meet: what waits is what is due, and in the end one transfer of it
// has gone to the account that the worker has now.
#include <array>
#include <chrono>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "loadgen/campaign/faults.h"
#include "loadgen/control.h"
#include "loadgen/side/orders.h"
#include "loadgen/side/safety_stage.h"
#include "loadgen/side/side_checks.h"
#include "loadgen/side/signed_events.h"
#include "model/rules/money.h"

namespace loadgen {
namespace {

using nlohmann::json;

enum class Way : std::uint8_t { completion, review_timeout, verdict, split };
enum class Trouble : std::uint8_t { no_account, refused, answers_lost, came_back };

constexpr std::array kWays{
    std::pair{Way::completion, "a completion"}, std::pair{Way::review_timeout, "a review that timed out"},
    std::pair{Way::verdict, "a verdict for the worker"}, std::pair{Way::split, "a split"}};
constexpr std::array kTroubles{std::pair{Trouble::no_account, "a worker without an account"},
                               std::pair{Trouble::refused, "a refusal of the processor"},
                               std::pair{Trouble::answers_lost, "answers that were lost"},
                               std::pair{Trouble::came_back, "a transfer that came back"}};

constexpr int kPrice = 5099;  // 85 % of it, and of its parts, is no whole number of cents
constexpr model::Millis kFirstPause = 5 * model::kMinute;
constexpr model::Millis kReviewTime = 48 * model::kHour;
constexpr int kEveryTime = 1000;

class PayoutPaths {
 public:
  explicit PayoutPaths(const SafetyStage& stage)
      : stage_(stage),
        client_(stage.client()),
        people_(stage.people(1, 1)),
        control_(stage.side.providers()),
        events_(stage) {}

  void run() {
    for (const auto& [way, way_name] : kWays) {
      for (const auto& [trouble, trouble_name] : kTroubles) {
        // Asks what the key is made of, whatever released the money.
        if (trouble == Trouble::answers_lost && way != Way::completion) continue;
        walk(way, trouble, fmt::format("the payout of {} after {}", way_name, trouble_name));
      }
    }
  }

 private:
  const Person& poster() const { return people_.posters[0]; }
  const Person& worker() const { return people_.workers[0]; }
  bool expect(const std::string& what, const std::string& expected, const std::string& observed) {
    return stage_.expect("safety payouts", "PAYOUT", "money.md §2, C-M10", what, expected, observed);
  }

  void walk(Way way, Trouble trouble, const std::string& what) {
    std::string account = new_account();
    const SideTask task = drive_task(client_, poster(), worker(), stop_of(way), kPrice);
    if (trouble == Trouble::no_account) has_account("");
    if (trouble == Trouble::refused) fault("refuse", 1);
    if (trouble == Trouble::answers_lost) fault("lost_answer", kEveryTime);
    release(way, task);
    client_.drain();
    if (trouble == Trouble::came_back) come_back(task);
    const std::string due = std::to_string(due_of(task));
    // A server may also go on asking with the same key until it gets an answer: then nothing waits here.
    const bool waits = await_queue(task);
    if (trouble != Trouble::answers_lost || waits)
      expect(what + ", while it waits", fmt::format("PENDING, {}", due), queue(task));
    fault("lost_answer", 0);
    if (trouble != Trouble::answers_lost) account = new_account();
    retry(task);
    await_end(task, due);
    expect(what, fmt::format("{} in one transfer to {}", due, account), paid(task));
  }

  static Stop stop_of(Way way) {
    switch (way) {
      case Way::completion:
        return Stop::reviewed;
      case Way::review_timeout:
        return Stop::submitted;
      case Way::verdict:
      case Way::split:
        return Stop::disputed;
    }
    return Stop::created;
  }

  void release(Way way, const SideTask& task) {
    const json about{{"task_id", task.id}};
    json verdict{{"dispute_id", task.dispute}, {"resolution", "HUSTLER_WINS"}, {"notes", "Seen by a human."}};
    switch (way) {
      case Way::completion:
        must(client_.call("task.complete", about.dump(), poster().token), "task.complete");
        return;
      case Way::review_timeout:
        client_.now = client_.now + kReviewTime + model::kMinute;
        job("review_timeout", task);
        return;
      case Way::split:
        verdict["resolution"] = "SPLIT";
        verdict["split_percent"] = 30;
        [[fallthrough]];
      case Way::verdict:
        must(client_.call("dispute.resolve", verdict.dump(), people_.resolver.token), "dispute.resolve");
    }
  }
  void job(std::string_view name, const SideTask& task) {
    must(client_.post(fmt::format("/test/jobs/{}", name), json{{"task_ids", {task.id}}}.dump()), name);
  }
  void retry(const SideTask& task) {
    client_.now = client_.now + kFirstPause + model::kSecond;
    job("transfer_retry", task);
    client_.drain();
  }

  // ---- the processor ----

  void fault(std::string_view kind, int times) {
    set_fault(stage_.side.providers(), {"transfers.create", kind}, times);
  }
  void has_account(const std::string& account) {
    client_.sql(fmt::format("UPDATE users SET stripe_connect_id = nullif('{}', '') WHERE id = '{}'", account,
                            worker().id));
  }
  std::string new_account() {
    std::string account = control_.accounts(1).at(0);
    has_account(account);
    return account;
  }
  void come_back(const SideTask& task) {
    const auto event = control_.fail_transfer(task.escrow);
    if (!event) throw std::runtime_error("side stage: there is no transfer that could fail");
    must(events_.deliver(client_, body_of(control_, event)), "transfer.failed");
  }
  std::string paid(const SideTask& task) {
    const json books = json::parse(client_.books_of(task.escrow), nullptr, false);
    if (!books.is_object()) return "no books";
    const std::vector<std::string> accounts =
        books.value("destinations", json::array()).get<std::vector<std::string>>();
    return fmt::format("{} in {} to {}", books.value("transferred", std::int64_t{0}),
                       accounts.size() == 1 ? "one transfer" : fmt::format("{} transfers", accounts.size()),
                       fmt::join(accounts, ", "));
  }

  // ---- the rows ----

  model::Cents due_of(const SideTask& task) {
    return model::payout(
        std::stoll(client_.sql(fmt::format("SELECT coalesce(nullif(release_amount, 0), amount) FROM escrows"
                                           " WHERE id = '{}'",
                                           task.escrow))));
  }
  std::string queue(const SideTask& task) {
    return client_.sql(
        fmt::format("SELECT status || ', ' || amount FROM transfer_retry_queue WHERE escrow_id = '{}'"
                    " ORDER BY created_at DESC LIMIT 1",
                    task.escrow));
  }
  bool await_queue(const SideTask& task) {
    return seen_within(kOrderBound, [&] {
      try_orders(client_, task.escrow);
      return !queue(task).empty();
    });
  }
  void await_end(const SideTask& task, const std::string& due) {
    seen_within(kOrderBound, [&] {
      client_.drain();
      return std::to_string(client_.book(task.escrow, "transferred")) == due &&
             open_orders(client_, task.escrow) == "0";
    });
  }

  const SafetyStage& stage_;
  SideClient client_;
  SafetyPeople people_;
  Control control_;
  SignedEvents events_;
};

}  // namespace

void check_payout_paths(const SafetyStage& stage) {
  PayoutPaths(stage).run();
}

}  // namespace loadgen
