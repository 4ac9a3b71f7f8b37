// Payouts that fail (money.md §4, C-M10), step by step: when the next attempt is made and when not yet, how
// many there are, and news about a transfer that has failed before.
#include <array>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "loadgen/campaign/faults.h"
#include "loadgen/side/safety_stage.h"
#include "loadgen/side/side_checks.h"
#include "loadgen/side/signed_events.h"

namespace loadgen {
namespace {

using nlohmann::json;

constexpr std::array<model::Millis, 4> kPauses{5 * model::kMinute, 30 * model::kMinute, 2 * model::kHour,
                                               24 * model::kHour};
constexpr int kAttempts = 5;

enum class Failure : std::uint8_t {
  returned,
  refused
};  // the money came back; the call was refused for good

class Payouts {
 public:
  explicit Payouts(const SafetyStage& stage)
      : stage_(stage),
        client_(stage.client()),
        people_(stage.people(1, 2)),
        control_(stage.side.providers()),
        events_(stage) {}

  void run() {
    for (const Failure failure : {Failure::returned, Failure::refused}) exhaust(failure);
  }

 private:
  void expect(const std::string& what, const std::string& expected, const std::string& observed) {
    stage_.expect("safety payouts", "PAYOUT-RETRY", "money.md §4, C-M10", what, expected, observed);
  }

  void retry_at(const SideTask& task, model::Instant now) {
    client_.now = now;
    client_.post("/test/jobs/transfer_retry", json{{"task_ids", {task.id}}}.dump());
    client_.drain();
  }
  void refuse_transfers(bool on) {
    set_fault(stage_.side.providers(), {"transfers.create", "refuse"}, on ? 1000 : 0);
  }

  std::string queue(const SideTask& task) {
    return client_.sql(
        fmt::format("SELECT status || ' after ' || attempt_count || ', last ' || extract(epoch FROM "
                    "last_attempt_at) * 1000"
                    " FROM transfer_retry_queue WHERE escrow_id = '{}' ORDER BY attempt_count DESC LIMIT 1",
                    task.escrow));
  }
  static std::string queued(int failures, model::Instant last) {
    return fmt::format("{} after {}, last {}.000000", failures < kAttempts ? "PENDING" : "FAILED_PERMANENT",
                       failures, last.ms);
  }

  std::string transfers(const SideTask& task) {
    return std::to_string(client_.book(task.escrow, "transferred"));
  }

  void exhaust(Failure failure) {
    const bool returned = failure == Failure::returned;
    past_.clear();
    const std::string how = returned ? "came back" : "was refused";
    const SideTask task = drive_task(client_, people_.posters[0], people_.workers[0], Stop::reviewed);
    refuse_transfers(!returned);
    client_.call("task.complete", fmt::format(R"({{"task_id":"{}"}})", task.id), people_.posters[0].token);
    client_.drain();
    for (int failures = 1; failures <= kAttempts; ++failures) {
      if (returned) come_back(task);
      expect(fmt::format("a payout that {} {} times", how, failures), queued(failures, client_.now),
             queue(task));
      if (failures == kAttempts) break;
      const model::Instant last = client_.now;
      const model::Millis pause = kPauses.at(static_cast<std::size_t>(failures - 1));
      const std::string before = fmt::format("{} {}", queue(task), transfers(task));
      retry_at(task, last + (pause - 1));
      expect(fmt::format("a payout that {} {} times, just before its pause is over", how, failures), before,
             fmt::format("{} {}", queue(task), transfers(task)));
      // An answer that is lost for good: the key is spent, and no living transfer stands behind it.
      if (returned && failures == 2)
        set_fault(stage_.side.providers(), {"transfers.create", "error_500_stored"}, 1);
      retry_at(task, last + pause);
      if (returned) {
        expect(fmt::format("a payout that {} {} times, when its pause is over", how, failures), "4250",
               transfers(task));
        tell_the_past(task);
      }
    }
    refuse_transfers(false);
    const model::Instant end = client_.now;
    const std::string given_up = queue(task);
    retry_at(task, end + 100 * model::kDay);
    expect(fmt::format("a payout that {} five times is for a human", how), given_up + " 0",
           fmt::format("{} {}", queue(task), transfers(task)));
    client_.now = stage_.client().now;
  }

  // The living transfer fails; later news about it, and about those before it, changes nothing any more.
  void come_back(const SideTask& task) {
    const std::string birth = body_of(control_, control_.transfer_event(task.escrow));
    const std::string failed = body_of(control_, control_.fail_transfer(task.escrow));
    if (failed.empty()) throw std::runtime_error("side stage: there is no transfer that could fail");
    expect("the news of a transfer that failed", "200",
           std::to_string(events_.deliver(client_, failed).status));
    past_.insert(past_.end(), {failed, birth});
    tell_the_past(task);
  }
  void tell_the_past(const SideTask& task) {
    const std::string after = row(task);
    for (const std::string& news : past_) {
      for (const std::string& late : {news, told_again(news)}) {
        expect("late news of a transfer that has failed", "200",
               std::to_string(events_.deliver(client_, late).status));
        expect("the payout after late news of a transfer that has failed", after, row(task));
      }
    }
  }
  std::string row(const SideTask& task) {
    return queue(task) +
           client_.sql(fmt::format("SELECT ', transfer ' || coalesce(stripe_transfer_id, 'none')"
                                   " FROM escrows WHERE id = '{}'",
                                   task.escrow));
  }

  const SafetyStage& stage_;
  SideClient client_;
  SafetyPeople people_;
  Control control_;
  SignedEvents events_;
  std::vector<std::string> past_;  // what was told of transfers that have failed
};

}  // namespace

void check_payouts(const SafetyStage& stage) {
  Payouts(stage).run();
}

}  // namespace loadgen
