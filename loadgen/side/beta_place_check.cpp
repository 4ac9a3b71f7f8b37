// Places in the beta and who holds them: money by the stage of its task (decision 14: what is asked for or
// held counts, what has gone gives its place back), the places of each role and of all, a device by everybody
// who ever joined from it (§1.1, FM-170), and an invitation by its code however it was told.
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "loadgen/side/side_checks.h"
#include "loadgen/side/standing_hands.h"
#include "model/rules/admission.h"
#include "net/sign.h"

namespace loadgen {
namespace {

using nlohmann::json;

constexpr std::int64_t kPrice = 5000;
constexpr std::int64_t kPlenty = 1'000'000'000;
constexpr std::size_t kMostOnDevice = 3;
constexpr std::string_view kMoneyMax = "beta_max_escrow_cents";
constexpr std::string_view kMembersMax = "beta_max_users";
constexpr std::array<std::string_view, 2> kRoles{"hustler", "poster"};

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
    gates(true);
    const std::string before = rule(kMoneyMax);
    for (const Stage& each : kStages) money(each);
    rule(kMoneyMax, before);
    members();
    told_code();
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
  std::string rule(std::string_view key) {
    return client_.sql(fmt::format("SELECT value FROM marketplace_rules WHERE key = '{}'", key));
  }
  void rule(std::string_view key, const std::string& value) {
    client_.sql(fmt::format("UPDATE marketplace_rules SET value = '{}' WHERE key = '{}'", value, key));
  }
  static std::string capacity(std::string_view role) { return fmt::format("beta_city_capacity_{}", role); }

  // With room for one more than was there before: is there still room, when one is at this stage?
  void money(const Stage& each) {
    tick();
    rule(kMoneyMax, std::to_string(kPlenty));
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
    rule(kMoneyMax, std::to_string(others + 2 * kPrice - 1));
    const std::string about = json{{"task_id", next.id}}.dump();
    expect(what + ": another payment", each.held ? "409 CONFLICT" : "ok",
           code_told(client_.call("escrow.createIntent", about, other.token)));
    rule(kMoneyMax, std::to_string(kPlenty));
    expect(what + ": a payment when there is room", "ok",
           code_told(client_.call("escrow.createIntent", about, other.token)));
  }

  Reply join(json more) {
    tick();
    json input{{"role", "poster"}, {"latitude", 47.61}, {"longitude", -122.33}};
    input.update(more);
    return client_.call("beta.join", input.dump(),
                        client_.tokens({fmt::format("place-{}-{}", tag_, accounts_++)}).front());
  }

  // Room or none: in one's own role, in the other one, for anybody; asked for with and without a bad code,
  // whose reason comes first, and with the gates off.
  void members() {
    const std::array before{rule(capacity(kRoles[0])), rule(capacity(kRoles[1])), rule(kMembersMax)};
    for (int bits = 0; bits < 64; ++bits) {
      const auto bit = [&](int which) { return (bits >> which & 1) != 0; };
      const std::size_t role = bit(0) ? 1 : 0;
      const bool beta = bit(4), bad_code = bit(5);
      const auto limit = [&](std::string_view key, const std::string& where, bool room) {
        const std::int64_t now = std::stoll(client_.sql("SELECT count(*) FROM beta_members" + where));
        rule(key, std::to_string(now + (room ? 1 : 0)));
      };
      for (const std::size_t each : {role, 1 - role})
        limit(capacity(kRoles[each]), fmt::format(" WHERE role = '{}'", kRoles[each]),
              bit(each == role ? 1 : 2));
      limit(kMembersMax, "", bit(3));
      gates(beta);
      json form{{"role", kRoles[role]}};
      if (bad_code) form["invite_code"] = "NOBODYS-" + tag_;
      const std::string_view why = model::rules::refusal_of(
          {.beta_mode = beta,
           .seattle_only = false,
           .hustler_invite_required = false,
           .poster_invite_required = false},
          {.role = role == 0 ? model::rules::BetaRole::hustler : model::rules::BetaRole::poster,
           .has_code = bad_code},
          {.members = 0, .members_max = bit(3) ? 1 : 0, .in_role = 0, .in_role_max = bit(1) ? 1 : 0},
          client_.now);
      expect(fmt::format("a {} joins, {} in the role, {} in the other one, {} in all, beta_mode {}{}",
                         kRoles[role], room(bit(1)), room(bit(2)), room(bit(3)), beta,
                         bad_code ? ", an unknown code" : ""),
             why.empty() ? "ok" : "403 HX503 " + std::string(why), told(join(form)));
    }
    rule(capacity(kRoles[0]), before[0]);
    rule(capacity(kRoles[1]), before[1]);
    rule(kMembersMax, before[2]);
    gates(true);
  }
  static std::string_view room(bool is) { return is ? "room for one" : "no room"; }

  // Stored trimmed and in capitals: one invitation, whatever the spelling.
  void told_code() {
    const std::string code = "Place-" + tag_;
    const auto create = [&](const std::string& spelt) {
      tick();
      const json input{{"code", spelt}, {"role", "both"}, {"max_uses", 1}};
      return code_told(client_.call("admin.createInvite", input.dump(), people_.banner.token));
    };
    const std::string with_blanks = create("  " + code + " ");
    const bool refused = with_blanks == "400 VALIDATION_ERROR";
    expect("an invitation, blanks around its code", "ok", refused ? "ok" : with_blanks);
    if (with_blanks != "ok") create(code);
    expect("the code of an invitation, stored", "1",
           client_.sql(fmt::format("SELECT count(*) FROM beta_invites WHERE code = upper('{}')", code)));
    expect("the same code once more, in small letters", "409 CONFLICT", create("place-" + tag_));
    expect("joining with it", "ok", code_told(join({{"invite_code", code}})));
    expect("joining with it when it is used up, spelt otherwise", "403 HX503 MAX_USES_REACHED",
           told(join({{"invite_code", "pLACE-" + tag_}})));
  }

  // Whoever of them was banned, nobody joins from it any more.
  void device(std::size_t joined, std::optional<std::size_t> banned) {
    const std::string device = fmt::format("phone-{}-{}", tag_, ++devices_);
    std::vector<std::string> accounts;
    for (std::size_t i = 0; i < joined; ++i) {
      const Reply reply = join({{"device_id", device}});
      if (!expect("joining from a device of several people", "ok", code_told(reply))) return;
      accounts.push_back(reply.text("/result/data/user_id"));
    }
    if (banned) ban(client_, accounts[*banned]);
    stage_.expect("safety beta", "FM-170", "safety-and-abuse.md §1.1",
                  fmt::format("joining from a device of {} people, {}", joined,
                              banned ? fmt::format("number {} banned", *banned + 1) : "nobody banned"),
                  banned ? "refused" : "let in", join({{"device_id", device}}).ok() ? "let in" : "refused");
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
