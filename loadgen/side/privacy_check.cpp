// Item 28: what is private turns up neither in logs nor in metrics, nor in what others may read
// (operations.md §1 OPS-1, §10; safety-and-abuse.md §9). Markers are planted wherever people hand in
// something of their own; then everything that the server says to strangers and operators is searched for
// them.
#include <unistd.h>

#include <array>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "loadgen/side/safety_stage.h"
#include "loadgen/side/side_checks.h"
#include "net/sign.h"

namespace loadgen {
namespace {

using nlohmann::json;

constexpr std::string_view kSpec = "operations.md §1, §10; safety-and-abuse.md §9";

class Privacy {
 public:
  explicit Privacy(const SafetyStage& stage)
      : stage_(stage), client_(stage.client()), people_(stage.people(1, 2)) {}

  void run() {
    plant();
    secrets();
    strangers();
    operators();
  }

 private:
  const Person& poster() const { return people_.posters[0]; }
  const Person& worker() const { return people_.workers[0]; }
  const Person& stranger() const { return people_.workers[1]; }

  // A text that occurs nowhere else.
  std::string mark(const char* what) { return markers_[what] = fmt::format("Zq{}", net::random_hex(9)); }

  Reply succeed(std::string_view procedure, const json& input, const Person& caller) {
    return must(client_.call(procedure, input.dump(), caller.token), procedure);
  }

  // Each in a call that succeeds, and in one that is refused.
  void plant() {
    client_.sql(
        fmt::format("UPDATE users SET phone = '{}' WHERE id = '{}'", mark("telephone number"), poster().id));
    json input =
        json::parse(task_input(client_.now, 5000, "Carry boxes " + net::random_hex(4), "Two of them."));
    input["location"] = mark("exact place");
    task_ = succeed("task.create", input, poster()).text("/result/data/id");
    input["title"] = std::string(300, 'x');
    client_.call("task.create", input.dump(), poster().token);
    const SideTask work = drive_task(client_, poster(), worker(), Stop::submitted);
    succeed("proof.reject", {{"proof_id", work.proof}, {"reason", mark("reason of a rejection")}}, poster());
    succeed("dispute.create",
            {{"task_id", work.id}, {"reason", "OTHER"}, {"description", mark("text of a dispute")}},
            worker());
    client_.call(
        "dispute.create",
        json{{"task_id", work.id}, {"reason", "OTHER"}, {"description", markers_["text of a dispute"]}}
            .dump(),
        stranger().token);
    succeed("verification.submitLicense",
            {{"trade", "electrician"}, {"state", "WA"}, {"license_number", mark("number of a license")}},
            worker());
    client_.call("user.getProfile", "", mark("credential that is none"));
    client_.post("/webhooks/stripe", fmt::format(R"({{"id":"{}"}})", mark("body of a webhook")),
                 {{"stripe-signature", "t=1,v1=00"}});
  }

  void secrets() {
    for (const Person* person : {&poster(), &worker()}) {
      const std::string who = person == &poster() ? "poster" : "worker";
      markers_["credential of the " + who] = person->token.substr(person->token.rfind('.') + 1);
      markers_["mail address of the " + who] =
          client_.sql(fmt::format("SELECT email FROM users WHERE id = '{}'", person->id));
    }
    markers_["payout account"] =
        client_.sql(fmt::format("SELECT stripe_connect_id FROM users WHERE id = '{}'", worker().id));
    markers_["signing secret of webhooks"] = stage_.environment.options().webhook_secret;
    markers_["key of the processor"] = "sk_test_";
  }

  void search(const std::string& where, const std::string& text) {
    for (const auto& [what, marker] : markers_) {
      if (marker.empty()) continue;
      stage_.expect("safety privacy", "PRIVACY", kSpec, fmt::format("{} in {}", what, where), "not there",
                    text.contains(marker) ? "there" : "not there");
    }
  }

  void strangers() {
    const std::string task = json{{"task_id", task_}}.dump();
    search("task.getById for a stranger", client_.call("task.getById", task, stranger().token).body);
    search("task.list for a stranger",
           client_.call("task.list", R"({"pagination":{"limit":50}})", stranger().token).body);
    search("feed.get for a stranger", client_.call("feed.get", "{}", stranger().token).body);
    search("user.getBadges for a stranger",
           client_.call("user.getBadges", json{{"user_id", worker().id}}.dump(), stranger().token).body);
    search("a refusal for a stranger", client_.call("dispute.getByTaskId", task, stranger().token).body +
                                           client_.call("escrow.getByTaskId", task, stranger().token).body);
    search("a refusal without a credential", client_.call("task.getById", task, "").body);
  }

  void operators() {
    for (const char* path : {"/metrics", "/health"}) {
      const Reply reply = client_.send({.method = "GET", .target = path, .headers = {}, .body = ""});
      if (reply.status == 200) search(fmt::format("GET {}", path), reply.body);
      std::array<char, 256> host{};
      if (gethostname(host.data(), host.size() - 1) == 0 && std::string_view(host.data()).size() > 3)
        stage_.expect("safety privacy", "PRIVACY", kSpec, fmt::format("the host's name in GET {}", path),
                      "not there", reply.body.contains(host.data()) ? "there" : "not there");
    }
    std::string lines;
    for (const std::string& path : stage_.side.logs()) {
      std::ifstream file(path);
      lines += {std::istreambuf_iterator<char>(file), {}};
    }
    stage_.expect("safety privacy", "PRIVACY", kSpec, "calls told in the server's log", "told",
                  lines.contains("task.create") && lines.contains("dispute.create") ? "told" : "none");
    search("the server's log", lines);
  }

  const SafetyStage& stage_;
  SideClient client_;
  SafetyPeople people_;
  std::string task_;
  std::map<std::string, std::string> markers_;  // what it is -> text
};

}  // namespace

void check_privacy(const SafetyStage& stage) {
  Privacy(stage).run();
}

}  // namespace loadgen
