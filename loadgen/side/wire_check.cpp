// What is told on the wire beside a procedure's own rules: lifetimes of tokens to the second, keys that
// rotate, spellings of the credential, batches answered in their order, and what the processor is told of
// each order.
#include <algorithm>
#include <array>
#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "loadgen/side/json_lines.h"
#include "loadgen/side/real_clock.h"
#include "loadgen/side/safety_stage.h"
#include "loadgen/side/side_checks.h"
#include "net/sign.h"

namespace loadgen {
namespace {

using nlohmann::json;

constexpr std::int64_t kSkew = 5;  // seconds, protocols.md §4.3
constexpr std::chrono::seconds kUntilKeysAreFetched{6};
constexpr std::chrono::seconds kTimeout{10};

class Wire {
 public:
  explicit Wire(const SafetyStage& stage)
      : stage_(stage),
        client_(stage.client()),
        people_(stage.people(2, 1)),
        providers_(*net::parse_url(stage.side.providers())) {}

  void run() {
    std::int64_t end = 0;
    std::string mortal;
    const auto before = asked_in_time([&](std::int64_t now) {
      end = now - kSkew + kClockMargin;
      mortal = token(json{{"exp", end}});
      return told(read(mortal));
    });
    if (before) expect("a token in its last seconds", "ok", *before);
    lifetimes();
    subjects();
    spellings();
    batches();
    pages();
    orders();
    rotation();
    while (real_seconds() < end + kSkew) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    expect("the same token after its end, which the server has seen before", "401 HX502", told(read(mortal)));
  }

 private:
  void expect(const std::string& what, const std::string& expected, const std::string& observed) {
    stage_.expect("safety wire", "ROLE", "safety-and-abuse.md §8, protocols.md §4.3", what, expected,
                  observed);
  }
  std::string token(const json& claims) {
    return client_.tokens_claiming(people_.posters[0].uid, claims.dump());
  }
  Reply read(const std::string& token) { return client_.call("user.getProfile", "", token); }

  void lifetimes() {
    for (const char* claim : {"exp", "iat", "auth_time", "nbf"}) {
      const bool end = std::string_view(claim) == "exp";
      for (const std::int64_t margin : {-kClockMargin, kClockMargin}) {
        const std::int64_t from_now = (end ? -kSkew : kSkew) + margin;
        const bool good = end ? margin > 0 : margin < 0;
        const auto observed =
            asked_in_time([&](std::int64_t now) { return told(read(token(json{{claim, now + from_now}}))); });
        if (observed)
          expect(fmt::format("a token whose {} is {} s from now", claim, from_now), good ? "ok" : "401 HX502",
                 *observed);
      }
      expect(fmt::format("a token whose {} is a text", claim), "401 HX502",
             told(read(token(json{{claim, std::to_string(real_seconds() + 100)}}))));
    }
  }

  void subjects() {
    constexpr std::size_t kLongest = 128;
    for (const std::size_t length : {std::size_t{1}, kLongest, kLongest + 1}) {
      std::string uid = net::random_hex(kLongest) + "0";
      uid.resize(length);
      expect(fmt::format("a subject of {} letters", length), length <= kLongest ? "ok" : "401 HX502",
             told(read(token(json{{"sub", uid}}))));
    }
    expect("a subject that is a number", "401 HX502", told(read(token(json{{"sub", 7}}))));
  }

  void spellings() {
    const std::string good = people_.posters[0].token;
    const auto with = [&](const std::string& header) {
      return told(client_.call("user.getProfile", "", "", {{"authorization", header}})).substr(0, 9);
    };
    for (const char* scheme : {"Bearer ", "bearer ", "BEARER "})
      expect(fmt::format("the scheme '{}'", scheme), "ok", with(scheme + good));
    for (const char* scheme : {"Basic ", "Bearer", "Token ", "Bearer  ", ""})
      expect(fmt::format("the scheme '{}'", scheme), "401 HX502", with(scheme + good));
    expect("a token with one more letter", "401 HX502", with("Bearer " + good + "A"));
    expect("a token without its signature", "401 HX502",
           with("Bearer " + good.substr(0, good.rfind('.') + 1)));
  }

  // protocols.md §1: each call of a batch has its own answer, in its place; 207 where they differ.
  void batches() {
    const std::array<SideTask, 2> tasks{
        drive_task(client_, people_.posters[0], people_.workers[0], Stop::created),
        drive_task(client_, people_.posters[1], people_.workers[0], Stop::created)};
    const json inputs{{"0", {{"task_id", tasks[1].id}}},
                      {"1", {{"task_id", "00000000-0000-4000-8000-000000000000"}}},
                      {"2", {{"task_id", tasks[0].id}}}};
    net::Request request{.method = "GET",
                         .target = "/trpc/task.getById,task.getById,task.getById?batch=1&input=" +
                                   net::percent_encode(inputs.dump()),
                         .headers = {},
                         .body = {}};
    request.headers.add("authorization", "Bearer " + people_.posters[0].token);
    const Reply reply = client_.send(request);
    expect("the status of a batch whose answers differ", "207", std::to_string(reply.status));
    const std::string due = fmt::format("{} NOT_FOUND {}", tasks[1].id, tasks[0].id);
    expect("the answers of a batch", due, three_of(reply));
    request.headers.add("trpc-accept", "application/jsonl");
    Reply streamed = client_.send(request);  // §1.6
    expect("the status of a streamed batch", "200", std::to_string(streamed.status));
    const auto lines = read_json_lines(streamed.body);
    streamed.body = fmt::format("[{}]", fmt::join(lines.value_or(std::vector<std::string>{}), ","));
    expect("the answers of a streamed batch", due, three_of(streamed));
  }
  static std::string three_of(const Reply& reply) {
    return fmt::format("{} {} {}", reply.text("/0/result/data/id"), reply.text("/1/error/data/hx"),
                       reply.text("/2/result/data/id"));
  }

