// News about a transfer may come before the answer to the call that made it (protocols.md §3.5), and while
// that answer is being stored. Whichever is stored first, both have their effect (money.md §4): a transfer
// that failed waits for its retry and is named nowhere, one that lives is named and waits for nothing.
#include <array>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "loadgen/campaign/faults.h"
#include "loadgen/side/flight.h"
#include "loadgen/side/held.h"
#include "loadgen/side/orders.h"
#include "loadgen/side/side_checks.h"
#include "loadgen/side/signed_events.h"

namespace loadgen {
namespace {

constexpr std::chrono::milliseconds kFirstLateness{250},
    kLongestLateness{1000};  // shorter than a flight is waited for
constexpr model::Millis kFirstPause = 5 * model::kMinute;

enum class Order : std::uint8_t {
  before,        // the news is stored before the answer comes
  news_waits,    // it is being stored when the answer comes
  answer_waits,  // the answer is being stored when the news comes
  after
};
constexpr std::array kOrders{std::pair{Order::before, "before the call's answer"},
                             std::pair{Order::news_waits, "and is being stored when the call's answer comes"},
                             std::pair{Order::answer_waits, "while the call's answer is being stored"},
                             std::pair{Order::after, "after the call's answer"}};

class LateAnswers {
 public:
  explicit LateAnswers(const SafetyStage& stage)
      : stage_(stage),
        client_(stage.client()),
        holder_(stage.client()),
        monitor_(stage.client()),
        teller_(stage.client()),
        people_(stage.people(1, 1)),
        control_(stage.side.providers()),
        events_(stage) {}

  void run() {
    for (const auto& [order, when] : kOrders) {
      for (const bool fails : {true, false})
        walk(order, fails, fmt::format("a transfer whose {} is told {}", fails ? "failure" : "birth", when));
    }
  }

 private:
  void expect(const std::string& what, const std::string& expected, const std::string& observed) {
    stage_.expect("safety payouts", "FM-056", "money.md §4, protocols.md §3.5", what, expected, observed);
  }

  // A busy machine may be too slow for the order that is meant: then the answer comes later.
  void walk(Order order, bool fails, const std::string& what) {
    while (!met(order, fails, what) && late_ < kLongestLateness) late_ *= 2;
  }

  // Whether news and answer have met in that order. What must be true afterwards is true in any.
  bool met(Order order, bool fails, const std::string& what) {
    const SideTask task = drive_task(client_, people_.posters[0], people_.workers[0], Stop::reviewed);
    const std::string late = fmt::format("late_ms:{}", order == Order::after ? 0 : late_.count());
    set_fault(stage_.side.providers(), {"transfers.create", late}, 1);
    client_.call("task.complete", fmt::format(R"({{"task_id":"{}"}})", task.id), people_.posters[0].token);
    seen_within(kOrderBound, [&] { return client_.book(task.escrow, "transfers") > 0; });
    const std::string news =
        body_of(control_, fails ? control_.fail_transfer(task.escrow) : control_.transfer_event(task.escrow));
    if (news.empty()) throw std::runtime_error("side stage: the payout was not tried");
    const bool as_meant = tell(order, task, news);
    set_fault(stage_.side.providers(), {"transfers.create", late}, 0);
    orders_end(client_, task.escrow);
    expect(what, fails ? "PENDING, names none" : "waits for nothing, names one", rows(task));
    if (fails) retried(task, what);
    return as_meant;
  }

  void retried(const SideTask& task, const std::string& what) {
    client_.now = client_.now + kFirstPause + model::kSecond;
    client_.post("/test/jobs/transfer_retry", nlohmann::json{{"task_ids", {task.id}}}.dump());
    orders_end(client_, task.escrow);
    expect(what + ": what lives after its retry", "4250, names one",
           fmt::format("{}, {}", client_.book(task.escrow, "transferred"), named(task)));
  }

  bool tell(Order order, const SideTask& task, const std::string& news) {
    if (order == Order::before || order == Order::after) {
      if (order == Order::after) orders_end(client_, task.escrow);
      const bool as_meant = order == Order::after || open_orders(client_, task.escrow) != "0";
      events_.deliver(client_, news);
      return as_meant;
    }
    Held held(holder_, fmt::format("SELECT 1 FROM escrows WHERE id = '{}' FOR UPDATE", task.escrow));
    const bool in_time = open_orders(client_, task.escrow) != "0";
    if (order == Order::answer_waits) held.await(1);
    Flight told_by([&] { return std::to_string(events_.deliver(teller_, news).status); });
    if (order == Order::news_waits) until_held(monitor_, told_by, 1);
    until_held(monitor_, told_by, 2);
    held.release();
    expect("the news of a transfer", "200", told_by.reply());
    return in_time;
  }

  std::string named(const SideTask& task) {
    return client_.sql(
        fmt::format("SELECT CASE WHEN stripe_transfer_id IS NULL THEN 'names none' ELSE "
                    "'names one' END FROM escrows WHERE id = '{}'",
                    task.escrow));
  }
  std::string rows(const SideTask& task) {
    const std::string waiting = client_.sql(
        fmt::format("SELECT status FROM transfer_retry_queue WHERE escrow_id = '{}' AND status IN ('PENDING',"
                    " 'PROCESSING')",
                    task.escrow));
    return fmt::format("{}, {}", waiting.empty() ? "waits for nothing" : waiting, named(task));
  }

  const SafetyStage& stage_;
  SideClient client_, holder_, monitor_, teller_;
  SafetyPeople people_;
  Control control_;
  SignedEvents events_;
  std::chrono::milliseconds late_ = kFirstLateness;
};

}  // namespace

void check_late_answers(const SafetyStage& stage) {
  LateAnswers(stage).run();
}

}  // namespace loadgen
