// Two calls that have nothing in common but a cap, a key or the table of roles.
#include <array>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include <fmt/format.h>

#include "loadgen/encode.h"
#include "loadgen/side/meetings.h"
#include "net/sign.h"

namespace loadgen {
namespace {

using nlohmann::json;

// Rules and flags of the marketplace, as they were before when it is over.
class Settings {
 public:
  explicit Settings(Cast& cast) : cast_(cast) {}
  void rule(const std::string& key, std::int64_t value) { set("marketplace_rules", "value", key, value); }
  void flag(const std::string& key) { set("feature_flags", "enabled_global", key, 1); }
  std::function<void()> undo() {
    return [this] {
      for (const std::string& statement : std::exchange(before_, {})) cast_.client.sql(statement);
    };
  }

 private:
  void set(std::string_view table, std::string_view column, const std::string& key, std::int64_t value) {
    const auto to = [&](const std::string& text) {
      return fmt::format("UPDATE {} SET {} = '{}' WHERE key = '{}'", table, column, text, key);
    };
    before_.push_back(
        to(cast_.client.sql(fmt::format("SELECT {} FROM {} WHERE key = '{}'", column, table, key))));
    cast_.client.sql(to(std::to_string(value)));
  }

  Cast& cast_;
  std::vector<std::string> before_;
};

class Marketplace {
 public:
  explicit Marketplace(Cast& cast) : cast_(cast), settings_(cast) {}

  // ---- SAF-18: the table of roles; two founders, a third one without a role ----

  struct Change {
    std::size_t by, whom;
    std::string_view gives;  // "": taken away
  };
  Asked roles(const Change& first, const Change& second) {
    const std::array<const Person*, 3> all{&cast_.next(), &cast_.next(), &cast_.next()};
    const std::string others = cast_.client.sql(
        "SELECT string_agg(quote_literal(user_id), ', ') FROM admin_roles WHERE role = 'founder'");
    cast_.client.sql("UPDATE admin_roles SET role = 'admin' WHERE role = 'founder'");
    for (std::size_t i = 0; i < 2; ++i)
      cast_.client.sql(fmt::format(
          "INSERT INTO admin_roles (user_id, role, can_modify_trust) VALUES ('{}', 'founder', true)",
          all[i]->id));
    const auto change = [&](const Change& c) {
      json input{{"user_id", all[c.whom]->id}};
      if (c.gives.empty()) input["reason"] = "No longer with us.";
      if (!c.gives.empty()) input["role"] = c.gives;
      return asks(c.gives.empty() ? "admin.revokeRole" : "admin.grantRole", input, *all[c.by]);
    };
    return {change(first), change(second), [this, all] { return roles_of(all); },
            [this, all, others] {
              for (const Person* person : all)
                cast_.client.sql("DELETE FROM admin_roles WHERE user_id = '" + person->id + "'");
              if (!others.empty())
                cast_.client.sql(
                    fmt::format("UPDATE admin_roles SET role = 'founder' WHERE user_id IN ({})", others));
            }};
  }

  // ---- caps of the beta: room for one ----

  Asked newcomers(const char* first, const char* second, const std::string& cap, bool same_person) {
    settings_.flag("beta_mode");
    set_room(cap, fmt::format("SELECT count(*) FROM beta_members WHERE '{0}' = 'beta_max_users' OR '{0}' = "
                              "'beta_city_capacity_' || role",
                              cap));
    const std::vector<std::string> uids{"meeting-" + net::random_hex(8), "meeting-" + net::random_hex(8)};
    const std::vector<std::string> tokens = cast_.client.tokens(uids);
    const std::string code = "MEET-" + net::random_hex(4);
    cast_.client.sql(fmt::format(
        "INSERT INTO beta_invites (code, role, max_uses) VALUES (upper('{}'), 'both', 1000)", code));
    return {joins(first, code, tokens[0]), joins(second, code, tokens[same_person ? 0 : 1]),
            [this, uids, code] { return members(uids, code); }, settings_.undo()};
  }
  Asked last_use_of_a_code() {
    settings_.flag("beta_mode");
    const std::vector<std::string> uids{"meeting-" + net::random_hex(8), "meeting-" + net::random_hex(8)};
    const std::vector<std::string> tokens = cast_.client.tokens(uids);
    const std::string code = "MEET-" + net::random_hex(4);
    cast_.client.sql(
        fmt::format("INSERT INTO beta_invites (code, role, max_uses) VALUES (upper('{}'), 'both', 1)", code));
    return {joins("poster", code, tokens[0]), joins("hustler", code, tokens[1]),
            [this, uids, code] { return members(uids, code); }, settings_.undo()};
  }
  Asked last_task() {
    settings_.flag("beta_mode");
    set_room("beta_max_tasks", "SELECT count(*) FROM tasks");
    return posts(cast_.next(), cast_.next(), false);
  }
  Asked last_money() {
    const Person &one = cast_.next(), &other = cast_.next();
    const SideTask first = drive_task(cast_.client, one, one, Stop::created);
    const SideTask second = drive_task(cast_.client, other, other, Stop::created);
    settings_.flag("beta_mode");
    const std::int64_t taken = std::stoll(cast_.client.sql(
        "SELECT coalesce(sum(r.amount), 0) FROM beta_reservations r JOIN escrows e ON e.id = r.escrow_id"
        " WHERE e.state IN ('PENDING', 'FUNDED', 'LOCKED_DISPUTE')"));
    settings_.rule("beta_max_escrow_cents", taken + 9999);
    return {asks("escrow.createIntent", {{"task_id", first.id}}, one),
            asks("escrow.createIntent", {{"task_id", second.id}}, other),
            [this, first, second] { return intent_of(first) + ", " + intent_of(second); }, settings_.undo()};
  }

