// Places in the beta and who holds them: money by the stage of its task (decision 14: what is asked for or
// held counts, what has gone gives its place back), and a device by everybody who ever joined from it (§1.1,
// FM-170).
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "loadgen/campaign/standing_checks.h"
#include "loadgen/campaign/standing_hands.h"
#include "net/sign.h"

namespace loadgen {
namespace {

using nlohmann::json;

constexpr std::int64_t kPrice = 5000;
constexpr std::int64_t kPlenty = 1'000'000'000;
constexpr std::size_t kMostOnDevice = 3;
constexpr std::string_view kCap = "beta_max_escrow_cents";

struct Stage {
  std::string_view name;
  Stop until;
  std::string_view procedure = {};  // that ends it
  std::string_view resolution = {};
  bool held = true;
};
constexpr std::array kStages{
    Stage{"asked for", Stop::asked},
    Stage{"paid", Stop::funded},
    Stage{"of a task that somebody has taken", Stop::accepted},
    Stage{"of work that was submitted", Stop::submitted},
    Stage{"of work that was accepted", Stop::reviewed},
    Stage{"under dispute", Stop::disputed},
    Stage{"given back", Stop::funded, "task.cancel", "", false},
    Stage{"paid out", Stop::reviewed, "task.complete", "", false},
    Stage{"that a verdict gave to the worker", Stop::disputed, "dispute.resolve", "HUSTLER_WINS", false},
    Stage{"that a verdict gave to the poster", Stop::disputed, "dispute.resolve", "CLIENT_WINS", false}};

class BetaPlaces {
 public:
  explicit BetaPlaces(const SafetyStage& stage)
      : stage_(stage), client_(stage.client()), people_(stage.people(2, 1)), tag_(net::random_hex(3)) {}

  void run() {
    const std::string before = rule();
    gates(true);
    for (const Stage& each : kStages) money(each);
    rule(before);
    for (const bool beta : {true, false}) {
      gates(beta);
      for (std::size_t joined = 1; joined <= kMostOnDevice; ++joined) {
        device(joined, {});
        for (std::size_t banned = 0; banned < joined; ++banned) device(joined, banned);
      }
    }
    gates(false);
  }

 private:
  bool expect(const std::string& what, const std::string& expected, const std::string& observed) {
    return stage_.expect("safety beta", "decision 14", "safety-and-abuse.md §5", what, expected, observed);
  }
  void tick() { client_.now = client_.now + model::kSecond; }
  void gates(bool on) {
    for (const std::string_view key : {"beta_seattle_only", "beta_hustler_invite_required",
                                       "beta_poster_invite_required", "invite_required"})
      client_.sql(fmt::format("UPDATE feature_flags SET enabled_global = false WHERE key = '{}'", key));
    client_.sql(fmt::format("UPDATE feature_flags SET enabled_global = {} WHERE key = 'beta_mode'", on));
  }
  std::string rule() {
    return client_.sql(fmt::format("SELECT value FROM marketplace_rules WHERE key = '{}'", kCap));
  }
  void rule(const std::string& value) {
    client_.sql(fmt::format("UPDATE marketplace_rules SET value = '{}' WHERE key = '{}'", value, kCap));
  }

  // With room for one more than was there before: is there still room, when one is at this stage?
  void money(const Stage& each) {
    tick();
    rule(std::to_string(kPlenty));
    const Person &payer = people_.posters[0], &other = people_.posters[1];
    const std::int64_t others = std::stoll(client_.sql(
        "SELECT coalesce(sum(r.amount), 0) FROM beta_reservations r JOIN escrows e ON e.id = r.escrow_id"
        " WHERE e.state IN ('PENDING', 'FUNDED', 'LOCKED_DISPUTE')"));
    const SideTask next = drive_task(client_, other, people_.workers[0], Stop::created, kPrice);
    const SideTask first = drive_task(client_, payer, people_.workers[0], each.until, kPrice);
    const std::string what = fmt::format("money {} and room for one payment", each.name);
    if (!each.procedure.empty()) {
      json input{{"task_id", first.id}};
      if (!each.resolution.empty())
        input = {{"dispute_id", first.dispute}, {"resolution", each.resolution}, {"notes", "A drill."}};
      const Person& by = each.resolution.empty() ? payer : people_.resolver;
      if (!expect(what + ", its end", "ok", code_told(client_.call(each.procedure, input.dump(), by.token))))
        return;
    }
    rule(std::to_string(others + 2 * kPrice - 1));
    const std::string about = json{{"task_id", next.id}}.dump();
    expect(what + ": another payment", each.held ? "409 CONFLICT" : "ok",
           code_told(client_.call("escrow.createIntent", about, other.token)));
    rule(std::to_string(kPlenty));
    expect(what + ": a payment when there is room", "ok",
           code_told(client_.call("escrow.createIntent", about, other.token)));
  }

  Reply join(const std::string& device) {
    tick();
    const json input{{"role", "poster"}, {"latitude", 47.61}, {"longitude", -122.33}, {"device_id", device}};
    return client_.call("beta.join", input.dump(),
                        client_.tokens({fmt::format("place-{}-{}", tag_, accounts_++)}).front());
  }

  // Whoever of them was banned, nobody joins from it any more.
  void device(std::size_t joined, std::optional<std::size_t> banned) {
    const std::string device = fmt::format("phone-{}-{}", tag_, ++devices_);
    std::vector<std::string> accounts;
    for (std::size_t i = 0; i < joined; ++i) {
      const Reply reply = join(device);
      if (!expect("joining from a device of several people", "ok", code_told(reply))) return;
      accounts.push_back(reply.text("/result/data/user_id"));
    }
    if (banned) ban(client_, accounts[*banned]);
    stage_.expect("safety beta", "FM-170", "safety-and-abuse.md §1.1",
                  fmt::format("joining from a device of {} people, {}", joined,
                              banned ? fmt::format("number {} banned", *banned + 1) : "nobody banned"),
                  banned ? "refused" : "let in", join(device).ok() ? "let in" : "refused");
  }

  const SafetyStage& stage_;
  SideClient client_;
  SafetyPeople people_;
  std::string tag_;
  std::size_t accounts_ = 0, devices_ = 0;
};

}  // namespace

void check_beta_places(const SafetyStage& stage) {
  BetaPlaces(stage).run();
}

}  // namespace loadgen
