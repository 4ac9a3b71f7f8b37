// Signing keys through their lives (protocols.md §4.2, §4.3): a key is good for as long as the provider's
// latest list of keys says that it may be kept, no shorter and no longer; whoever cannot ask trusts nobody.
#include "loadgen/side/side_checks.h"

#include <chrono>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <thread>

namespace loadgen {
namespace {

using nlohmann::json;

constexpr int kMaxAge = 2;  // seconds
constexpr std::chrono::milliseconds kPastMaxAge{2'300};
constexpr std::chrono::seconds kUntilAskedAgain{4};
constexpr std::chrono::seconds kTimeout{10};

class Keys {
 public:
  explicit Keys(const SafetyStage& stage)
      : stage_(stage),
        client_(stage.client()),
        people_(stage.people(1, 1)),
        providers_(*net::parse_url(stage.side.providers())),
        // A server that has not seen any key yet.
        server_(*net::parse_url(stage.side.start_server({"--rate-limits", "off"}))) {}
  ~Keys() {
    try {
      publish(3600, false);
    } catch (const std::runtime_error&) {
      return;  // the providers are gone, and what they published with them
    }
  }
  Keys(const Keys&) = delete;
  Keys& operator=(const Keys&) = delete;

  void run() {
    publish(kMaxAge, false);
    expect("a token of a key that is published", "ok", read(token()));
    std::this_thread::sleep_for(kPastMaxAge);
    expect("a token of a key that is still published when its max-age has passed", "ok", read(token()));
    withdrawn();
    away();
  }

 private:
  void expect(const std::string& what, const std::string& expected, const std::string& observed) {
    stage_.expect("safety wire", "ROLE", "protocols.md §4.2, §4.3", what, expected, observed);
  }

  // Each time another one: what a server has verified before it may remember.
  std::string token() {
    return client_.tokens_claiming(people_.posters[0].uid, json{{"number", ++tokens_}}.dump());
  }
  std::string read(const std::string& token) {
    net::Request request{.method = "GET", .target = "/trpc/user.getProfile", .headers = {}, .body = {}};
    request.headers.add("authorization", "Bearer " + token);
    const net::ClientResult answer = server_.exchange(request, kTimeout);
    if (!answer) return "no answer: " + answer.error().message;
    const json body = json::parse(answer->body, nullptr, false);
    const json::json_pointer code("/error/data/hx");
    return answer->status == 200 ? "ok"
           : body.contains(code) ? std::to_string(answer->status) + " " + body[code].get<std::string>()
                                 : std::to_string(answer->status);
  }
  // Servers ask again only so often: what must come true may take a moment.
  std::string read_in_time(const std::string& wanted) {
    const auto limit = std::chrono::steady_clock::now() + kUntilAskedAgain;
    std::string seen = read(token());
    while (seen != wanted && std::chrono::steady_clock::now() < limit) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      seen = read(token());
    }
    return seen;
  }

  void control(const char* method, const std::string& target, const std::string& body) {
    net::Request request{.method = method, .target = target, .headers = {}, .body = body};
    request.headers.add("content-type", "application/json");
    const net::ClientResult answer = providers_.exchange(request, kTimeout);
    if (!answer || answer->status != 200) throw std::runtime_error("providers: " + target + " failed");
  }
  void publish(int max_age, bool away) {
    control("PUT", "/control/keys", json{{"max_age_s", max_age}, {"away", away}}.dump());
  }

  // It goes with the second key that comes after it.
  void withdrawn() {
    const std::string old = token();
    for (int i = 0; i < 2; ++i) control("POST", "/control/rotate_keys", "{}");
    expect("a token of the key that has come", "ok", read_in_time("ok"));
    std::this_thread::sleep_for(kPastMaxAge);
    expect("a token of the key that has come, later", "ok", read_in_time("ok"));
    expect("a token of a key that was withdrawn and whose max-age has passed", "401 HX502", read(old));
  }

  void away() {
    publish(kMaxAge, true);
    std::this_thread::sleep_for(kPastMaxAge);
    expect("a token while no key is known any more and the provider does not answer", "401 HX502",
           read(token()));
    publish(kMaxAge, false);
    expect("a token when the provider answers again", "ok", read_in_time("ok"));
  }

  const SafetyStage& stage_;
  SideClient client_;
  SafetyPeople people_;
  net::Connection providers_, server_;
  int tokens_ = 0;
};

}  // namespace

void check_keys(const SafetyStage& stage) {
  Keys(stage).run();
}

}  // namespace loadgen
