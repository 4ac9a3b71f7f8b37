// escrow.createIntent through the processor's troubles: a repeat is told what the first call was told
// (state-machines.md §2), all of it, and nobody is told what the processor said (protocols.md §1.3).
#include <array>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "loadgen/campaign/faults.h"
#include "loadgen/side/side_checks.h"
#include "net/client.h"
#include "net/sign.h"

namespace loadgen {
namespace {

using nlohmann::json;

constexpr std::string_view kOperation = "payment_intents.create";
constexpr int kEveryTime = 1000;
constexpr std::array<std::string_view, 7> kTroubles{
    "", "error_500", "error_500_stored", "done_500_stored", "rate_limit", "refuse", "lost_answer"};

class Intents {
 public:
  explicit Intents(const SafetyStage& stage)
      : stage_(stage), client_(stage.client()), people_(stage.people(1, 1)) {}

  void run() {
    for (const std::string_view trouble : kTroubles) {
      const SideTask task = drive_task(client_, people_.posters[0], people_.workers[0], Stop::created);
      if (!trouble.empty()) while_it_fails(task, trouble);
      repeat(task, trouble.empty() ? "without trouble" : fmt::format("after {}", trouble));
    }
  }

 private:
  void expect(std::string_view rule, std::string_view spec, const std::string& what,
              const std::string& expected, const std::string& observed) {
    stage_.expect("safety payouts", rule, spec, what, expected, observed);
  }
  Reply ask(const SideTask& task) {
    return client_.call("escrow.createIntent", fmt::format(R"({{"task_id":"{}"}})", task.id),
                        people_.posters[0].token);
  }
  void fault(std::string_view kind, int times) {
    set_fault(stage_.side.providers(), {kOperation, kind}, times);
  }

  void while_it_fails(const SideTask& task, std::string_view trouble) {
    const std::vector<std::string> words = words_of(trouble);
    // A failure that its key remembers needs no second one.
    fault(trouble, trouble.ends_with("_stored") ? 1 : kEveryTime);
    const Reply reply = ask(task);
    fault(trouble, 0);
    for (const std::string& each : words)
      expect("FM-259", "protocols.md §1.3", fmt::format("the answer while the processor says \"{}\"", each),
             "other words", reply.body.contains(each) ? reply.body : "other words");
  }

  // What the processor says when it fails like this, asked by ourselves; and where it is.
  std::vector<std::string> words_of(std::string_view trouble) {
    const auto url = net::parse_url(stage_.side.providers());
    if (!url) return {};
    std::vector<std::string> words{fmt::format("{}:{}", url->host, url->port), "sk_test"};
    net::Connection connection(*url);
    net::Request request{.method = "POST",
                         .target = url->path + "/v1/payment_intents",
                         .headers = {},
                         .body = "amount=500&currency=usd"};
    request.headers.add("authorization", "Bearer sk_test_words");
    request.headers.add("content-type", "application/x-www-form-urlencoded");
    request.headers.add("idempotency-key", net::random_hex(8));
    fault(trouble, 1);
    const net::ClientResult result = connection.exchange(request, std::chrono::seconds(5));
    if (!result) return words;  // it says nothing
    const json answer = json::parse(result->body, nullptr, false);
    if (!answer.is_object() || !answer.contains("error")) return words;
    for (const char* member : {"code", "message"}) {
      if (const std::string text = answer["error"].value(member, ""); !text.empty()) words.push_back(text);
    }
    return words;
  }

  static std::string told_of(const Reply& reply) {
    if (!reply.ok()) return told(reply);
    std::string text;
    for (const char* member : {"escrow_id", "payment_intent_id", "client_secret", "amount"}) {
      const std::string value = reply.text(fmt::format("/result/data/{}", member).c_str());
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", member, value.empty() ? "missing" : value);
    }
    return text;
  }

  void repeat(const SideTask& task, const std::string& when) {
    const Reply first = ask(task);
    const bool complete = first.ok() && !first.text("/result/data/payment_intent_id").empty() &&
                          !first.text("/result/data/client_secret").empty();
    expect("E1", "api.md §1.2", "the first answer to createIntent " + when, "an intent and its secret",
           complete ? "an intent and its secret" : told_of(first));
    expect("E1", "state-machines.md §2", "a repeat of createIntent " + when, told_of(first),
           told_of(ask(task)));
    client_.now = client_.now + model::kHour;
    expect("E1", "state-machines.md §2", "a repeat of createIntent an hour later, " + when, told_of(first),
           told_of(ask(task)));
  }

  const SafetyStage& stage_;
  SideClient client_;
  SafetyPeople people_;
};

}  // namespace

void check_intents(const SafetyStage& stage) {
  Intents(stage).run();
}

}  // namespace loadgen
