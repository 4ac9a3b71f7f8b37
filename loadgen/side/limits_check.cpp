// Limits on calls (safety-and-abuse.md §4): exact at the limit and one past it, at both edges of the window,
// under parallel calls, and not to be fooled by batches, headers or another spelling. The case's clock is the
// limiter's.
#include <algorithm>
#include <atomic>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "loadgen/side/held.h"
#include "loadgen/side/safety_stage.h"
#include "loadgen/side/side_checks.h"
#include "model/rules/sliding_window.h"
#include "model/vocabulary/contract.h"
#include "model/vocabulary/rate_limits.h"
#include "net/sign.h"

namespace loadgen {
namespace {

using model::Procedure;
using model::RateClass;

constexpr std::string_view kSpec = "safety-and-abuse.md §4";
constexpr std::size_t kHands = 8;
constexpr model::Millis kDayApart = model::kDay;  // no count of one part reaches the next

class Limits {
 public:
  explicit Limits(const SafetyStage& stage)
      : stage_(stage), client_(stage.client(true)), tag_(net::random_hex(3)) {}

  void run() {
    std::set<std::string> seen;
    for (const Procedure& procedure : model::all_procedures()) {
      std::string classes;
      for (const RateClass& each : model::rate_classes(procedure)) classes += std::string(each.name) + " ";
      if (seen.insert(classes).second) exact(procedure);
    }
    shared();
    anonymous();
    any_schedule();
    parallel();
    bypasses();
    proxies();
    counters_gone();
  }

 private:
  void expect(const std::string& what, const std::string& expected, const std::string& observed) {
    stage_.expect("safety limits", "rate limits", kSpec, what, expected, observed);
  }
  std::string newcomer() { return client_.tokens({fmt::format("limit-{}-{}", tag_, people_++)}).front(); }
  // An address of its own: the harness is the one proxy that the server trusts.
  std::string address() {
    ++people_;
    return fmt::format("10.{}.{}.{}", people_ / 65536 % 256, people_ / 256 % 256, people_ % 256);
  }

  // Whether the call was let through; what it was answered otherwise does not matter here.
  static bool passed(const Reply& reply) { return reply.status != 0 && reply.status != 429; }

  static RateClass tightest(const Procedure& procedure) {
    const auto classes = model::rate_classes(procedure);
    return *std::ranges::min_element(classes, {}, &RateClass::limit);
  }

  // The first `limit` calls pass, the next does not; nor does it until the first one has left the window.
  // What is not counted by, account or address, is another one at each call.
  void exact(const Procedure& procedure) {
    const RateClass limit = tightest(procedure);
    const std::string token = newcomer(), from = address();
    const auto call = [&] {
      return client_.call(procedure.name, "{}", limit.by_address ? newcomer() : token,
                          {{"x-forwarded-for", limit.by_address ? from : address()}});
    };
    const model::Instant start = client_.now;
    int let_in = 0;
    while (let_in < limit.limit && passed(call())) ++let_in;
    expect(fmt::format("{}: calls of class {} that pass", procedure.name, limit.name),
           std::to_string(limit.limit), std::to_string(let_in));
    client_.now = start + 1;  // what is left of a second counts as one
    const Reply refused = call();
    expect(fmt::format("{}: one more", procedure.name), "429 RATE_LIMITED", told(refused));
    const std::string* after = refused.headers.find("retry-after");
    expect(fmt::format("{}: Retry-After in seconds", procedure.name),
           std::to_string(limit.window / model::kSecond), after == nullptr ? "none" : *after);
    for (const auto& [header, wanted] : {std::pair{"x-ratelimit-limit", std::to_string(limit.limit)},
                                         std::pair{"x-ratelimit-remaining", std::string("0")}}) {
      const std::string* found = refused.headers.find(header);
      expect(fmt::format("{}: {}", procedure.name, header), wanted, found == nullptr ? "none" : *found);
    }
    expect(fmt::format("{}: X-RateLimit-Reset", procedure.name), "there",
           refused.headers.find("x-ratelimit-reset") == nullptr ? "missing" : "there");
    if (limit.name != model::kGeneralLimit.name)
      expect(fmt::format("a call of no class but the general one, after {}", procedure.name), "passed",
             passed(client_.call("user.getProfile", "", token, {{"x-forwarded-for", from}})) ? "passed"
                                                                                             : "refused");
    client_.now = start + (limit.window - 1);
    expect(fmt::format("{}: just before the window ends", procedure.name), "429 RATE_LIMITED", told(call()));
    client_.now = start + limit.window;
    expect(fmt::format("{}: when the window has ended", procedure.name), "passed",
           passed(call()) ? "passed" : "refused");
    client_.now = start;
  }

