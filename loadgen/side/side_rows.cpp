// The rows of a side stage after all of its checks: the auditor's queries, instants, and the rows of
// admin_actions against the calls that were made, both ways (safety-and-abuse.md §7.2).
#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "loadgen/campaign/row_instants.h"
#include "loadgen/campaign/shown_rows.h"
#include "loadgen/campaign/watch.h"
#include "loadgen/encode.h"
#include "loadgen/instant_text.h"
#include "loadgen/side/safety_stage.h"
#include "loadgen/side/side_checks.h"

namespace loadgen {
namespace {

using nlohmann::json;

constexpr std::string_view kSpec = "safety-and-abuse.md §7.2";
constexpr std::size_t kToldMax = 20;  // findings of one kind

struct Kind {
  std::string_view procedure;
  std::string_view member, value;  // of the input: only then; empty: always
  std::string_view action;
};
constexpr std::array kKinds{Kind{"admin.setFreeze", "active", "true", "freeze_on"},
                            Kind{"admin.setFreeze", "", "", "freeze_off"},
                            Kind{"admin.addStrike", "", "", "strike_add"},
                            Kind{"admin.updateUserStatus", "status", "SUSPENDED", "user_suspend"},
                            Kind{"admin.updateUserStatus", "status", "PAUSED", "user_pause"},
                            Kind{"admin.updateUserStatus", "", "", "user_unsuspend"},
                            Kind{"admin.grantRole", "", "", "role_grant"},
                            Kind{"admin.revokeRole", "", "", "role_revoke"},
                            Kind{"admin.setFlag", "", "", "flag_change"},
                            Kind{"admin.setRule", "", "", "rule_change"},
                            Kind{"admin.createInvite", "", "", "invite_create"},
                            Kind{"admin.reviewContent", "", "", "moderation_decide"},
                            Kind{"admin.removeStrike", "", "", "strike_remove"},
                            Kind{"admin.decideAppeal", "", "", "appeal_decide"},
                            Kind{"admin.assessRisk", "", "", "risk_assess"},
                            Kind{"admin.reviewRisk", "", "", "risk_review"},
                            Kind{"admin.approveOverride", "", "", "override_approve"}};

std::string action_of(const std::string& procedure, const json& input) {
  for (const Kind& kind : kKinds) {
    if (kind.procedure != procedure) continue;
    if (kind.member.empty()) return std::string(kind.action);
    const auto found = input.find(kind.member);
    if (found == input.end()) continue;
    if ((found->is_string() ? found->get<std::string>() : found->dump()) == kind.value)
      return std::string(kind.action);
  }
  return "";
}

bool contains(const json& whole, const json& part) {
  return whole.is_object() && std::ranges::all_of(part.items(), [&](const auto& member) {
           const auto found = whole.find(member.key());
           return found != whole.end() && *found == member.value();
         });
}

struct LogRow {
  std::string role, target, code, told;
  json details;
  bool taken = false;
};

class SideRows {
 public:
  explicit SideRows(const SafetyStage& stage)
      : stage_(stage), database_(stage.side.database()), people_(stage.log.people()) {}

  void run() {
    audits();
    const auto instants = stage_.log.instants();
    const std::vector<model::Millis> calls(instants.begin(), instants.end());
    for (model::Finding& finding : audit_all_instants(database_, calls, stage_.log.began))
      stage_.judge.add(std::move(finding));
    shown();
    read_log();
    for (const SideCall& call : stage_.log.calls()) compare(call);
    for (const auto& [key, rows] : log_) {
      for (const LogRow& row : rows) {
        if (!row.taken) tell("admin_actions has a row for something that nobody asked", "no row", row.told);
      }
    }
  }

 private:
  void shown() {
    check_shown_rows({stage_.open_server, stage_.side.database(), stage_.side.providers(), true},
                     stage_.client().now, stage_.judge);
  }

  void audits() {
    for (const AuditResult& result : database_.audit(AuditTime::any)) {
      if (result.verdict == model::Verdict::broken) stage_.judge.add(finding_of(result));
      if (result.verdict == model::Verdict::holds) stage_.judge.count("safety rows");
    }
  }

  void tell(std::string headline, std::string expected, std::string observed) {
    if (++told_ <= kToldMax)
      stage_.broken("AUDIT-3", kSpec, std::move(headline), std::move(expected), std::move(observed));
  }

