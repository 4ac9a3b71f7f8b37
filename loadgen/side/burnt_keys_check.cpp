// Idempotency keys that are of no use any more (protocols.md §3.4): the processor has carried out what it was
// asked and says something else for ever, or the order has changed under its key. Money moves once (money.md
// §2), also when the processor cannot be asked at first whether it has moved.
#include <array>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "loadgen/campaign/faults.h"
#include "loadgen/control.h"
#include "loadgen/side/orders.h"
#include "loadgen/side/side_checks.h"
#include "model/rules/money.h"

namespace loadgen {
namespace {

constexpr int kPrice = 5000;
constexpr int kEveryTime = 1000;
constexpr model::Millis kFirstPause = 5 * model::kMinute;

// One kind of order: what asks for it, and its names at the processor and in the books.
struct Order {
  std::string_view what, procedure, create, list;
  const char *count, *sum;
  Stop ready;
  bool pays_worker;
};
constexpr std::array kOrders{Order{"a payout", "task.complete", "transfers.create", "transfers.list",
                                   "transfers", "transferred", Stop::reviewed, true},
                             Order{"a refund", "task.cancel", "refunds.create", "refunds.list", "refunds",
                                   "refunded", Stop::funded, false}};

// What happens to the order's first answer, and then to the question whether it was carried out.
enum class Burnt : std::uint8_t { answered_500, other_account };
constexpr std::array<std::string_view, 4> kQuestions{"", "error_500", "rate_limit", "lost_answer"};

class BurntKeys {
 public:
  explicit BurntKeys(const SafetyStage& stage)
      : stage_(stage),
        client_(stage.client()),
        people_(stage.people(1, 1)),
        control_(stage.side.providers()) {}

  void run() {
    for (const Order& order : kOrders) {
      for (const std::string_view question : kQuestions) {
        walk(order, Burnt::answered_500, question);
      }
    }
    for (const std::string_view question : {"", "error_500"})
      walk(kOrders[0], Burnt::other_account, question);
  }

 private:
  void fault(std::string_view operation, std::string_view kind, int times) {
    set_fault(stage_.side.providers(), {operation, kind}, times);
  }

  void walk(const Order& order, Burnt burnt, std::string_view question) {
    has_new_account();
    const SideTask task = drive_task(client_, people_.posters[0], people_.workers[0], order.ready, kPrice);
    if (burnt == Burnt::answered_500) fault(order.create, "done_500_stored", 1);
    if (burnt == Burnt::other_account) fault(order.create, "lost_answer", kEveryTime);
    if (!question.empty()) fault(order.list, question, 1);
    client_.call(order.procedure, fmt::format(R"({{"task_id":"{}"}})", task.id), people_.posters[0].token);
    if (burnt == Burnt::other_account) change_account(task);
    orders_end(client_, task.escrow);
    if (order.pays_worker) retry(task);
    orders_end(client_, task.escrow);
    for (const std::string_view operation : {order.create, order.list}) fault(operation, "error_500", 0);
    const model::Cents due = order.pays_worker ? model::payout(kPrice) : kPrice;
    stage_.expect(
        "safety payouts", "FM-030", "money.md §2, protocols.md §3.4",
        fmt::format("{} whose {}{}", order.what,
                    burnt == Burnt::answered_500 ? "first answer was a 500 for ever"
                                                 : "answers were lost until the worker had another account",
                    question.empty() ? "" : fmt::format(", where the question for it met {}", question)),
        fmt::format("1 of {}", due),
        fmt::format("{} of {}", client_.book(task.escrow, order.count),
                    client_.book(task.escrow, order.sum)));
  }

  void has_new_account() {
    client_.sql(fmt::format("UPDATE users SET stripe_connect_id = '{}' WHERE id = '{}'",
                            control_.accounts(1).at(0), people_.workers[0].id));
  }
  // The order waits for its retry, or is still tried by a server that never gives up: then nothing is other.
  void change_account(const SideTask& task) {
    seen_within(kOrderBound, [&] {
      try_orders(client_, task.escrow);
      return client_.sql(fmt::format("SELECT count(*) FROM transfer_retry_queue WHERE escrow_id = '{}'",
                                     task.escrow)) != "0";
    });
    has_new_account();
    fault("transfers.create", "lost_answer", 0);
  }
  void retry(const SideTask& task) {
    client_.now = client_.now + kFirstPause + model::kSecond;
    client_.post("/test/jobs/transfer_retry", nlohmann::json{{"task_ids", {task.id}}}.dump());
    client_.drain();
  }

  const SafetyStage& stage_;
  SideClient client_;
  SafetyPeople people_;
  Control control_;
};

}  // namespace

void check_burnt_keys(const SafetyStage& stage) {
  BurntKeys(stage).run();
}

}  // namespace loadgen