  // A class has one allowance, whichever of its procedures is called.
  void shared() {
    std::map<std::string_view, std::vector<const Procedure*>> members;
    for (const Procedure& procedure : model::all_procedures())
      members[tightest(procedure).name].push_back(&procedure);
    for (const auto& [name, procedures] : members) {
      const RateClass limit = tightest(*procedures.front());
      const std::string token = newcomer(), from = address();
      int let_in = 0;
      for (std::size_t i = 0; i <= static_cast<std::size_t>(limit.limit); ++i) {
        let_in += passed(client_.call(procedures[i % procedures.size()]->name, "{}",
                                      limit.by_address ? newcomer() : token,
                                      {{"x-forwarded-for", limit.by_address ? from : address()}}))
                      ? 1
                      : 0;
      }
      expect(fmt::format("calls of {} procedures of class {} in turn", procedures.size(), name),
             std::to_string(limit.limit), std::to_string(let_in));
    }
  }

  void anonymous() {
    const std::string bad = client_.tokens({"nobody"}, "garbage").front();
    const HeaderLines from{{"x-forwarded-for", address()}};
    int let_in = 0;
    for (int i = 0; i <= model::kAuthLimit.limit; ++i)
      let_in += passed(client_.call("user.getProfile", "", i % 2 == 0 ? bad : "", from)) ? 1 : 0;
    expect("calls with bad tokens or none from one address", std::to_string(model::kAuthLimit.limit),
           std::to_string(let_in));
    expect("the same from another address", "401 HX502",
           told(client_.call("user.getProfile", "", bad, {{"x-forwarded-for", address()}})));
  }

