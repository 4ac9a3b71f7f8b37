// SIGTERM while calls are under way that wait for somebody else: the processor, a lock in the database. They
// are finished (operations.md §2: 30 s), nobody new is let in, and what is owed is paid once by another
// server.
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "loadgen/campaign/faults.h"
#include "loadgen/environment/other_server.h"
#include "loadgen/side/flight.h"
#include "loadgen/side/held.h"
#include "loadgen/side/orders.h"
#include "loadgen/side/side_checks.h"
#include "model/vocabulary/limits.h"
#include "net/sign.h"

namespace loadgen {
namespace {

constexpr std::string_view kSlow = "slow_ms:2500";
constexpr std::chrono::milliseconds kUnderWay{300}, kSeenUnready{200}, kLocked{500}, kPatience{2500};

class Drain {
 public:
  explicit Drain(const SafetyStage& stage)
      : stage_(stage),
        server_(start_other_server(
            stage.environment,
            {.database = stage.side.database(),
             .providers = stage.side.providers(),
             .log_file = stage.environment.log_directory() + "/drain-" + net::random_hex(4) + ".log"},
            {"--rate-limits", "off"})),
        client_(stage.client()),
        people_(stage.people(1, 1)) {}

  void run() {
    const SideTask asked = task(Stop::created), locked = task(Stop::funded), paid = task(Stop::reviewed);
    SideClient asking = other(), locking = other(), paying = other(), holder = stage_.client();
    slow(1);
    expect("a completion just before SIGTERM", "ok",
           told(paying.call("task.complete", about(paid), poster().token)));
    Flight intent([&] { return told(asking.call("escrow.createIntent", about(asked), poster().token)); });
    const auto began = std::chrono::steady_clock::now();
    Held held(holder, fmt::format("SELECT 1 FROM tasks WHERE id = '{}' FOR UPDATE", locked.id));
    Flight cancel([&] { return told(locking.call("task.cancel", about(locked), poster().token)); });
    std::this_thread::sleep_for(kUnderWay);
    server_.child->signal(SIGTERM);
    std::this_thread::sleep_for(kSeenUnready);
    const Reply ready =
        other().send({.method = "GET", .target = "/health/readiness", .headers = {}, .body = {}});
    expect("readiness after SIGTERM", "503 or no answer",
           ready.status == 0 || ready.status == 503 ? "503 or no answer" : std::to_string(ready.status));
    std::this_thread::sleep_for(kLocked);
    held.release();
    const std::string cancelled = cancel.reply();
    // Servers limit how long they wait for a lock: on a slow machine it may have been longer than that.
    const bool soon = std::chrono::steady_clock::now() - began < kPatience;
    if (soon) expect("a call that waited for a lock when SIGTERM came", "ok", cancelled);
    expect("a call that waited for the processor when SIGTERM came", "ok", intent.reply());
    const auto exit =
        server_.child->wait(std::chrono::milliseconds(model::limits::kShutdownGrace + 2 * model::kSecond));
    expect("the end of a server that had something to finish", "exit code 0",
           exit ? exit->text() : "still running");
    slow(0);
    settled(asked, locked, paid, cancelled == "ok");
  }

 private:
  void expect(const std::string& what, const std::string& expected, const std::string& observed) {
    stage_.expect("safety troubles", "OPS-SHUTDOWN", "operations.md §2", what, expected, observed);
  }
  const Person& poster() const { return people_.posters[0]; }
  SideTask task(Stop until) { return drive_task(client_, poster(), people_.workers[0], until); }
  static std::string about(const SideTask& task) { return fmt::format(R"({{"task_id":"{}"}})", task.id); }
  SideClient other() const {
    SideClient made(server_.url, stage_.side.database(), stage_.side.providers(), stage_.log);
    made.now = client_.now;
    return made;
  }
  void slow(int times) {
    for (const char* operation : {"payment_intents.create", "transfers.create"})
      set_fault(stage_.side.providers(), {operation, kSlow}, times);
  }

  void settled(const SideTask& asked, const SideTask& locked, const SideTask& paid, bool cancelled) {
    for (const SideTask* each : {&locked, &paid}) orders_end(client_, each->escrow);
    expect("what came of it", fmt::format("1 intent, {} refund, 1 transfer", cancelled ? 1 : 0),
           fmt::format("{} intent, {} refund, {} transfer", client_.book(asked.escrow, "intents"),
                       client_.book(locked.escrow, "refunds"), client_.book(paid.escrow, "transfers")));
  }

  const SafetyStage& stage_;
  OtherServer server_;
  SideClient client_;
  SafetyPeople people_;
};

}  // namespace

void check_drain(const SafetyStage& stage) {
  Drain(stage).run();
}

}  // namespace loadgen
