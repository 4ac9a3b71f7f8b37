// Other people's money in an admin's hands (SAF-21): a reason, a key, another admin above the limit. Each
// attempt is compared with model/rules; in the end the money has moved once.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "loadgen/encode.h"
#include "loadgen/side/safety_stage.h"
#include "loadgen/side/side_checks.h"
#include "model/rules/money.h"
#include "model/rules/overrides.h"
#include "model/vocabulary/limits.h"
#include "net/sign.h"

namespace loadgen {
namespace {

namespace limits = model::limits;
using model::rules::Approval;
using nlohmann::json;

constexpr std::string_view kSpec = "safety-and-abuse.md §7.1";
constexpr std::string_view kReason = "Decided after a call with both of them.";
constexpr std::string_view kShortest = "Both said.";  // ten characters

// Letters of one, two and three bytes.
constexpr std::array<std::string_view, 3> kTooShort{"Too short", "По ошибке", "支払いの誤りと返金"};
constexpr std::array<std::string_view, 3> kJustEnough{"Long enoug", "Это ошибка", "支払いの誤りと返金で"};

std::int64_t letters_of(const std::string& text) {
  constexpr unsigned kMask = 0xC0, kFollows = 0x80;  // of UTF-8: bytes that begin no letter
  return std::ranges::count_if(text,
                               [](char byte) { return (static_cast<unsigned>(byte) & kMask) != kFollows; });
}

struct Act {
  std::string_view name, procedure, logged, book;
  Stop ready;
};
constexpr std::array kActs{Act{"release", "escrow.release", "escrow_release", "transferred", Stop::reviewed},
                           Act{"refund", "escrow.refund", "escrow_refund", "refunded", Stop::funded}};

class Overrides {
 public:
  explicit Overrides(const SafetyStage& stage)
      : stage_(stage), client_(stage.client()), people_(stage.people(2, 1)) {}

  void run() {
    for (const Act& act : kActs) {
      for (const model::Cents amount : {limits::kOverrideAloneMax, limits::kOverrideAloneMax + 1}) {
        asked(act, amount);
        if (amount > limits::kOverrideAloneMax) {
          agreed(act, amount);
          agreed_by_right(act, amount);
        }
        client_.now = stage_.client().now;
      }
    }
    own_money();
  }

 private:
  bool expect(std::string_view rule, const std::string& what, const std::string& expected,
              const std::string& observed) {
    return stage_.expect("safety overrides", rule, kSpec, what, expected, observed);
  }
  void tick() { client_.now = client_.now + model::kSecond; }

  // Money that only an admin would move: what a backend that stopped half way leaves behind.
  SideTask held(const Act& act, model::Cents amount) {
    tick();
    SideTask task =
        drive_task(client_, people_.posters[0], people_.workers[0], act.ready, static_cast<int>(amount));
    if (act.name == "release")
      client_.sql(fmt::format("UPDATE tasks SET state = 'COMPLETED', completed_at = '{}' WHERE id = '{}'",
                              iso_text(client_.now), task.id));
    if (act.name == "refund")
      client_.sql(fmt::format("UPDATE tasks SET state = 'CANCELLED', cancelled_at = '{}' WHERE id = '{}'",
                              iso_text(client_.now), task.id));
    tick();
    return task;
  }
  Reply move(const Act& act, const SideTask& task, const std::string& reason, const std::string& key,
             const Person& by) {
    json input{{"escrow_id", task.escrow}};
    if (!reason.empty()) input["reason"] = reason;
    if (!key.empty()) input["idempotency_key"] = key;
    return client_.call(act.procedure, input.dump(), by.token);
  }
  Reply approve(std::string_view act, const SideTask& task, const std::string& key, const Person& by) {
    return client_.call(
        "admin.approveOverride",
        json{{"escrow_id", task.escrow}, {"override", act}, {"reason", kReason}, {"idempotency_key", key}}
            .dump(),
        by.token);
  }
  static std::string key() { return net::random_uuid(); }

