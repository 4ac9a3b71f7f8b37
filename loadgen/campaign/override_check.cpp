// Other people's money in an admin's hands (SAF-21): a reason, a key, another admin above the limit. Each
// attempt is compared with model/rules; in the end the money has moved once.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "loadgen/campaign/safety_stage.h"
#include "loadgen/encode.h"
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
        if (amount > limits::kOverrideAloneMax) agreed(act, amount);
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
    const Person& leaver = people_.posters[1];
    client_.sql(fmt::format(
        "INSERT INTO admin_roles (user_id, role, can_override_escrow) VALUES ('{}', 'admin', true)",
        leaver.id));
    Approval left = by(3, leaver, act.name);
    client_.sql(fmt::format("DELETE FROM admin_roles WHERE user_id = '{}'", leaver.id));
    left.may = false;
    tick();
    attempt(act, task, amount, reason, key(), {own, left}, "when the one who agreed is no admin any more");
    const Approval old = by(2, people_.founder, act.name);
    client_.now = old.at + limits::kApprovalLifetime;
    attempt(act, task, amount, reason, key(), {own, left, old}, "a day after another one agreed");
    const Approval fresh = by(2, people_.founder, act.name);
    client_.now = fresh.at + (limits::kApprovalLifetime - 1);
    attempt(act, task, amount, reason, key(), {own, left, old, fresh}, "just before that day is over");
    client_.drain();
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