  // eligibility.md §8: a page says that there is more exactly when there is. Nobody else takes or posts
  // meanwhile.
  void pages() {
    constexpr int kMost = 100;
    drive_task(client_, people_.posters[0], people_.workers[0], Stop::funded);
    drive_task(client_, people_.posters[1], people_.workers[0], Stop::funded);
    const auto page = [&](int limit) {
      const Reply reply = client_.call("feed.get", json{{"limit", limit}}.dump(), people_.workers[0].token);
      const json data = json::parse(reply.body, nullptr, false)["result"]["data"];
      return std::pair(data["tasks"].size(), reply.text("/result/data/pagination/has_more"));
    };
    net::Request spaced{
        .method = "GET", .target = "/trpc/feed.get?input=%7B+%22limit%22:+1+%7D", .headers = {}, .body = {}};
    spaced.headers.add("authorization", "Bearer " + people_.workers[0].token);
    expect("an input whose spaces are written as '+'", "ok", told(client_.send(spaced)));
    const int all = static_cast<int>(page(kMost).first);
    if (all >= kMost) return;
    for (const int limit : {all - 1, all, all + 1}) {
      const auto [shown, more] = page(limit);
      expect(fmt::format("a feed of {} tasks, {} a page", all, limit),
             fmt::format("{} tasks, more: {}", std::min(limit, all), limit < all ? "true" : "false"),
             fmt::format("{} tasks, more: {}", shown, more));
    }
  }

  // money.md §2: what the processor is told of each order, and the secret that lets the payer pay.
  void orders() {
    const Person &poster = people_.posters[0], &worker = people_.workers[0];
    const SideTask paid = drive_task(client_, poster, worker, Stop::reviewed);
    client_.call("task.complete", fmt::format(R"({{"task_id":"{}"}})", paid.id), poster.token);
    const SideTask returned = drive_task(client_, poster, worker, Stop::funded);
    client_.call("task.cancel", fmt::format(R"({{"task_id":"{}"}})", returned.id), poster.token);
    const SideTask asked = drive_task(client_, poster, worker, Stop::created);
    const Reply intent =
        client_.call("escrow.createIntent", fmt::format(R"({{"task_id":"{}"}})", asked.id), poster.token);
    client_.drain();
    const std::string id = intent.text("/result/data/payment_intent_id");
    const json made = processor("/v1/payment_intents/" + id);
    expect("the secret of a payment", made.value("client_secret", "none"),
           intent.text("/result/data/client_secret"));
    tell("a payment", made, asked, {{"poster_user_id", poster.id}}, 5000);
    expect("the payer of a payment is asked for", "usd", made.value("currency", ""));
    tell("a transfer", first("/v1/transfers?transfer_group=" + paid.escrow), paid,
         {{"worker_user_id", worker.id}}, 4250);
    tell("a refund", first("/v1/refunds?payment_intent=" + returned.intent), returned, json::object(), 5000);
  }
  void tell(const std::string& what, const json& object, const SideTask& task, json more, int cents) {
    more["escrow_id"] = task.escrow;
    more["task_id"] = task.id;
    // What else a backend notes there is its own affair.
    json noted = json::object();
    const json all = object.value("metadata", json::object());
    for (const auto& [key, value] : more.items()) {
      if (all.contains(key)) noted[key] = all[key];
    }
    expect("what the processor is told of " + what, fmt::format("{} cents, {}", cents, more.dump()),
           fmt::format("{} cents, {}", object.value("amount", 0), noted.dump()));
  }
  json processor(const std::string& target, const char* method = "GET") {
    net::Request request{
        .method = method, .target = providers_.url().path + target, .headers = {}, .body = {}};
    request.headers.add("authorization", "Bearer sk_test_wire");
    const net::ClientResult answer = providers_.exchange(request, kTimeout);
    if (!answer) throw std::runtime_error("providers: " + answer.error().message);
    return json::parse(answer->body, nullptr, false);
  }
  json first(const std::string& target) {
    const json list = processor(target)["data"];
    return list.is_array() && !list.empty() ? list[0] : json::object();
  }

  // §4.2: a new signing key is fetched when a token names it; tokens of the one before hold on.
  void rotation() {
    const std::string before = client_.tokens({people_.posters[0].uid}).front();
    processor("/control/rotate_keys", "POST");
    const std::string after = client_.tokens({people_.posters[0].uid}).front();
    const auto limit = std::chrono::steady_clock::now() + kUntilKeysAreFetched;
    std::string told_of = told(read(after));
    while (told_of != "ok" && std::chrono::steady_clock::now() < limit) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      told_of = told(read(after));
    }
    expect("a token of a new key", "ok", told_of);
    expect("a token of the key before", "ok", told(read(before)));
  }

  const SafetyStage& stage_;
  SideClient client_;
  SafetyPeople people_;
  net::Connection providers_;
};

}  // namespace

void check_wire(const SafetyStage& stage) {
  Wire(stage).run();
}

}  // namespace loadgen