  void attempt(const Act& act, const SideTask& task, model::Cents amount, const std::string& reason,
               const std::string& key, const std::vector<Approval>& approvals, const std::string& how) {
    const std::string_view refusal = model::rules::refusal_of(
        {.by = 1, .amount = amount, .reason_length = letters_of(reason), .has_key = !key.empty()}, approvals,
        client_.now);
    expect("SAF-21", fmt::format("an admin's {} of {} cents {}", act.name, amount, how),
           refusal.empty() ? "ok" : std::string(refusal),
           code_told(move(act, task, reason, key, people_.overrider)));
    tick();
  }

  void asked(const Act& act, model::Cents amount) {
    const SideTask task = held(act, amount);
    attempt(act, task, amount, "", key(), {}, "without a reason");
    for (const std::string_view reason : kTooShort)
      attempt(act, task, amount, std::string(reason), key(), {},
              fmt::format("with nine characters of reason in {} bytes", reason.size()));
    attempt(act, task, amount, std::string(kReason), "", {}, "without a key");
    const std::string used = key();
    attempt(act, task, amount, std::string(kReason), used, {}, "alone");
    long_enough(act);
    if (amount > limits::kOverrideAloneMax) {  // so that the money comes to rest
      approve(act.name, task, key(), people_.founder);
      tick();
      expect("SAF-21", fmt::format("an admin's {} of {} cents that another one agreed to", act.name, amount),
             "ok", code_told(move(act, task, std::string(kReason), used, people_.overrider)));
    }
    repeated(act, task, amount, used);
  }

  // Ten characters of any alphabet are a reason.
  void long_enough(const Act& act) {
    for (const std::string_view reason : kJustEnough)
      attempt(act, held(act, limits::kOverrideAloneMax), limits::kOverrideAloneMax, std::string(reason),
              key(), {}, fmt::format("with ten characters of reason in {} bytes", reason.size()));
    client_.drain();
  }

  // What is his own needs neither, whatever the amount.
  void own_money() {
    const SideTask task = held(kActs[1], limits::kOverrideAloneMax + 1);
    expect("SAF-21", "a poster's own refund", "ok",
           code_told(move(kActs[1], task, "", "", people_.posters[0])));
    expect("SAF-21", "an admin's refund of what has moved", "409 HX002",
           code_told(move(kActs[1], task, "", "", people_.overrider)));
    client_.drain();
  }

  // The key's answer again, no second effect; another escrow under the same key is none of its.
  void repeated(const Act& act, const SideTask& task, model::Cents amount, const std::string& used) {
    const std::string what = fmt::format("an admin's {} of {} cents", act.name, amount);
    tick();
    expect("SAF-21", what + " under the same key", "ok",
           code_told(move(act, task, std::string(kReason), used, people_.overrider)));
    const Reply other = move(act, task, std::string(kReason), key(), people_.overrider);
    expect("SAF-21", what + " under another key", "409", std::to_string(other.status));
    // A key is one admin's own: another one's act under it is his, and the money has moved.
    expect("SAF-21", what + " under the same key by another admin", "409",
           std::to_string(move(act, task, std::string(kReason), used, people_.founder).status));
    const SideTask foreign = held(kActs[1], limits::kOverrideAloneMax);
    expect("SAF-21", what + ": its key for another escrow", "409 CONFLICT",
           code_told(move(kActs[1], foreign, std::string(kReason), used, people_.overrider)));
    move(kActs[1], foreign, "", "", people_.posters[0]);
    client_.drain();
    const std::int64_t moved = client_.book(task.escrow, std::string(act.book).c_str());
    const std::int64_t due = act.name == "release" ? model::payout(amount) : amount;
    expect("SAF-21", what + ": what has moved", std::to_string(due), std::to_string(moved));
    expect("AUDIT-3", what + ": rows that tell of it", "1",
           client_.sql(fmt::format(
               "SELECT count(*) FROM admin_actions WHERE action_type = '{}' AND result = 'success'"
               " AND target_escrow_id = '{}' AND action_details->>'reason' = '{}'",
               act.logged, task.escrow, kReason)));
  }