  // ---- caps of one person, with the guards against abuse ----

  Asked one_more_task(bool alike) {
    settings_.flag("abuse_guards");
    if (!alike) settings_.rule("max_pending_tasks_per_poster", 1);
    const Person& poster = cast_.next();
    return posts(poster, poster, alike);
  }
  Asked one_more_job(bool of_one_poster) {
    const Person& worker = cast_.next();
    const std::array posters{&cast_.people.posters[0], &cast_.people.posters[of_one_poster ? 0 : 1]};
    const SideTask one = drive_task(cast_.client, *posters[0], worker, Stop::funded);
    const SideTask other = drive_task(cast_.client, *posters[1], worker, Stop::funded);
    settings_.flag("abuse_guards");
    settings_.rule(of_one_poster ? "max_tasks_per_pair_per_day" : "max_active_tasks_per_hustler", 1);
    return {asks("task.accept", {{"task_id", one.id}}, worker),
            asks("task.accept", {{"task_id", other.id}}, worker),
            [this, one, other] { return state_of(one) + ", " + state_of(other); }, settings_.undo()};
  }
  Asked one_more_dispute() {
    const Person &poster = cast_.next(), &worker = cast_.next();
    const SideTask one = drive_task(cast_.client, poster, worker, Stop::submitted);
    const SideTask other = drive_task(cast_.client, poster, worker, Stop::submitted);
    settings_.flag("abuse_guards");
    settings_.rule("max_disputes_per_day", 1);
    const auto dispute = [&](const SideTask& task) {
      return asks("dispute.create",
                  {{"task_id", task.id}, {"reason", "OTHER"}, {"description", "Not as agreed."}}, worker);
    };
    return {dispute(one), dispute(other),
            [this, one, other] { return state_of(one) + ", " + state_of(other); }, settings_.undo()};
  }

  // ---- SAF-21: one key for the money of two escrows ----

  Asked overrides(std::string_view first, std::string_view second) {
    const SideTask one = left_behind(first), other = left_behind(second);
    const json key{{"idempotency_key", net::random_uuid()}, {"reason", "Decided by a human."}};
    const auto moved = [&](std::string_view act, const SideTask& task) {
      json input = key;
      input["escrow_id"] = task.escrow;
      return asks(fmt::format("escrow.{}", act), input, cast_.people.overrider);
    };
    return {moved(first, one), moved(second, other), [this, one, other] {
              cast_.client.drain();
              return money_of(one) + ", " + money_of(other);
            }};
  }
  Asked approvals() {
    const SideTask one = drive_task(cast_.client, cast_.people.posters[0], cast_.next(), Stop::created);
    const SideTask other = drive_task(cast_.client, cast_.people.posters[0], cast_.next(), Stop::created);
    const std::string key = net::random_uuid();
    const auto approval = [&](const SideTask& task) {
      return asks("admin.approveOverride",
                  {{"escrow_id", task.escrow},
                   {"override", "refund"},
                   {"reason", "Decided by a human."},
                   {"idempotency_key", key}},
                  cast_.people.overrider);
    };
    return {approval(one), approval(other), [this, key] {
              return cast_.client.sql(
                  "SELECT count(*) || ' agreed to' FROM override_approvals WHERE "
                  "idempotency_key = '" +
                  key + "'");
            }};
  }

 private:
  void set_room(const std::string& cap, const std::string& count) {
    settings_.rule(cap, std::stoll(cast_.client.sql(count)) + 1);
  }
  static Call joins(const char* role, const std::string& code, const std::string& token) {
    const json form{{"role", role}, {"latitude", 47.61}, {"longitude", -122.33}, {"invite_code", code}};
    return asks("beta.join", form, Person{.id = "", .token = token});
  }
  Asked posts(const Person& one, const Person& other, bool alike) {
    const std::string title = "Pick up a parcel " + net::random_hex(6);
    const auto task = [&](const Person& by, const char* more) {
      return asks("task.create",
                  json::parse(task_input(cast_.client.now, 5000, title + (alike ? "" : more), "Ring twice.")),
                  by);
    };
    return {
        task(one, " here"), task(other, " there"),
        [this, title] {
          return cast_.client.sql("SELECT count(*) || ' tasks' FROM tasks WHERE title LIKE '" + title + "%'");
        },
        settings_.undo()};
  }
  SideTask left_behind(std::string_view act) {
    const bool release = act == "release";
    SideTask task = drive_task(cast_.client, cast_.people.posters[release ? 0 : 1], cast_.next(),
                               release ? Stop::reviewed : Stop::funded);
    cast_.client.sql(fmt::format("UPDATE tasks SET state = '{0}', {3}_at = '{1}' WHERE id = '{2}'",
                                 release ? "COMPLETED" : "CANCELLED", iso_text(cast_.client.now), task.id,
                                 release ? "completed" : "cancelled"));
    return task;
  }