  // Any schedule of calls: the server lets through what the sliding window lets through.
  void any_schedule() {
    std::uint64_t seed = 1;
    for (int round = 0; round < 3; ++round) {
      const std::string token = newcomer();
      const model::Instant start = client_.now;
      model::rules::SlidingWindow payment(model::kPaymentLimit.limit, model::kPaymentLimit.window);
      std::string differs;
      for (int i = 0; i < 60; ++i) {
        seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
        client_.now = client_.now + static_cast<model::Millis>((seed >> 33) % 12'000);
        const bool expected = payment.take(client_.now);
        const Reply reply = client_.call("escrow.createIntent", "{}", token);
        if (passed(reply) != expected && differs.empty())
          differs = fmt::format("call {} after {} ms: {}", i, client_.now - start, told(reply));
      }
      expect("60 payment calls at arbitrary instants", "", differs);
      client_.now = start;
    }
  }

  void parallel() {
    const std::string token = newcomer();
    std::atomic<int> let_in{0};
    for (int i = 0; i < 5; ++i) let_in += passed(client_.call("escrow.createIntent", "{}", token)) ? 1 : 0;
    SideClient holder = stage_.client();
    {
      Held held(holder, "SELECT 1 FROM rate_hits FOR UPDATE");  // whoever only reads them gets by
      std::vector<std::jthread> hands;
      hands.reserve(kHands);
      for (std::size_t hand = 0; hand < kHands; ++hand) {
        hands.emplace_back([&] {
          SideClient mine = stage_.client(true);
          mine.now = client_.now;
          for (int i = 0; i < 5; ++i) let_in += passed(mine.call("escrow.createIntent", "{}", token)) ? 1 : 0;
        });
      }
      held.let_in(kHands);
    }
    expect("45 payment calls, 40 of them at once", std::to_string(model::kPaymentLimit.limit),
           std::to_string(let_in));
  }

  // After the limit is reached each of these is one more call, and nothing else.
  void bypasses() {
    const std::string token = newcomer();
    const std::string task = R"({"task_id":"00000000-0000-4000-8000-000000000000"})";
    const std::string bearer = "Bearer " + token;
    std::string path = "/trpc/escrow.createIntent";
    std::string body = "{\"0\":" + task;
    for (int i = 1; i < 25; ++i) {
      path += ",escrow.createIntent";
      body += fmt::format(",\"{}\":{}", i, task);
    }
    const Reply batch = client_.post(path + "?batch=1", body + "}", {{"authorization", bearer}});
    const auto parts = nlohmann::json::parse(batch.body, nullptr, false);
    const auto let_in = std::ranges::count_if(
        parts, [](const auto& part) { return part["error"]["data"]["hx"] != "RATE_LIMITED"; });
    expect("25 payment calls in one batch", std::to_string(model::kPaymentLimit.limit),
           std::to_string(let_in));
    for (const HeaderLines& trick :
         {HeaderLines{{"x-forwarded-for", "1.2.3.4"}}, HeaderLines{{"x-real-ip", "1.2.3.4"}},
          HeaderLines{{"forwarded", "for=1.2.3.4"}}, HeaderLines{{"x-user-id", "somebody"}}}) {
      expect("one more with a header of the client's own", "429 RATE_LIMITED",
             told(client_.call("escrow.createIntent", task, token, trick)));
    }
    expect("one more by the alias v1.", "429 RATE_LIMITED",
           told(client_.call("v1.escrow.createIntent", task, token)));
    const std::string mine = address();
    for (int i = 0; i < model::kAuthLimit.limit; ++i)
      client_.call("user.getProfile", "", "", {{"x-forwarded-for", fmt::format("6.6.6.{}, {}", i, mine)}});
    expect("an invented address left of the true one", "429 RATE_LIMITED",
           told(client_.call("user.getProfile", "", "", {{"x-forwarded-for", "7.7.7.7, 8.8.8.8, " + mine}})));
    const std::string forged = client_.tokens({"limit-forged"}, "bad_signature").front();
    expect("a forged token is no account of its own", "429 RATE_LIMITED",
           told(client_.call("user.getProfile", "", forged, {{"x-forwarded-for", mine}})));
    stage_.judge.count("safety limits bypasses", 8);
  }

  // The caller's address is the one that the outermost of our proxies has seen, however many there are; what
  // stands left of it anybody may invent, and without proxies nobody is believed.
  void proxies() {
    for (const int ours : {0, 2, 3}) {
      SideClient behind(
          stage_.side.start_server({"--rate-limits", "on", "--trusted-proxies", std::to_string(ours)}),
          stage_.side.database(), stage_.side.providers(), stage_.log);
      behind.now = client_.now + kDayApart * ++days_;
      const auto call = [&](const std::string& from, int invented) {
        std::string chain = fmt::format("7.7.7.{}, {}", invented, from);
        for (int proxy = 1; proxy < ours; ++proxy) chain += fmt::format(", 10.255.0.{}", proxy);
        return told(behind.call("user.getProfile", "", "", {{"x-forwarded-for", chain}}));
      };
      const std::string mine = address();
      for (int i = 0; i < model::kAuthLimit.limit; ++i) call(mine, i);
      const std::string what = fmt::format("behind {} proxies, after the limit of one address, ", ours);
      expect(what + "one more call from there", "429 RATE_LIMITED", call(mine, 200));
      expect(what + "a call from another address", ours == 0 ? "429 RATE_LIMITED" : "401 HX501",
             call(address(), 200));
    }
  }

  // Nobody can be counted: whatever moves money, signs in or administers is refused.
  void counters_gone() {
    const std::string token = newcomer();
    client_.sql("ALTER TABLE rate_hits RENAME TO rate_hits_away");
    const Reply payment = client_.call("escrow.createIntent", "{}", token);
    const Reply anonymous = client_.call("user.getProfile", "", "");
    const Reply admin = client_.call("admin.getFreeze", "", token);
    const Reply read = client_.call("user.getProfile", "", token);
    client_.sql("ALTER TABLE rate_hits_away RENAME TO rate_hits");
    expect("a payment without counters", "429 RATE_LIMITED", told(payment));
    expect("a call without a token and without counters", "429 RATE_LIMITED", told(anonymous));
    expect("an administrative read without counters", "429 RATE_LIMITED", told(admin));
    expect("an ordinary read without counters", "ok", told(read));
  }

  const SafetyStage& stage_;
  SideClient client_;
  std::string tag_;
  unsigned people_ = 0;
  int days_ = 0;
};

}  // namespace

void check_limits(const SafetyStage& stage) {
  Limits(stage).run();
}

}  // namespace loadgen