  // Who, when, what and how it ended.
  static std::string key_of(const std::string& admin, std::int64_t ms, const std::string& action, bool done) {
    return fmt::format("{} {} at {} ms, {}", admin, action, ms, done ? "success" : "refused");
  }

  void read_log() {
    std::string actions;
    for (const Kind& kind : kKinds)
      actions += fmt::format("{}'{}'", actions.empty() ? "" : ", ", kind.action);
    for (const Row& row : database_.query(
             "SELECT admin_user_id, floor(extract(epoch FROM performed_at) * 1000)::bigint, action_type, "
             "result,"
             " admin_role, target_user_id, result_details->>'code', action_details FROM admin_actions"
             " WHERE action_type IN (" +
             actions + ")")) {
      const auto text = [&](std::size_t i) { return row[i].value_or(""); };
      const std::string key = key_of(text(0), std::stoll(text(1)), text(2), text(3) == "success");
      log_[key].push_back(
          {text(4), text(5), text(6), key + ": " + text(7), json::parse(text(7), nullptr, false)});
    }
  }

  // A success is logged once; what a lasting admin was refused for his role or standing as well. What failed
  // otherwise may be logged.
  void compare(const SideCall& call) {
    const auto who = people_.find(call.token);
    const json input = json::parse(call.input, nullptr, false);
    if (who == people_.end() || !input.is_object()) return;
    const bool done = call.status == 200;
    const json answer = json::parse(call.body, nullptr, false);
    const bool repeated = done && answer["result"]["data"].value("duplicate", false);
    if (done && !repeated) echoes(call, input, answer["result"]["data"]);
    const bool must = (done && !repeated) || (call.status == 403 && !who->second.role.empty());
    const std::string key = key_of(who->second.id, call.now.ms, action_of(call.procedure, input), done);
    std::string target = input.value("user_id", "");  // an id has no case
    std::ranges::transform(target, target.begin(), [](unsigned char c) { return std::tolower(c); });
    for (LogRow& row : log_[key]) {
      if (row.taken || !contains(row.details, input)) continue;
      row.taken = true;
      stage_.judge.count("safety rows");
      if (!done && row.code != call.hx)
        tell("the row of a refused attempt tells another reason", call.hx, row.code);
      if (!who->second.role.empty() && row.role != who->second.role)
        tell("a row of admin_actions tells another role", who->second.role, row.role);
      if (!target.empty() && row.target != target)
        tell("a row of admin_actions is about somebody else", target, row.target);
      return;
    }
    if (must)
      tell("an administrative act has no row in admin_actions that tells of it", key + ": " + call.input,
           "none");
  }

  // An instant is the same in any zone.
  static bool same(const json& told, const json& answered) {
    return told == answered ||
           (told.is_string() && answered.is_string() &&
            same_instant(told.get_ref<const std::string&>(), answered.get_ref<const std::string&>()));
  }

  // What an administrator told is answered as it was told, and the instant of a change is that of the call.
  void echoes(const SideCall& call, const json& input, const json& data) {
    constexpr std::array kOfTheCall{"changed_at", "decided_at", "reviewed_at", "granted_at",
                                    "revoked_at", "removed_at", "assessed_at", "approved_at"};
    if (!data.is_object()) return;
    const auto wrong = [&](const std::string& member, const std::string& expected, const json& answered) {
      if (++told_ <= kToldMax)
        stage_.broken("read as written", "api.md §2",
                      fmt::format("{} answers another {} than it was told", call.procedure, member), expected,
                      answered.dump());
    };
    for (const auto& [member, answered] : data.items()) {
      const auto sent = input.find(member);
      const bool spelt = member == "code";  // of an invitation: in capital letters, checked with the sign-ups
      if (sent != input.end() && !same(*sent, answered) && !spelt) wrong(member, sent->dump(), answered);
      if (std::ranges::find(kOfTheCall, member) == kOfTheCall.end() || !answered.is_string()) continue;
      if (const std::string now = iso_text(call.now); !same(now, answered)) wrong(member, now, answered);
    }
  }

  const SafetyStage& stage_;
  Database database_;
  std::map<std::string, SideLog::Who> people_;
  std::map<std::string, std::vector<LogRow>> log_;
  std::size_t told_ = 0;
};

}  // namespace

void check_side_rows(const SafetyStage& stage) {
  SideRows(stage).run();
}

}  // namespace loadgen
