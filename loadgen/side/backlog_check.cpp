// Many orders that wait at the same time. What may not go yet stands in nobody's way (decision 13: refunds
// stay open while payouts are frozen; JCR-8: order matters within one aggregate only), and those that are
// carried out together with one that fails keep their own results (JCR-4, conservation).
#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include <fmt/format.h>

#include "loadgen/campaign/faults.h"
#include "loadgen/side/orders.h"
#include "loadgen/side/side_checks.h"

namespace loadgen {
namespace {

using nlohmann::json;

constexpr std::size_t kHands = 4;
constexpr std::size_t kPayouts = 110;  // more than a relay takes at once (jobs-cache-realtime.md §2)
constexpr std::size_t kRefunds = 24;
constexpr int kFailures = 9;  // calls of the processor, in the middle of the others

class Backlog {
 public:
  explicit Backlog(const SafetyStage& stage)
      : stage_(stage), client_(stage.client()), people_(stage.people(8, 8)) {}

  void run() {
    payouts_.resize(kPayouts);
    refunds_.resize(kRefunds);
    by_many_hands([&](SideClient& client, std::size_t i) {
      if (i < kPayouts) payouts_[i] = task(client, i, Stop::disputed);
      if (i < kRefunds) refunds_[i] = task(client, i, Stop::funded);
    });
    const SideTask cancelled = task(client_, 0, Stop::funded);
    const SideTask lost = task(client_, 1, Stop::disputed);
    freeze(true);
    by_many_hands([&](SideClient& client, std::size_t i) {
      if (i < kPayouts) decide(client, payouts_[i], "HUSTLER_WINS");
    });
    cancel(client_, cancelled, 0);
    decide(client_, lost, "CLIENT_WINS");
    await_refund("a cancelled task's refund", cancelled);
    await_refund("a verdict's refund", lost);
    freeze(false);
    paid_with_failures();
    refunded_with_failures();
  }

 private:
  bool expect(std::string_view rule, std::string_view spec, const std::string& what,
              const std::string& expected, const std::string& observed) {
    return stage_.expect("safety payouts", rule, spec, what, expected, observed);
  }
  const Person& poster(std::size_t i) const { return people_.posters[i % people_.posters.size()]; }
  SideTask task(SideClient& client, std::size_t i, Stop until) {
    return drive_task(client, poster(i), people_.workers[i % people_.workers.size()], until);
  }

  // Each number once; a hand's trouble is the check's.
  template <class Work>
  void by_many_hands(const Work& work) {
    std::atomic<std::size_t> next{0};
    std::exception_ptr trouble;
    std::mutex mutex;
    {
      std::vector<std::jthread> hands;
      for (std::size_t hand = 0; hand < kHands; ++hand) {
        hands.emplace_back([&] {
          try {
            SideClient mine = stage_.client();
            for (std::size_t i = next++; i < kPayouts; i = next++) work(mine, i);
          } catch (...) {
            const std::scoped_lock lock(mutex);
            trouble = std::current_exception();
          }
        });
      }
    }
    if (trouble) std::rethrow_exception(trouble);
  }

  void freeze(bool on) {
    const json input{{"switch", "MARKETPLACE"},
                     {"active", on},
                     {"reason", "TEST_SIMULATION"},
                     {"note", "Root cause: a drill."}};
    must(client_.call("admin.setFreeze", input.dump(), people_.overrider.token), "admin.setFreeze");
  }
  void decide(SideClient& client, const SideTask& task, std::string_view resolution) {
    const json verdict{
        {"dispute_id", task.dispute}, {"resolution", resolution}, {"notes", "Decided while frozen."}};
    must(client.call("dispute.resolve", verdict.dump(), people_.resolver.token), "dispute.resolve");
  }
  void cancel(SideClient& client, const SideTask& task, std::size_t i) {
    must(client.call("task.cancel", json{{"task_id", task.id}}.dump(), poster(i).token), "task.cancel");
  }

  void await_refund(const std::string& what, const SideTask& task) {
    seen_within(kOrderBound, [&] {
      client_.drain();
      return client_.book(task.escrow, "refunds") > 0;
    });
    expect(
        "decision 13", "safety-and-abuse.md §6, jobs-cache-realtime.md §1.4",
        fmt::format("{} while {} frozen payouts wait", what, kPayouts), "1 of 5000",
        fmt::format("{} of {}", client_.book(task.escrow, "refunds"), client_.book(task.escrow, "refunded")));
  }

  // All are due at the same moment, and some of the calls fail.
  void settle_with_failures(std::string_view operation, const std::vector<SideTask>& tasks) {
    set_fault(stage_.side.providers(), {operation, "rate_limit"}, kFailures);
    seen_within(kOrderBound, [&] {
      client_.sql("UPDATE outbox_events SET available_at = clock_timestamp() WHERE status = 'pending'");
      client_.drain();
      return std::ranges::all_of(
          tasks, [&](const SideTask& each) { return open_orders(client_, each.escrow) == "0"; });
    });
    set_fault(stage_.side.providers(), {operation, "rate_limit"}, 0);
  }

  void paid_with_failures() {
    settle_with_failures("transfers.create", payouts_);
    for (const SideTask& each : payouts_) {
      const bool fine = expect(
          "JCR-4", "money.md §2, jobs-cache-realtime.md §2",
          "one of many payouts that are due at once, where calls to the processor fail",
          "1 of 4250, its own transfer is stored",
          outcome(each, "transfers", "transferred",
                  stored(each, "stripe_transfer_id") == transfer_of(stage_.side.providers(), each.escrow),
                  "transfer"));
      if (!fine) return;
    }
  }

  void refunded_with_failures() {
    set_fault(stage_.side.providers(), {"refunds.create", "error_500"}, 1000);
    by_many_hands([&](SideClient& client, std::size_t i) {
      if (i < kRefunds) cancel(client, refunds_[i], i);
    });
    settle_with_failures("refunds.create", refunds_);
    for (const SideTask& each : refunds_) {
      const bool fine =
          expect("JCR-4", "money.md §2, jobs-cache-realtime.md §2",
                 "one of many refunds that are due at once, where calls to the processor fail",
                 "1 of 5000, its own refund is stored",
                 outcome(each, "refunds", "refunded",
                         stored(each, "stripe_refund_id") == refund_of(stage_.side.providers(), each.intent),
                         "refund"));
      if (!fine) return;
    }
  }

  std::string outcome(const SideTask& task, const char* count, const char* sum, bool own,
                      std::string_view what) {
    return fmt::format("{} of {}, {} {} is stored", client_.book(task.escrow, count),
                       client_.book(task.escrow, sum), own ? "its own" : "another's or no", what);
  }
  std::string stored(const SideTask& task, std::string_view column) {
    return client_.sql(fmt::format("SELECT {} FROM escrows WHERE id = '{}'", column, task.escrow));
  }

  const SafetyStage& stage_;
  SideClient client_;
  SafetyPeople people_;
  std::vector<SideTask> payouts_, refunds_;
};

}  // namespace

void check_backlog(const SafetyStage& stage) {
  Backlog(stage).run();
}

}  // namespace loadgen
