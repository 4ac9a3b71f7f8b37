// Payouts that fail (money.md §4, C-M10), step by step: when the next attempt is made and when not yet, how
// many there are, and news about a transfer that has failed before. And the edges of a webhook's signature
// (protocols.md §3.5).
#include <array>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "loadgen/campaign/faults.h"
#include "loadgen/campaign/real_clock.h"
#include "loadgen/campaign/safety_stage.h"
#include "net/sign.h"

namespace loadgen {
namespace {

using nlohmann::json;

constexpr std::array<model::Millis, 4> kPauses{5 * model::kMinute, 30 * model::kMinute, 2 * model::kHour,
                                               24 * model::kHour};
constexpr int kAttempts = 5;
constexpr std::int64_t kTolerance = 300;  // seconds

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
        secret_(stage.environment.options().webhook_secret) {}

  void run() {
    for (const Failure failure : {Failure::returned, Failure::refused}) exhaust(failure);
    signatures();
  }

 private:
  void expect(const std::string& what, const std::string& expected, const std::string& observed) {
    stage_.expect("safety payouts", "PAYOUT-RETRY", "money.md §4, C-M10", what, expected, observed);
  }

  std::string sign(std::int64_t at, const std::string& body) const {
    return net::hex(net::hmac_sha256(secret_, fmt::format("{}.{}", at, body)));
  }
  Reply deliver(const std::string& body) {
    const std::int64_t at = real_seconds();
    return client_.post("/webhooks/stripe", body,
                        {{"stripe-signature", fmt::format("t={},v1={}", at, sign(at, body))}});
  }
  std::string body_of(const std::optional<std::string>& event) {
    return event ? control_.envelope(*event, model::EventFlavour::genuine).body : "";
  }
  // The same news as an event of its own.
  static std::string told_again(const std::string& body) {
    json event = json::parse(body);
    event["id"] = "evt_" + net::random_hex(12);
    return event.dump();
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
      if (returned)
        expect(fmt::format("a payout that {} {} times, when its pause is over", how, failures), "4250",
               transfers(task));
    }
    refuse_transfers(false);
    const model::Instant end = client_.now;
    const std::string given_up = queue(task);
    retry_at(task, end + 100 * model::kDay);
    expect(fmt::format("a payout that {} five times is for a human", how), given_up + " 0",
           fmt::format("{} {}", queue(task), transfers(task)));
    client_.now = stage_.client().now;
  }

  // The living transfer fails; later news about it, and about its birth, changes nothing any more.
  void come_back(const SideTask& task) {
    const std::string birth = body_of(control_.transfer_event(task.escrow));
    const std::string failed = body_of(control_.fail_transfer(task.escrow));
    if (failed.empty()) throw std::runtime_error("side stage: there is no transfer that could fail");
    expect("the news of a transfer that failed", "200", std::to_string(deliver(failed).status));
    const std::string after = row(task);
    for (const std::string& late : {failed, told_again(failed), birth, told_again(birth)}) {
      expect("late news of a transfer that has failed", "200", std::to_string(deliver(late).status));
      expect("the payout after late news of a transfer that has failed", after, row(task));
    }
  }
  std::string row(const SideTask& task) {
    return queue(task) +
           client_.sql(fmt::format("SELECT ', transfer ' || coalesce(stripe_transfer_id, 'none')"
                                   " FROM escrows WHERE id = '{}'",
                                   task.escrow));
  }

  std::string status_of(const std::string& header, const std::string& body) {
    return std::to_string(client_.post("/webhooks/stripe", body, {{"stripe-signature", header}}).status);
  }
  void judge(const std::string& what, bool good, const std::string& observed) {
    stage_.expect("safety payouts", "signature", "protocols.md §3.5", what, good ? "200" : "400", observed);
  }
  void signature(const std::string& what, const std::string& header, const std::string& body, bool good) {
    judge(what, good, status_of(header, body));
  }

  void signatures() {
    const std::string body = body_of(control_.synthetic_event());
    const std::int64_t now = real_seconds();
    for (const std::int64_t age : {kTolerance + kClockMargin, kTolerance - kClockMargin,
                                   kClockMargin - kTolerance, -kTolerance - kClockMargin}) {
      const auto observed = asked_in_time([&](std::int64_t second) {
        const std::int64_t at = second - age;
        return status_of(fmt::format("t={},v1={}", at, sign(at, body)), body);
      });
      if (observed)
        judge(fmt::format("an event signed {} s ago", age), age <= kTolerance && age >= -kTolerance,
              *observed);
    }
    const std::string good = sign(now, body);
    const std::string bad(good.size(), '0');
    const auto header = [&](std::string_view rest) { return fmt::format("t={},{}", now, rest); };
    signature("a true signature after a false one", header("v1=" + bad + ",v1=" + good), body, true);
    signature("a true signature before a false one", header("v1=" + good + ",v1=" + bad), body, true);
    signature("a true signature beside another scheme", header("v0=" + bad + ",v1=" + good), body, true);
    signature("two false signatures", header("v1=" + bad + ",v1=" + bad), body, false);
    signature("a true signature of another scheme alone", header("v0=" + good), body, false);
    signature("half of a signature", header("v1=" + good.substr(0, 32)), body, false);
    signature("no signature", fmt::format("t={}", now), body, false);
    signature("an empty signature", header("v1="), body, false);
    signature("no time", "v1=" + good, body, false);
    signature("another time than signed", fmt::format("t={},v1={}", now - 1, good), body, false);
    signature("a body with one more byte", header("v1=" + good), body + " ", false);
    signature("an empty body", header("v1=" + good), "", false);
  }

  const SafetyStage& stage_;
  SideClient client_;
  SafetyPeople people_;
  Control control_;
  std::string secret_;
};

}  // namespace

void check_payouts(const SafetyStage& stage) {
  Payouts(stage).run();
}

}  // namespace loadgen
