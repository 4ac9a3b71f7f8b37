// The gates of the beta (safety-and-abuse.md §5, decision 14): every combination of flags against every
// applicant, and each cap under parallel attempts.
#include <algorithm>
#include <atomic>
#include <cctype>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include <fmt/format.h>

#include "loadgen/encode.h"
#include "loadgen/side/held.h"
#include "loadgen/side/safety_stage.h"
#include "loadgen/side/side_checks.h"
#include "model/rules/admission.h"
#include "net/sign.h"

namespace loadgen {
namespace {

using model::rules::Applicant;
using model::rules::BetaGates;
using model::rules::BetaRole;
using model::rules::Invite;
using nlohmann::json;

constexpr std::string_view kSpec = "safety-and-abuse.md §5";
constexpr std::size_t kHands = 8;
// Places that are left when many ask at once. A server works at as many calls at the same moment as it has
// connections for them, which may be two, and only more of them than places show who did not hold what he
// counted.
constexpr int kRoom = 1;
constexpr model::Millis kYear = 365 * model::kDay;

struct Code {
  std::string_view text;  // what is sent; the tag of the run is added
  bool exists;
  bool for_hustlers, for_posters;
  std::int64_t max_uses, uses;
  model::Millis expires_in;  // kNever, or so long after the check begins
};
constexpr model::Millis kNever = INT64_MAX;
constexpr Code kCodes[] = {
    {"", false, false, false, 0, 0, kNever},          {"good", true, true, true, 10'000, 0, kNever},
    {"unknown", false, false, false, 0, 0, kNever},   {"expired", true, true, true, 10'000, 0, -1},
    {"expiring", true, true, true, 10'000, 0, 0},     {"ending", true, true, true, 10'000, 0, 1},
    {"lasting", true, true, true, 10'000, 0, kYear},  {"used", true, true, true, 3, 3, kNever},
    {"last", true, true, true, 5, 4, kNever},         {"hustlers", true, true, false, 10'000, 0, kNever},
    {"posters", true, false, true, 10'000, 0, kNever}};

std::string upper(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

class Beta {
 public:
  explicit Beta(const SafetyStage& stage)
      : stage_(stage), client_(stage.client()), people_(stage.people(12, 1)), tag_(net::random_hex(3)) {}

  void run() {
    seeds();
    rule("beta_max_users", 1'000'000);
    rule("beta_max_tasks", 1'000'000);
    rule("beta_max_escrow_cents", 1'000'000'000);
    rule("beta_city_capacity_hustler", 1'000'000);
    rule("beta_city_capacity_poster", 1'000'000);
    for (const Code& code : kCodes) store(code);
    uses_ = uses_stored();
    combinations();
    expect_uses();
    edges_of_the_city();
    tasks_of_the_city();
    gates({.beta_mode = true, .seattle_only = false, .hustler_invite_required = false});
    invite_race();
    expect_uses();
    member_race();
    task_race();
    money_race();
    crowd_of_reads();
    missing_flags();
    gates({.beta_mode = false, .seattle_only = false, .hustler_invite_required = false});
  }

 private:
  void expect(const std::string& what, const std::string& expected, const std::string& observed) {
    stage_.expect("safety beta", "decision 14", kSpec, what, expected, observed);
  }
  void expect_room(std::string_view what, std::size_t let_in) {
    expect(fmt::format("{} with room for {}", what, kRoom), std::to_string(kRoom), std::to_string(let_in));
  }
  void rule(std::string_view key, std::int64_t value) {
    client_.sql(fmt::format("UPDATE marketplace_rules SET value = '{}' WHERE key = '{}'", value, key));
  }
  void flag(std::string_view key, bool on) {
    client_.sql(fmt::format("UPDATE feature_flags SET enabled_global = {} WHERE key = '{}'", on, key));
  }
  void gates(const BetaGates& gates) {
    flag("beta_mode", gates.beta_mode);
    flag("beta_seattle_only", gates.seattle_only);
    flag("beta_hustler_invite_required", gates.hustler_invite_required);
    flag("beta_poster_invite_required", gates.poster_invite_required);
  }
  std::string code_of(const Code& code) const {
    return code.text.empty() ? "" : fmt::format("{}-{}", code.text, tag_);
  }
  std::string stored_as(const Code& code) const { return upper(code_of(code)); }
  void store(const Code& code) {
    if (!code.exists) return;
    client_.sql(fmt::format(
        "INSERT INTO beta_invites (code, role, max_uses, uses, expires_at) VALUES (upper('{}'), "
        "'{}', {}, {}, {})",
        code_of(code),
        code.for_hustlers && code.for_posters ? "both"
        : code.for_hustlers                   ? "hustler"
                                              : "poster",
        code.max_uses, code.uses,
        code.expires_in == kNever ? "NULL" : "'" + iso_text(client_.now + code.expires_in) + "'"));
  }

  std::vector<std::string> newcomers(std::size_t count) {
    std::vector<std::string> uids;
    uids.reserve(count);
    for (std::size_t i = 0; i < count; ++i) uids.push_back(fmt::format("beta-{}-{}", tag_, joined_++));
    return client_.tokens(uids);
  }

  static json form(BetaRole role, double latitude, double longitude, const std::string& code) {
    json input{{"role", role == BetaRole::hustler ? "hustler" : "poster"},
               {"latitude", latitude},
               {"longitude", longitude}};
    if (!code.empty()) input["invite_code"] = code;
    return input;
  }

  void combinations() {
    for (int bits = 0; bits < 16; ++bits) {
      const BetaGates set{(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0};
      gates(set);
      const auto tokens = newcomers(4 * std::size(kCodes));
      std::size_t next = 0;
      for (const BetaRole role : {BetaRole::hustler, BetaRole::poster}) {
        for (const bool inside : {true, false}) {
          for (const Code& code : kCodes) try_one(set, role, inside, code, tokens[next++]);
        }
      }
    }
  }

  void try_one(const BetaGates& set, BetaRole role, bool inside, const Code& code, const std::string& token) {
    Applicant applicant{.role = role, .in_city = inside, .has_code = !code.text.empty()};
    if (code.exists) {
      applicant.invite = Invite{code.for_hustlers, code.for_posters, code.max_uses, uses_[stored_as(code)],
                                code.expires_in == kNever ? model::Instant{} : client_.now + code.expires_in};
    }
    const std::string_view why = model::rules::refusal_of(
        set, applicant, {.members_max = 1'000'000, .in_role_max = 1'000'000}, client_.now);
    const Reply reply = client_.call(
        "beta.join", form(role, inside ? 47.61 : 47.25, inside ? -122.33 : -122.44, code_of(code)).dump(),
        token);
    expect(fmt::format("a {} {} the city with code '{}', beta_mode {}, seattle_only {}, invites {}/{}",
                       role == BetaRole::hustler ? "hustler" : "poster", inside ? "inside" : "outside",
                       code.text, set.beta_mode, set.seattle_only, set.hustler_invite_required,
                       set.poster_invite_required),
           why.empty() ? "ok" : "403 HX503 " + std::string(why), told(reply));
    if (set.beta_mode && code.exists && reply.ok()) ++uses_[stored_as(code)];
  }

  // SAF-9: every invitation has been used as often as somebody was let in with it, and no other one with it.
  std::map<std::string, std::int64_t> uses_stored() {
    std::map<std::string, std::int64_t> uses;
    for (const auto& [code, used] :
         json::parse(client_.sql("SELECT coalesce(json_object_agg(code, uses), '{}') FROM beta_invites"))
             .items())
      uses[code] = used;
    return uses;
  }
  void expect_uses() {
    const auto told_uses = [](const std::map<std::string, std::int64_t>& uses) {
      std::string text;
      for (const auto& [code, used] : uses) text += fmt::format("{} {}, ", code, used);
      return text;
    };
    expect("uses of every invitation after all sign-ups", told_uses(uses_), told_uses(uses_stored()));
  }

  static constexpr struct Edge {
    double latitude, longitude;
    bool inside;
  } kEdges[] = {{47.7341, -122.4596, true}, {47.7341, -122.2244, true}, {47.4919, -122.4596, true},
                {47.4919, -122.2244, true}, {47.7342, -122.33, false},  {47.4918, -122.33, false},
                {47.6, -122.4597, false},   {47.6, -122.2243, false}};

  void edges_of_the_city() {
    gates({.beta_mode = true, .seattle_only = true, .hustler_invite_required = false});
    const auto tokens = newcomers(std::size(kEdges));
    for (std::size_t i = 0; i < std::size(kEdges); ++i) {
      const Reply reply = client_.call(
          "beta.join", form(BetaRole::poster, kEdges[i].latitude, kEdges[i].longitude, "").dump(), tokens[i]);
      expect(fmt::format("signing up at {}, {}", kEdges[i].latitude, kEdges[i].longitude),
             kEdges[i].inside ? "ok" : "403 HX503 SEATTLE_ONLY", told(reply));
    }
  }

  // ELG-15: what lies outside is not posted; what was posted before the gate was closed is neither shown nor
  // taken, and what lies in the city is both.
  void tasks_of_the_city() {
    gates({.beta_mode = false, .seattle_only = false, .hustler_invite_required = false});
    const Person &poster = people_.posters[0], &worker = people_.workers[0];
    const auto post = [&](const Edge& edge) {
      json input = json::parse(task_input(client_.now, 5000, "Parcel " + net::random_hex(6), "Ring."));
      input["location_lat"] = edge.latitude;
      input["location_lng"] = edge.longitude;
      return client_.call("task.create", input.dump(), poster.token);
    };
    std::vector<SideTask> before;
    for (const Edge& edge : kEdges) {
      before.push_back(drive_task(client_, poster, worker, Stop::funded));
      client_.sql(fmt::format("UPDATE tasks SET location_lat = {}, location_lng = {} WHERE id = '{}'",
                              edge.latitude, edge.longitude, before.back().id));
    }
    gates({.beta_mode = true, .seattle_only = true, .hustler_invite_required = false});
    for (std::size_t i = 0; i < std::size(kEdges); ++i) {
      const std::string where = fmt::format(" at {}, {}", kEdges[i].latitude, kEdges[i].longitude);
      const bool inside = kEdges[i].inside;
      expect("posting" + where, inside ? "ok" : "403 HX503 SEATTLE_ONLY", told(post(kEdges[i])));
      const std::string about = fmt::format(R"({{"task_id":"{}"}})", before[i].id);
      expect("a task" + where, inside ? "shown, eligible" : "hidden, not eligible",
             offered(client_, worker, before[i].id));
      expect("taking a task" + where, inside ? "ok" : "403 HX609 SEATTLE_ONLY",
             told(client_.call("task.accept", about, worker.token)));
    }
  }

  // `call(client, i)` for i in 0..count-1 by several hands at once; how many were answered with ok. With a
  // table, every hand's first call has looked before one of them writes there: room for fewer than that shows
  // who did not hold what he counted.
  std::size_t at_once(std::size_t count, const std::function<Reply(SideClient&, std::size_t)>& call,
                      const std::string& table = "") {
    std::atomic<std::size_t> next{0}, accepted{0};
    SideClient holder = stage_.client();
    std::optional<Held> held;
    if (!table.empty()) held.emplace(holder, "LOCK TABLE " + table + " IN SHARE MODE");
    {
      std::vector<std::jthread> hands;
      hands.reserve(kHands);
      for (std::size_t hand = 0; hand < kHands; ++hand) {
        hands.emplace_back([&] {
          SideClient mine = stage_.client();
          for (std::size_t i = next++; i < count; i = next++) accepted += call(mine, i).ok() ? 1 : 0;
        });
      }
      if (held) held->let_in(kHands);
    }
    stage_.judge.count("safety beta races");
    return accepted;
  }

  void invite_race() {
    const std::string code = "RACE-" + tag_;
    client_.sql(fmt::format(
        "INSERT INTO beta_invites (code, role, max_uses) VALUES (upper('{}'), 'both', {})", code, kRoom));
    const auto tokens = newcomers(40);
    const std::size_t in = at_once(
        tokens.size(),
        [&](SideClient& c, std::size_t i) {
          return c.call("beta.join", form(BetaRole::hustler, 47.61, -122.33, code).dump(), tokens[i]);
        },
        "beta_invites, beta_members");
    expect_room("40 sign-ups at once on one invitation", in);
    uses_[upper(code)] = kRoom;
    expect(
        "accounts that it made", std::to_string(kRoom),
        client_.sql(fmt::format("SELECT count(*) FROM beta_members WHERE invite_code = upper('{}')", code)));
  }

  void member_race() {
    rule("beta_max_users", std::stoll(client_.sql("SELECT count(*) FROM beta_members")) + kRoom);
    const auto tokens = newcomers(32);
    const auto join = [&](SideClient& c, std::size_t i) {
      return c.call("beta.join", form(BetaRole::poster, 47.61, -122.33, "").dump(), tokens[i]);
    };
    expect_room("32 sign-ups at once", at_once(tokens.size(), join, "beta_members"));
    rule("beta_max_users", 1'000'000);
  }

  void task_race() {
    rule("beta_max_tasks", std::stoll(client_.sql("SELECT count(*) FROM tasks")) + kRoom);
    const auto post = [&](SideClient& c, std::size_t i) {
      return c.call("task.create", task_input(c.now, 5000, fmt::format("Errand {}", i), "Ring twice."),
                    people_.posters[i % people_.posters.size()].token);
    };
    expect_room("24 tasks at once", at_once(24, post, "tasks"));
    rule("beta_max_tasks", 1'000'000);
  }

  void money_race() {
    std::vector<SideTask> tasks;
    tasks.reserve(16);
    for (std::size_t i = 0; i < 16; ++i)
      tasks.push_back(drive_task(client_, people_.posters[i % 12], people_.workers[0], Stop::created));
    const std::int64_t asked = std::stoll(client_.sql(
        "SELECT coalesce(sum(r.amount), 0) FROM beta_reservations r JOIN escrows e ON e.id = r.escrow_id"
        " WHERE e.state IN ('PENDING', 'FUNDED', 'LOCKED_DISPUTE')"));
    rule("beta_max_escrow_cents", asked + kRoom * 5000 + 4999);
    const auto pay = [&](SideClient& c, std::size_t i) {
      return c.call("escrow.createIntent", fmt::format(R"({{"task_id":"{}"}})", tasks[i].id),
                    people_.posters[i % 12].token);
    };
    expect_room("16 payments at once", at_once(tasks.size(), pay, "beta_reservations"));
    expect_room("the same payments asked for again", at_once(tasks.size(), pay));
    rule("beta_max_escrow_cents", 1'000'000'000);
  }

  // Reads that the database refuses beside reads that it answers, all at once: nobody gets another one's
  // answer.
  void crowd_of_reads() {
    constexpr std::size_t kReads = 240;
    gates({.beta_mode = true, .seattle_only = false, .hustler_invite_required = false});
    const auto strangers = newcomers(kReads / 2);
    std::atomic<std::size_t> turned_away{0};
    const std::size_t answered = at_once(kReads, [&](SideClient& c, std::size_t i) {
      const Person& member = people_.posters[i % people_.posters.size()];
      Reply reply = c.call("user.getProfile", "", i % 2 == 0 ? strangers[i / 2] : member.token);
      if (i % 2 == 0) turned_away += reply.hx == "HX503" ? 1 : 0;
      if (reply.ok() && reply.text("/result/data/id") != member.id) reply.status = 0;
      return reply;
    });
    expect("reads of members in a crowd, each with its own answer", std::to_string(kReads / 2),
           std::to_string(answered));
    expect("reads of strangers in the same crowd, turned away", std::to_string(kReads / 2),
           std::to_string(turned_away));
  }

  // §3.2, §4, §5, SAF-21, decision 14: what a deployment begins with. Asked before any check has changed it.
  void seeds() {
    expect("the rules of a new marketplace",
           "beta_city_capacity_hustler 500, beta_city_capacity_poster 500, beta_max_escrow_cents 6000000, "
           "beta_max_tasks 1500, beta_max_users 200, max_active_tasks_per_hustler 3, max_disputes_per_day 3, "
           "max_override_alone_cents 50000, max_pending_tasks_per_poster 10, max_poster_cancels_per_day 2, "
           "max_risk_to_accept 70, max_tasks_per_pair_per_day 3, max_xp_per_day 10000, max_xp_per_hour 3000",
           client_.sql("SELECT string_agg(key || ' ' || value, ', ' ORDER BY key) FROM marketplace_rules"));
    expect("the invitations of a new marketplace",
           "HUSTLER-VIP hustler 25, POSTER-EARLY poster 25, SEATTLE-BETA-2024 both 100",
           client_.sql("SELECT string_agg(code || ' ' || role || ' ' || max_uses, ', ' ORDER BY code) FROM"
                       " beta_invites WHERE created_by IS NULL AND expires_at IS NULL"));
  }

  // OPS-13: a gate whose row is lost is closed.
  void missing_flags() {
    client_.sql("DELETE FROM feature_flags WHERE key IN ('beta_mode', 'beta_seattle_only')");
    const auto tokens = newcomers(2);
    expect("signing up outside the city when the flags are lost", "403 HX503 SEATTLE_ONLY",
           told(client_.call("beta.join", form(BetaRole::poster, 47.25, -122.44, "").dump(), tokens[0])));
    expect("an unknown account when the flag is lost", "403 HX503",
           told(client_.call("user.getProfile", "", tokens[1])).substr(0, 9));
    client_.sql(
        "INSERT INTO feature_flags (key, enabled_global) VALUES ('beta_mode', false), ('beta_seattle_only', "
        "false)");
  }

  const SafetyStage& stage_;
  SideClient client_;
  SafetyPeople people_;
  std::string tag_;
  std::map<std::string, std::int64_t> uses_;  // of each code, as the answers were
  std::size_t joined_ = 0;
};

}  // namespace

void check_beta(const SafetyStage& stage) {
  Beta(stage).run();
}

}  // namespace loadgen