  std::string roles_of(const std::array<const Person*, 3>& all) {
    std::string text;
    for (const Person* person : all)
      text += fmt::format("[{}] ", cast_.client.sql(fmt::format(
                                       "SELECT role FROM admin_roles WHERE user_id = '{}'", person->id)));
    return text;
  }
  std::string members(const std::vector<std::string>& uids, const std::string& code) {
    std::string text;
    for (const std::string& uid : uids)
      text +=
          fmt::format("[{}] ", cast_.client.sql(fmt::format("SELECT m.role FROM beta_members m JOIN users u "
                                                            "ON u.id = m.user_id WHERE u.firebase_uid = '{}'",
                                                            uid)));
    return text + cast_.client.sql(
                      fmt::format("SELECT uses || ' uses' FROM beta_invites WHERE code = upper('{}')", code));
  }
  std::string intent_of(const SideTask& task) {
    return cast_.client.sql(
        fmt::format("SELECT CASE WHEN stripe_payment_intent_id IS NULL THEN 'none' ELSE "
                    "'an intent' END FROM escrows WHERE id = '{}'",
                    task.escrow));
  }
  std::string state_of(const SideTask& task) {
    return cast_.client.sql(fmt::format("SELECT state FROM tasks WHERE id = '{}'", task.id));
  }
  std::string money_of(const SideTask& task) {
    return fmt::format(
        "{} transferred {} refunded {}",
        cast_.client.sql(fmt::format("SELECT state FROM escrows WHERE id = '{}'", task.escrow)),
        cast_.client.book(task.escrow, "transferred"), cast_.client.book(task.escrow, "refunded"));
  }

  Cast& cast_;
  Settings settings_;
};

}  // namespace

std::vector<Meeting> meetings_of_the_marketplace(Cast& cast) {
  const auto all = std::make_shared<Marketplace>(cast);
  using Change = Marketplace::Change;
  const auto roles = [&](const Change& first, const Change& second) {
    return [all, first, second] { return all->roles(first, second); };
  };
  const auto join = [&](const char* first, const char* second, std::string cap, bool same = false) {
    return [all, first, second, cap, same] { return all->newcomers(first, second, cap, same); };
  };
  const std::string users = "beta_max_users";
  return {
      {"two founders who take each other's role", roles({0, 1, ""}, {1, 0, ""}), true},
      {"two founders who lower each other's rank", roles({0, 1, "support"}, {1, 0, "admin"})},
      {"a founder who takes another one's role and is lowered by him", roles({0, 1, ""}, {1, 0, "support"})},
      {"two founders who give one person different roles", roles({0, 2, "moderator"}, {1, 2, "support"})},
      {"a founder who makes a third one and is removed", roles({0, 2, "founder"}, {1, 0, ""})},
      {"two posters for the last place", join("poster", "poster", users), true},
      {"a poster and a hustler for the last place", join("poster", "hustler", users)},
      {"two hustlers for the last place", join("hustler", "hustler", users), true},
      {"two hustlers for the last hustler's place", join("hustler", "hustler", "beta_city_capacity_hustler"),
       true},
      {"two posters for the last poster's place", join("poster", "poster", "beta_city_capacity_poster"),
       true},
      {"one newcomer in both roles", join("poster", "hustler", users, true)},
      {"a poster and a hustler with the last use of a code", [all] { return all->last_use_of_a_code(); }},
      {"two tasks for the last place", [all] { return all->last_task(); }, true},
      {"two payments for the last money", [all] { return all->last_money(); }, true},
      {"two tasks of a poster who may have one", [all] { return all->one_more_task(false); }, true},
      {"one task of a poster, twice", [all] { return all->one_more_task(true); }, true},
      {"two acceptances of a worker who may have one", [all] { return all->one_more_job(false); }, true},
      {"two acceptances of a pair that may have one", [all] { return all->one_more_job(true); }, true},
      {"two disputes of a worker who may have one", [all] { return all->one_more_dispute(); }, true},
      {"two refunds by an admin under one key", [all] { return all->overrides("refund", "refund"); }, true},
      {"two releases by an admin under one key", [all] { return all->overrides("release", "release"); },
       true},
      {"a refund and a release under one key", [all] { return all->overrides("refund", "release"); }},
      {"two approvals under one key", [all] { return all->approvals(); }, true}};
}

}  // namespace loadgen
