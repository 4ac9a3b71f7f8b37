#include "loadgen/campaign/export.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "loadgen/curl.h"
#include "loadgen/curl_photos.h"
#include "model/rules/risk.h"
#include "sim/story.h"

namespace loadgen {
namespace {

// Every kind of entity with a slot, as shell variables.
std::string declarations(const model::World& start) {
  std::string text;
  const auto declare = [&](std::string_view kind, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) text += fmt::format("{}_{}=$(uuid)\n", kind, i);
  };
  declare("TASK", start.tasks.size());
  declare("ESCROW", start.tasks.size());
  declare("INTENT", start.tasks.size());
  declare("PROOF", start.proofs.size());
  declare("DISPUTE", start.disputes.size());
  for (std::size_t i = 0; i < start.events.size(); ++i) text += fmt::format("EVENT_{}=\n", i);
  return text;
}

std::string people(const model::World& start) {
  std::string text;
  for (std::size_t i = 0; i < start.users.size(); ++i) {
    const model::User& user = start.users[i];
    text += fmt::format("person {} {} {} {} {}\n", i, name(user.status), name(user.live),
                        user.is_verified ? "true" : "false", user.has_payout_account ? "account" : "none");
    if (user.is_admin)
      text += fmt::format("admin {} {} {}\n", i, user.can_resolve_disputes ? "true" : "false",
                          user.can_override_escrow ? "true" : "false");
    if (user.risk_hundredths > 0) {
      text += fmt::format("score {} {:.2f} {}\n", i, static_cast<double>(user.risk_hundredths) / 100,
                          model::rules::level_name(user.risk_hundredths));
    }
  }
  return text;
}

constexpr std::string_view kPrologue = R"sh(#!/usr/bin/env bash
# TARGET=http://… PROVIDERS=http://… DATABASE=postgresql://… ./story.sh
# (`hustle serve` prints all three.) CLOCK= for a backend that does not take the time from the caller.
set -u
: "${TARGET:?the backend, http://host:port}" "${PROVIDERS:?its fake providers}" "${DATABASE:?its PostgreSQL}"
CLOCK=${CLOCK-1}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
uuid() { cat /proc/sys/kernel/random/uuid; }
run=$(uuid)
control() { curl -sS -X "$1" "$PROVIDERS$2" -H 'content-type: application/json' ${3:+-d "$3"}; }
token() { control POST /control/tokens "{\"uids\":[\"$run-$1\"],\"flavour\":\"$2\"}" | jq -r '.tokens[0]'; }
sql() { psql -qtAX -v ON_ERROR_STOP=1 "$DATABASE" -c "$1"; }
person() {  # number status live verified account
  local id account=NULL verified=NULL
  id=$(uuid)
  [ "$5" = none ] || account="'$(control POST /control/accounts '{"count":1}' | jq -r '.accounts[0]')'"
  [ "$4" = false ] || verified='now()'
  sql "INSERT INTO users (id,email,full_name,firebase_uid,stripe_connect_id,is_verified,verified_at,account_status,
       live_mode_state) VALUES ('$id','$run-$1@example.invalid','Person $1','$run-$1',$account,$4,$verified,'$2','$3')"
  sql "INSERT INTO capability_claims (user_id,role,work_state) VALUES ('$id','both','WA');
       UPDATE users SET onboarding_completed_at = now() WHERE id = '$id'; SELECT recompute_capability('$id')" >/dev/null
  printf -v "USER_$1" %s "$id"
  printf -v "TOKEN_$1" %s "$(token "$1" valid)"
}
admin() {  # number may-resolve may-override
  local id="USER_$1"
  sql "INSERT INTO admin_roles (user_id,role,can_resolve_disputes,can_override_escrow)
       VALUES ('${!id}','admin',$2,$3)"
}
score() {  # number risk level
  local id="USER_$1"
  sql "INSERT INTO fraud_risk_scores (entity_type,entity_id,risk_score,risk_level) VALUES ('user','${!id}',$2,'$3')"
}
call() {  # number what curl-arguments…
  local number=$1 what=$2 status
  shift 2
  status=$(curl -sS -o "$work/$number" -w '%{http_code}' "$@")
  echo "$number $what -> $status $(head -c 2000 "$work/$number" | tr -d "\n")"
}
take() {  # variable number jq-path: the id that an answer brought, if it did
  local value
  value=$(jq -r ".result.data$3 // empty" "$work/$2" 2>/dev/null)
  [ -z "$value" ] || printf -v "$1" %s "$value"
}
pay() {  # number what intent confirm|cancel form
  call "$1" "$2" -X POST "$PROVIDERS/v1/payment_intents/$3/$4" -u sk_test_hustle: -d "$5"
}
find_event() {  # variable query
  local value try
  [ -z "${!1}" ] || return 0
  for try in 1 2 3 4 5 6 7 8 9 10; do
    value=$(control GET "/control/events?$2" | jq -r '.events[-1].id // empty')
    [ -z "$value" ] || break
    sleep 0.2
  done
  printf -v "$1" %s "$value"
}
new_event() { [ -n "${!1}" ] || printf -v "$1" %s "$(control POST /control/events/synthetic "{\"type\":\"$2\"}" | jq -r .id)"; }
decline() {  # variable intent: its card is declined
  [ -z "${!1}" ] || return 0
  curl -sS -o /dev/null -X POST "$PROVIDERS/v1/payment_intents/$2/confirm" -u sk_test_hustle: -d payment_method=pm_card_chargeDeclined
  find_event "$1" "payment_intent=$2&type=payment_intent.payment_failed"
}
fail_transfer() {  # variable escrow: its transfer comes back
  [ -z "${!1}" ] || return 0
  find_event LIVING "escrow=$2&type=transfer.created"
  printf -v "$1" %s "$(control POST /control/transfers/fail "{\"escrow\":\"$2\"}" | jq -r '.event // empty')"
}
deliver() {  # number what event flavour now
  local envelope="$work/envelope$1" signature
  if [ -z "$3" ]; then echo "$1 $2 -> the processor has no such event; nothing sent"; return; fi
  control POST "/control/events/$3/envelope" "{\"flavour\":\"$4\"}" >"$envelope"
  jq -j .body "$envelope" >"$envelope.body"
  signature=$(jq -r '.signature // empty' "$envelope")
  call "$1" "$2" -X POST "$TARGET/webhooks/stripe" -H 'content-type: application/json; charset=utf-8' \
    ${signature:+-H "stripe-signature: $signature"} ${CLOCK:+-H "x-hustle-now: $5"} --data-binary "@$envelope.body"
}
control PUT /control/delivery '{"mode":"manual"}' >/dev/null
)sh";

