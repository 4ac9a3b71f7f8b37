// Administrative power (safety-and-abuse.md §7): who may give and take it, and one row for each use of it,
// both ways.
#include <future>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "loadgen/campaign/row_instants.h"
#include "loadgen/encode.h"
#include "loadgen/side/held.h"
#include "loadgen/side/safety_stage.h"
#include "loadgen/side/side_checks.h"
#include "model/rules/roles.h"

namespace loadgen {
namespace {

using model::rules::Rank;
using nlohmann::json;

constexpr std::string_view kSpec = "safety-and-abuse.md §7";
constexpr std::string_view kRanks[] = {"", "support", "moderator", "admin", "founder"};

class Administration {
 public:
  explicit Administration(const SafetyStage& stage)
      : stage_(stage), client_(stage.client()), people_(stage.people(6, 2)) {}

  void run() {
    change_roles();
    last_founders();
    log_everything();
    revoked_at_once();
    parties();
  }

 private:
  bool expect(std::string_view rule, const std::string& what, const std::string& expected,
              const std::string& observed) {
    return stage_.expect("safety admin", rule, kSpec, what, expected, observed);
  }

  void set_rank(const Person& person, Rank rank) {
    client_.sql(fmt::format("DELETE FROM admin_roles WHERE user_id = '{}'", person.id));
    if (rank == Rank::none) return;
    client_.sql(
        fmt::format("INSERT INTO admin_roles (user_id, role, can_modify_trust) VALUES ('{}', '{}', true)",
                    person.id, kRanks[static_cast<std::size_t>(rank)]));
  }

  static Reply revoke(SideClient& by, const Person& actor, const Person& target) {
    const json input{{"user_id", target.id}, {"reason", "No longer with us."}};
    return by.call("admin.revokeRole", input.dump(), actor.token);
  }
  Reply grant(const Person& actor, const Person& target, Rank gives) {
    if (gives == Rank::none) return revoke(client_, actor, target);
    return client_.call(
        "admin.grantRole",
        json{{"user_id", target.id}, {"role", kRanks[static_cast<std::size_t>(gives)]}}.dump(), actor.token);
  }

  // SAF-18, every rank against every rank: the server and the rule must agree.
  void change_roles() {
    const Person& actor = people_.posters[0];
    const Person& target = people_.posters[1];
    for (int a = 1; a <= 4; ++a) {
      for (int has = 0; has <= 4; ++has) {
        for (int gives = 0; gives <= 4; ++gives) {
          if (has == 0 && gives == 0) continue;
          set_rank(actor, static_cast<Rank>(a));
          set_rank(target, static_cast<Rank>(has));
          const int founders =
              std::stoi(client_.sql("SELECT count(*) FROM admin_roles WHERE role = 'founder'"));
          const bool may = model::rules::may_change_role({.actor = static_cast<Rank>(a),
                                                          .actor_may = true,
                                                          .has = static_cast<Rank>(has),
                                                          .gives = static_cast<Rank>(gives),
                                                          .founders = founders});
          const Reply reply = grant(actor, target, static_cast<Rank>(gives));
          expect("SAF-18", fmt::format("{} changes '{}' to '{}'", kRanks[a], kRanks[has], kRanks[gives]),
                 may ? "ok" : "403 HX503", told(reply));
        }
      }
    }
    for (const Rank gives : {Rank::none, Rank::support, Rank::founder}) {
      set_rank(actor, Rank::founder);
      expect("SAF-18", "a founder changes his own role", "403 HX503", told(grant(actor, actor, gives)));
    }
    set_rank(actor, Rank::none);
    set_rank(target, Rank::none);
  }

  // SAF-18: whoever removes a founder is another one, so the last one is in danger only when two remove each
  // other. The table is held until both have been let in as founders.
  void last_founders() {
    const Person &one = people_.posters[0], &other = people_.posters[1];
    const std::string rest = client_.sql(
        "SELECT string_agg(quote_literal(user_id), ', ') FROM admin_roles WHERE role = 'founder'");
    client_.sql("UPDATE admin_roles SET role = 'admin' WHERE role = 'founder'");
    set_rank(one, Rank::founder);
    set_rank(other, Rank::founder);
    SideClient holder = stage_.client(), hand = stage_.client(), other_hand = stage_.client();
    hand.now = other_hand.now = client_.now;
    const auto removal = [](SideClient& by, const Person& actor, const Person& target) {
      return std::async(std::launch::async, [&] { return revoke(by, actor, target); });
    };
    Held held(holder, "LOCK TABLE admin_roles IN SHARE MODE");
    auto first = removal(hand, one, other);
    held.await(1);
    auto second = removal(other_hand, other, one);
    held.let_in(2);
    const int removed = (first.get().ok() ? 1 : 0) + (second.get().ok() ? 1 : 0);
    expect("SAF-18", "two founders who remove each other at one moment", "1 removed, 1 left",
           fmt::format("{} removed, {} left", removed,
                       client_.sql("SELECT count(*) FROM admin_roles WHERE role = 'founder'")));
    set_rank(one, Rank::none);
    set_rank(other, Rank::none);
    if (!rest.empty())
      client_.sql(fmt::format("UPDATE admin_roles SET role = 'founder' WHERE user_id IN ({})", rest));
  }

