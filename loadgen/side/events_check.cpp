// What a delivery must be to count: signed by the processor not long ago (protocols.md §3.5), about a payment
// as it was asked for (state-machines.md E1), and taken before it is acknowledged (api.md §1.9).
#include <array>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "loadgen/side/raised.h"
#include "loadgen/side/real_clock.h"
#include "loadgen/side/side_checks.h"
#include "loadgen/side/signed_events.h"

namespace loadgen {
namespace {

using nlohmann::json;

constexpr std::int64_t kTolerance = 300;  // seconds
constexpr int kPrice = 5001;
constexpr int kAlways = 1'000'000;

// What the captured payment says of itself; nullopt: as it was asked for.
struct Payment {
  std::string_view what;
  std::optional<int> amount, received;
  std::string_view currency = "usd";
};
constexpr std::array kOthers{Payment{"of a cent less", kPrice - 1, kPrice - 1},
                             Payment{"of a cent more", kPrice + 1, kPrice + 1},
                             Payment{"asked for with a cent less", kPrice - 1, {}},
                             Payment{"asked for with a cent more", kPrice + 1, {}},
                             Payment{"captured with a cent less", {}, kPrice - 1},
                             Payment{"captured with a cent more", {}, kPrice + 1},
                             Payment{"captured by half", {}, kPrice / 2},
                             Payment{"of which nothing was captured", {}, 0},
                             Payment{"in another currency", {}, {}, "eur"}};

// Nothing that an event could be blamed for: the same delivery may succeed a moment later.
constexpr std::array<std::string_view, 5> kPassing{"55P03", "57014", "57P01", "53200", "58030"};

class Events {
 public:
  explicit Events(const SafetyStage& stage)
      : stage_(stage),
        client_(stage.client()),
        people_(stage.people(1, 1)),
        control_(stage.side.providers()),
        events_(stage) {}

  void run() {
    signatures();
    other_payments();
    for (const std::string_view sqlstate : kPassing) {
      passing_trouble(sqlstate, model::EventType::payment_succeeded, "FUNDED");
      passing_trouble(sqlstate, model::EventType::payment_canceled, "REFUNDED");
    }
  }

 private:
  const Person& poster() const { return people_.posters[0]; }
  SideTask asked() { return drive_task(client_, poster(), people_.workers[0], Stop::asked, kPrice); }
  std::string state(const SideTask& task) {
    return client_.sql(fmt::format("SELECT state FROM escrows WHERE id = '{}'", task.escrow));
  }

  // ---- signatures ----

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
    const std::string body = body_of(control_, control_.synthetic_event());
    const std::int64_t now = real_seconds();
    for (const std::int64_t age : {kTolerance + kClockMargin, kTolerance - kClockMargin,
                                   kClockMargin - kTolerance, -kTolerance - kClockMargin}) {
      const auto observed = asked_in_time([&](std::int64_t second) {
        const std::int64_t at = second - age;
        return status_of(fmt::format("t={},v1={}", at, events_.signature(at, body)), body);
      });
      if (observed)
        judge(fmt::format("an event signed {} s ago", age), age <= kTolerance && age >= -kTolerance,
              *observed);
    }
    const std::string good = events_.signature(now, body);
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
    two_times(body, now);
  }

  // Whichever of two times counts, it counts for the signature and for the age alike.
  void two_times(const std::string& body, std::int64_t now) {
    const std::int64_t past = now - 2 * kTolerance;
    const std::string fresh = fmt::format("t={}", now), old = fmt::format("t={}", past);
    const std::string signed_then = "v1=" + events_.signature(past, body);
    for (const auto& [first, second] : {std::pair{old, fresh}, std::pair{fresh, old}}) {
      for (const std::string& header : {fmt::format("{},{},{}", first, signed_then, second),
                                        fmt::format("{},{},{}", first, second, signed_then),
                                        fmt::format("{},{},{}", signed_then, first, second)})
        signature(fmt::format("an old event with two times ({} s, then {} s old)",
                              first == old ? now - past : 0, second == old ? now - past : 0),
                  header, body, false);
    }
  }

  // ---- payments ----

  void other_payments() {
    const SideTask task = asked();
    if (!control_.confirm(task.intent)) throw std::runtime_error("side stage: the payment was refused");
    const std::string genuine =
        body_of(control_, control_.payment_event(task.intent, model::EventType::payment_succeeded));
    for (const Payment& other : kOthers) {
      json event = json::parse(told_again(genuine));
      json& object = event["data"]["object"];
      if (other.amount) object["amount"] = *other.amount;
      if (other.received) object["amount_received"] = *other.received;
      object["currency"] = other.currency;
      events_.deliver(client_, event.dump());
      stage_.expect("safety payouts", "E1", "state-machines.md §2, money.md §4",
                    fmt::format("the escrow after the news of a payment {}", other.what), "PENDING",
                    state(task));
    }
    events_.deliver(client_, genuine);
    stage_.expect("safety payouts", "E1", "state-machines.md §2",
                  "the escrow after the news of the payment that was asked for", "FUNDED", state(task));
  }

  // An event that was acknowledged is not sent again: by then it has had its effect.
  void passing_trouble(std::string_view sqlstate, model::EventType type, std::string_view expected) {
    const SideTask task = asked();
    const bool paid = type == model::EventType::payment_succeeded;
    if (!(paid ? control_.confirm(task.intent) : control_.cancel(task.intent)))
      throw std::runtime_error("side stage: the processor refused what a payer does");
    const std::string news = body_of(control_, control_.payment_event(task.intent, type));
    bool acknowledged = false;
    {
      const Raised raised(client_, {std::string(sqlstate), "raised on purpose", kAlways, ""},
                          "UPDATE ON escrows", fmt::format("NEW.id = '{}'", task.escrow));
      acknowledged = events_.deliver(client_, news).ok();
    }
    if (!acknowledged) events_.deliver(client_, news);
    stage_.expect("safety troubles", "FM-004", "api.md §1.9",
                  fmt::format("the escrow after a payment's {} that met {} at first and was{} acknowledged",
                              paid ? "success" : "end", sqlstate, acknowledged ? "" : " not"),
                  std::string(expected), state(task));
  }

  const SafetyStage& stage_;
  SideClient client_;
  SafetyPeople people_;
  Control control_;
  SignedEvents events_;
};

}  // namespace

void check_events(const SafetyStage& stage) {
  Events(stage).run();
}

}  // namespace loadgen