// A scenario that plays nothing but these calls: `hustle gate --scenario story.json`.
std::string story_scenario(const model::Finding& finding, const sim::Plan& plan) {
  constexpr std::size_t kSummary = 120;
  constexpr std::size_t kExplanation = 2000;
  const nlohmann::ordered_json scenario{
      {"name", sim::kStoryScenario},
      {"summary", ("The story of a finding: " + finding.rule).substr(0, kSummary)},
      {"explanation",
       (finding.rule + " (" + finding.spec + "): " + finding.headline).substr(0, kExplanation)},
      {"story", sim::choices_of(sim::story_of(plan))},
      {"steps", {{"progress", 1}}},
      {"needs", {{"clock", plan.needs_clock}, {"processor_events", plan.needs_processor_events}}}};
  return scenario.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace

std::optional<std::string> sql_script(const model::Finding& finding) {
  for (const auto& [name, text] : finding.evidence) {
    if (name != "SQL") continue;
    return fmt::format("-- {}: {}\n-- On an empty copy of the schema: psql DATABASE -f story.sql\n{}\n",
                       finding.rule, finding.headline, text);
  }
  return std::nullopt;
}

std::string curl_script(const sim::Plan& plan) {
  std::string text(kPrologue);
  text += photo_functions() + "\n# who takes part\n" + people(plan.start) +
          "\n# ids: nobody's until an answer brings them\n" + declarations(plan.start) + "\n# the story\n";
  std::size_t number = 0;
  for (const sim::Step& step : plan.steps) {
    const std::size_t first = number;
    const bool group = step.together.size() > 1;
    if (group) text += "# at the same moment:\n";
    for (std::size_t i = 0; i < step.together.size(); ++i)
      text += curl_preparation(step.together[i].command, step.now, first + i + 1);
    for (const sim::PlannedCommand& each : step.together) {
      const std::string line = curl_call(each.command, step.now, ++number);
      text += group ? line + " &\n" : line + "\n";
    }
    if (group) text += "wait\n";
    for (std::size_t i = 0; i < step.together.size(); ++i)
      text += curl_bindings(step.together[i].command, first + i + 1);
  }
  return text;
}

std::vector<ExportFile> export_finding(const model::Finding& finding, const std::optional<sim::Plan>& plan,
                                       const std::string& scenario_text) {
  std::vector<ExportFile> files;
  if (auto sql = sql_script(finding)) files.push_back({"story.sql", std::move(*sql)});
  if (!plan) return files;
  files.push_back({"story.sh", curl_script(*plan), true});
  if (sim::can_be_told(*plan)) {
    files.push_back({"story.json", story_scenario(finding, *plan)});
  } else {
    const nlohmann::ordered_json choices{{"scenario", finding.scenario},
                                         {"seed", std::to_string(finding.seed)},
                                         {"rule", finding.rule},
                                         {"choices", finding.choices}};
    files.push_back({"choices.json", choices.dump(2) + "\n"});
    if (!scenario_text.empty()) files.push_back({"scenario.json", scenario_text});
  }
  return files;
}

}  // namespace loadgen