  struct Power {
    const Person* admin;
    std::string procedure, input, action;
  };

  std::vector<Power> powers() {
    const SideTask disputed = drive_task(client_, people_.posters[2], people_.workers[0], Stop::disputed);
    const std::string& user = people_.posters[3].id;
    const std::string& other = people_.posters[1].id;
    const auto text = [](const json& value) { return value.dump(); };
    return {
        {&people_.overrider, "admin.setFreeze",
         text({{"switch", "REFUNDS"},
               {"active", false},
               {"reason", "TEST_SIMULATION"},
               {"note", "It was a drill."}}),
         "freeze_off"},
        {&people_.banner, "admin.addStrike",
         text({{"user_id", user}, {"severity", 1}, {"source_event", "drill"}, {"reason", "It was a drill."}}),
         "strike_add"},
        {&people_.banner, "admin.updateUserStatus",
         text({{"user_id", user}, {"status", "SUSPENDED"}, {"reason", "It was a drill."}}), "user_suspend"},
        {&people_.banner, "admin.updateUserStatus",
         text({{"user_id", user}, {"status", "ACTIVE"}, {"reason", "It was a drill."}}), "user_unsuspend"},
        {&people_.truster, "admin.grantRole", text({{"user_id", user}, {"role", "support"}}), "role_grant"},
        {&people_.truster, "admin.revokeRole", text({{"user_id", user}, {"reason", "It was a drill."}}),
         "role_revoke"},
        {&people_.financier, "admin.setFlag",
         text({{"key", "abuse_guards"}, {"enabled", false}, {"reason", "It was a drill."}}), "flag_change"},
        {&people_.financier, "admin.setRule",
         text({{"key", "beta_max_users"}, {"value", 200}, {"reason", "It was a drill."}}), "rule_change"},
        {&people_.banner, "admin.createInvite",
         text({{"code", "DRILL-" + user.substr(0, 8)}, {"role", "both"}, {"max_uses", 2}}), "invite_create"},
        {&people_.resolver, "dispute.resolve",
         text(
             {{"dispute_id", disputed.dispute}, {"resolution", "CLIENT_WINS"}, {"notes", "It was a drill."}}),
         "dispute_resolve"},
        {&people_.banner, "admin.reviewContent",
         text({{"item_id", blocked_item(people_.posters[3])},
               {"decision", "reject"},
               {"notes", "It was a drill."}}),
         "moderation_decide"},
        {&people_.banner, "admin.removeStrike",
         text({{"strike_id", strike_on(other)}, {"reason", "It was a drill."}}), "strike_remove"},
        {&people_.banner, "admin.decideAppeal",
         text({{"appeal_id", appeal_of(people_.posters[0])},
               {"decision", "upheld"},
               {"notes", "It was a drill."}}),
         "appeal_decide"},
        {&people_.banner, "admin.assessRisk", text({{"user_id", other}, {"reason", "It was a drill."}}),
         "risk_assess"},
        {&people_.banner, "admin.reviewRisk",
         text({{"score_id", score_of(other)}, {"decision", "dismissed"}, {"notes", "It was a drill."}}),
         "risk_review"},
        {&people_.overrider, "admin.approveOverride",
         text({{"escrow_id", disputed.escrow},
               {"override", "release"},
               {"reason", "It was a drill."},
               {"idempotency_key", disputed.escrow}}),
         "override_approve"},
    };
  }

