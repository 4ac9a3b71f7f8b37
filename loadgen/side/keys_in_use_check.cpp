// A key whose first request still runs (protocols.md §3.4 point 5): whoever comes with it again meanwhile is
// told 409 and comes back with the same key. So nothing happens twice when the processor takes longer than a
// dispatcher's patience, or when two calls want one payment at the same moment (money.md §2, S3).
#include <array>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "loadgen/campaign/faults.h"
#include "loadgen/side/flight.h"
#include "loadgen/side/orders.h"
#include "loadgen/side/side_checks.h"

namespace loadgen {
namespace {

constexpr std::string_view kSlowOrder = "slow_ms:2600";  // longer than a claim lasts under the test clock
constexpr std::string_view kSlowIntent = "slow_ms:600";
constexpr std::chrono::milliseconds kBetween{100};

class KeysInUse {
 public:
  explicit KeysInUse(const SafetyStage& stage)
      : stage_(stage), client_(stage.client()), other_(stage.client()), people_(stage.people(1, 1)) {}

  void run() {
    asked_twice();
    ordered_slowly();
  }

 private:
  void expect(const std::string& what, const std::string& expected, const std::string& observed) {
    stage_.expect("safety payouts", "FM-030", "money.md §2, protocols.md §3.4", what, expected, observed);
  }
  void slow(std::string_view operation, std::string_view kind, int times) {
    set_fault(stage_.side.providers(), {operation, kind}, times);
  }
  static std::string about(const SideTask& task) { return fmt::format(R"({{"task_id":"{}"}})", task.id); }
  const Person& poster() const { return people_.posters[0]; }
  const Person& worker() const { return people_.workers[0]; }

  // A poster with two devices. What they are told meanwhile is open; afterwards there is one payment.
  void asked_twice() {
    const SideTask task = drive_task(client_, poster(), worker(), Stop::created);
    slow("payment_intents.create", kSlowIntent, 1);
    {
      Flight first([&] { return told(other_.call("escrow.createIntent", about(task), poster().token)); });
      std::this_thread::sleep_for(kBetween);
      client_.call("escrow.createIntent", about(task), poster().token);
      first.reply();
    }
    slow("payment_intents.create", kSlowIntent, 0);
    client_.call("escrow.createIntent", about(task), poster().token);
    expect("intents of a payment that two devices asked for at the same time", "1",
           std::to_string(client_.book(task.escrow, "intents")));
  }

  void ordered_slowly() {
    const SideTask paid = drive_task(client_, poster(), worker(), Stop::reviewed);
    const SideTask returned = drive_task(client_, poster(), worker(), Stop::funded);
    slow("transfers.create", kSlowOrder, 1);
    slow("refunds.create", kSlowOrder, 1);
    client_.call("task.complete", about(paid), poster().token);
    client_.call("task.cancel", about(returned), poster().token);
    for (const SideTask* task : {&paid, &returned}) orders_end(client_, task->escrow);
    slow("transfers.create", kSlowOrder, 0);
    slow("refunds.create", kSlowOrder, 0);
    // The first request may have been overtaken: it ends as well before the books are looked at.
    seen_within(kOrderBound, [&] {
      return client_.book(paid.escrow, "transfers") > 0 && client_.book(returned.escrow, "refunds") > 0;
    });
    std::this_thread::sleep_for(kBetween);
    expect("a payout that the processor takes long for", "1 of 4250",
           fmt::format("{} of {}", client_.book(paid.escrow, "transfers"),
                       client_.book(paid.escrow, "transferred")));
    expect("a refund that the processor takes long for", "1 of 5000",
           fmt::format("{} of {}", client_.book(returned.escrow, "refunds"),
                       client_.book(returned.escrow, "refunded")));
  }

  const SafetyStage& stage_;
  SideClient client_, other_;
  SafetyPeople people_;
};

}  // namespace

void check_keys_in_use(const SafetyStage& stage) {
  KeysInUse(stage).run();
}

}  // namespace loadgen