  // Who agreed, to what, and for how long.
  void agreed(const Act& act, model::Cents amount) {
    const SideTask task = held(act, amount);
    const std::string reason(kReason);
    const auto by = [&](int who, const Person& person, std::string_view to) {
      tick();
      const Reply reply = approve(to, task, key(), person);
      expect("SAF-21", fmt::format("an admin agrees to a {}", to), "ok", code_told(reply));
      return Approval{who, client_.now};
    };
    Approval own = by(1, people_.overrider, act.name);
    tick();
    attempt(act, task, amount, reason, key(), {own}, "that he agreed to himself");
    by(2, people_.founder, act.name == "refund" ? "release" : "refund");
    tick();
    attempt(act, task, amount, reason, key(), {own}, "when another one agreed to something else");
    const SideTask neighbour = held(act, amount);
    approve(act.name, neighbour, key(), people_.founder);
    tick();
    attempt(act, task, amount, reason, key(), {own}, "when another one agreed to it for other money");
    attempt(act, neighbour, amount, reason, key(), {Approval{2, client_.now}}, "when another one agreed");
    const Person& leaver = people_.posters[1];
    client_.sql(fmt::format(
        "INSERT INTO admin_roles (user_id, role, can_override_escrow) VALUES ('{}', 'admin', true)",
        leaver.id));
    Approval left = by(3, leaver, act.name);
    client_.sql(fmt::format("DELETE FROM admin_roles WHERE user_id = '{}'", leaver.id));
    left.may = false;
    tick();
    attempt(act, task, amount, reason, key(), {own, left}, "when the one who agreed is no admin any more");
    const std::string word = key();
    tick();
    const Approval old{2, client_.now};
    for (const model::Millis later : {model::Millis{0}, limits::kApprovalLifetime - model::kHour}) {
      client_.now = old.at + later;
      expect("SAF-21", "an admin agrees, twice under one key", "ok",
             code_told(approve(act.name, task, word, people_.founder)));
    }
    client_.now = old.at + limits::kApprovalLifetime;
    attempt(act, task, amount, reason, key(), {own, left, old}, "a day after another one agreed");
    const Approval fresh = by(2, people_.founder, act.name);
    client_.now = fresh.at + (limits::kApprovalLifetime - 1);
    attempt(act, task, amount, reason, key(), {own, left, old, fresh}, "just before that day is over");
    client_.drain();
  }

  // SAF-17, SAF-20: the agreement of somebody whose role has changed since counts by the right he has then,
  // whatever the role is called.
  void agreed_by_right(const Act& act, model::Cents amount) {
    struct Since {
      std::string_view role;  // empty: none
      bool right;
    };
    constexpr std::array kSince{Since{"support", false}, Since{"admin", false}, Since{"", false},
                                Since{"support", true}, Since{"founder", true}};
    const Person& other = people_.posters[1];
    for (const Since& since : kSince) {
      const SideTask task = held(act, amount);
      give_role(other, "admin", true);
      const Reply yes = approve(act.name, task, key(), other);
      expect("SAF-21", "an admin with the right by a grant agrees", "ok", code_told(yes));
      const Approval approval{2, client_.now, since.right};
      give_role(other, since.role, since.right);
      tick();
      attempt(act, task, amount, std::string(kReason), key(), {approval},
              since.role.empty() ? "when the role of the one who agreed was revoked"
                                 : fmt::format("when the one who agreed was made {} {} the right since",
                                               since.role, since.right ? "with" : "without"));
      if (since.right) continue;
      approve(act.name, task, key(), people_.founder);  // so that the money comes to rest
      tick();
      attempt(act, task, amount, std::string(kShortest), key(), {Approval{3, client_.now}},
              "when yet another one agreed");
    }
    give_role(other, "", false);
    client_.drain();
  }
  void give_role(const Person& person, std::string_view role, bool right) {
    tick();
    json input{{"user_id", person.id}};
    if (role.empty()) {
      input["reason"] = kReason;
    } else {
      input["role"] = role;
      input["can_override_escrow"] = right;
    }
    const Reply reply = client_.call(role.empty() ? "admin.revokeRole" : "admin.grantRole", input.dump(),
                                     people_.founder.token);
    expect("SAF-20", fmt::format("a founder makes somebody '{}'", role), "ok", code_told(reply));
    tick();
  }

  const SafetyStage& stage_;
  SideClient client_;
  SafetyPeople people_;
};

}  // namespace

void check_overrides(const SafetyStage& stage) {
  Overrides(stage).run();
}

}  // namespace loadgen