  // What powers are about; written as those who came before would have left it.
  std::string strike_on(const std::string& user, const char* related = nullptr, const std::string& id = "") {
    json input{
        {"user_id", user}, {"severity", 1}, {"source_event", "old " + id}, {"reason", "It was a drill."}};
    if (related != nullptr) input[related] = id;
    return client_.call("admin.addStrike", input.dump(), people_.founder.token)
        .text("/result/data/strike_id");
  }
  std::string score_of(const std::string& user) {
    return client_
        .call("admin.assessRisk", json{{"user_id", user}, {"reason", "It was a drill."}}.dump(),
              people_.founder.token)
        .text("/result/data/score_id");
  }
  std::string appeal_of(const Person& author) {
    const std::string item = blocked_item(author);
    client_.call("admin.reviewContent",
                 json{{"item_id", item}, {"decision", "reject"}, {"notes", "It was a drill."}}.dump(),
                 people_.founder.token);
    // Rejected as CRITICAL, so the author is suspended: an administrator files it.
    return client_
        .call("moderation.appeal", json{{"item_id", item}, {"reason", "That was no drill."}}.dump(),
              people_.clerk.token)
        .text("/result/data/id");
  }

  // Rows of this admin and action: successful and refused, with his role and the instant of the call.
  std::string rows(const Person& admin, const std::string& action) {
    return client_.sql(
        fmt::format("SELECT count(*) FILTER (WHERE result = 'success') || ' done, ' || count(*) FILTER "
                    "(WHERE result = 'refused')"
                    " || ' refused' FROM admin_actions WHERE admin_user_id = '{}' AND action_type = '{}' AND "
                    "admin_role = 'admin'"
                    " AND performed_at = '{}'",
                    admin.id, action, iso_text(client_.now)));
  }

  // A queued text of somebody's, for a moderator to decide.
  std::string blocked_item(const Person& author) {
    client_.call("task.create", task_input(client_.now, 5000, "Carry boxes", "Pay me by Venmo please."),
                 author.token);
    return client_.sql(
        fmt::format("SELECT id FROM content_moderation_queue WHERE user_id = '{}' LIMIT 1", author.id));
  }

  void log_everything() {
    Database rows_of_all(stage_.side.database());
    for (const Power& power : powers()) {
      client_.now = client_.now + model::kSecond;
      const Reply refused = client_.call(power.procedure, power.input, people_.clerk.token);
      expect("AUDIT-3", power.action + " by an admin without the right", "403 HX503", told(refused));
      expect("AUDIT-3", power.action + ": the row of the refused attempt", "0 done, 1 refused",
             rows(people_.clerk, power.action));
      refused_for_standing(power);
      const Reply done = client_.call(power.procedure, power.input, power.admin->token);
      expect("AUDIT-3", power.action, "ok", told(done));
      expect("AUDIT-3", power.action + ": the row of the effect", "1 done, 0 refused",
             rows(*power.admin, power.action));
      expect("written when called", power.action + ": instants in rows that are later than the call", "0",
             std::to_string(count_row_instants_after(rows_of_all, client_.now)));
      stage_.judge.count("safety admin effects");
    }
    told_before();
    // And back: every successful row has its effect.
    expect(
        "AUDIT-3", "strikes against rows that tell of them", "0",
        client_.sql(
            "SELECT count(*) FROM admin_actions a WHERE a.action_type = 'strike_add' AND a.result = 'success'"
            " AND NOT EXISTS (SELECT 1 FROM user_strikes s WHERE s.user_id = a.target_user_id"
            " AND s.created_by = a.admin_user_id AND s.created_at = a.performed_at)"));
    expect("AUDIT-3", "strikes that no row tells of", "0",
           client_.sql(
               "SELECT count(*) FROM user_strikes s WHERE s.source = 'manual' AND NOT EXISTS (SELECT 1 FROM"
               " admin_actions a WHERE a.target_user_id = s.user_id AND a.admin_user_id = s.created_by AND"
               " a.result = 'success' AND a.performed_at = s.created_at AND a.action_type IN"
               " ('strike_add', 'moderation_decide'))"));
  }

  // OPS-12: a change is told with what was there before, of the very rule or person.
  void told_before() {
    const auto before = [&](const Person& admin, std::string_view procedure, const json& input,
                            const char* member) {
      client_.now = client_.now + 1;
      client_.call(procedure, input.dump(), admin.token);
      return client_.sql(
          fmt::format("SELECT coalesce(action_details->>'{}', 'nothing') FROM admin_actions WHERE "
                      "admin_user_id = '{}' AND"
                      " performed_at = '{}'",
                      member, admin.id, iso_text(client_.now)));
    };
    const auto rule = [&](int value) {
      return before(people_.financier, "admin.setRule",
                    json{{"key", "beta_max_users"}, {"value", value}, {"reason", "It was a drill."}},
                    "before");
    };
    expect("OPS-12", "the value of a rule before a change", "200", rule(201));
    expect("OPS-12", "the value of a rule before it is changed back", "201", rule(200));
    const auto role = [&](const char* name) {
      return before(people_.founder, "admin.grantRole",
                    json{{"user_id", people_.posters[5].id}, {"role", name}}, "previous_role");
    };
    expect("OPS-12", "the role of somebody who had none", "nothing", role("support"));
    expect("OPS-12", "the role before another one", "support", role("moderator"));
    set_rank(people_.posters[5], Rank::none);
  }

  // SAF-1: the right alone is not enough; each of these attempts has its row as well. Ends with a clock that
  // has moved on and the account as it was.
  void refused_for_standing(const Power& power) {
    constexpr std::string_view kStandings[] = {"account_status = 'SUSPENDED', suspended_until = NULL",
                                               "account_status = 'PAUSED'", "banned = true"};
    for (const std::string_view standing : kStandings) {
      client_.now = client_.now + 1;
      client_.sql(fmt::format("UPDATE users SET {} WHERE id = '{}'", standing, power.admin->id));
      const Reply refused = client_.call(power.procedure, power.input, power.admin->token);
      client_.sql(
          fmt::format("UPDATE users SET account_status = 'ACTIVE', suspended_until = NULL, banned = false"
                      " WHERE id = '{}'",
                      power.admin->id));
      const std::string what = fmt::format("{} by an admin with {}", power.action, standing);
      expect("AUDIT-3", what, "403 HX602", told(refused));
      if (power.procedure.starts_with("admin."))
        expect("AUDIT-3", what + ": the row of the refused attempt", "0 done, 1 refused",
               rows(*power.admin, power.action));
    }
    client_.now = client_.now + 1;
  }

  // SAF-19: an admin with every right, about his own task.
  void parties() {
    const Person& poster = people_.posters[2];
    const Person& worker = people_.workers[1];
    const SideTask disputed = drive_task(client_, poster, worker, Stop::disputed);
    const SideTask accepted = drive_task(client_, poster, worker, Stop::accepted);
    for (const Person* party : {&poster, &worker}) {
      const bool is_worker = party == &worker;
      client_.sql(
          fmt::format("INSERT INTO admin_roles (user_id, role, can_resolve_disputes, "
                      "can_override_escrow, can_ban_users) VALUES ('{}', 'admin', true, true, true)",
                      party->id));
      const auto refused = [&](const std::string& what, std::string_view procedure, const json& input) {
        client_.now = client_.now + 1;
        expect("SAF-19", fmt::format("an admin who is the {} {}", is_worker ? "worker" : "poster", what),
               "403 HX503", told(client_.call(procedure, input.dump(), party->token)));
      };
      refused(
          "resolves the dispute", "dispute.resolve",
          {{"dispute_id", disputed.dispute}, {"resolution", "HUSTLER_WINS"}, {"notes", "It was a drill."}});
      for (const auto& [member, id] :
           {std::pair{"related_task_id", disputed.id}, std::pair{"related_dispute_id", disputed.dispute}}) {
        refused(fmt::format("adds a strike with {}", member), "admin.addStrike",
                {{"user_id", people_.posters[5].id},
                 {"severity", 1},
                 {"source_event", fmt::format("{} {}", member, party->id)},
                 {"reason", "It was a drill."},
                 {member, id}});
        const std::string about = strike_on(people_.posters[5].id, member, id);
        refused(fmt::format("removes a strike with {}", member), "admin.removeStrike",
                {{"strike_id", about}, {"reason", "It was a drill."}});
      }
      refused("agrees to an override", "admin.approveOverride",
              {{"escrow_id", disputed.escrow},
               {"override", "release"},
               {"reason", "It was a drill."},
               {"idempotency_key", party->id}});
      if (is_worker) {
        refused("cancels the task", "task.cancel", {{"task_id", accepted.id}});
        refused("releases to himself", "escrow.release", {{"escrow_id", accepted.escrow}});
        refused("refunds the poster", "escrow.refund", {{"escrow_id", accepted.escrow}});
      }
      set_rank(*party, Rank::none);
    }
  }

  // SAF-20: from the answer on.
  void revoked_at_once() {
    const Person& person = people_.posters[4];
    set_rank(person, Rank::support);
    expect("SAF-20", "a support admin reads the switches", "ok",
           told(client_.call("admin.getFreeze", "", person.token)));
    expect("SAF-20", "his role is taken", "ok", told(grant(people_.founder, person, Rank::none)));
    expect("SAF-20", "his next call", "403 HX503", told(client_.call("admin.getFreeze", "", person.token)));
  }

  const SafetyStage& stage_;
  SideClient client_;
  SafetyPeople people_;
};

}  // namespace

void check_administration(const SafetyStage& stage) {
  Administration(stage).run();
}

}  // namespace loadgen
