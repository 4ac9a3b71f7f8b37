#include "loadgen/decode.h"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "model/rules/answers.h"

namespace loadgen {

using model::Answer;
using model::AnswerField;
using model::Code;
using model::Command;
using model::Outcome;
using nlohmann::json;

namespace {

// Texts of PostgreSQL, its drivers, and stack traces of the usual runtimes.
constexpr std::array<std::string_view, 14> kDriverTexts{"SQLSTATE",
                                                        "duplicate key value",
                                                        "violates check constraint",
                                                        "violates foreign key",
                                                        "violates not-null",
                                                        "PL/pgSQL",
                                                        "libpq",
                                                        "pqxx",
                                                        "pg_catalog",
                                                        "deadlock detected",
                                                        "could not serialize",
                                                        "syntax error at or near",
                                                        "node_modules",
                                                        "Traceback (most recent"};

const json* at_path(const json& data, std::string_view path) {
  const json* value = &data;
  while (!path.empty()) {
    const std::size_t dot = path.find('.');
    const auto found = value->is_object() ? value->find(path.substr(0, dot)) : value->end();
    if (!value->is_object() || found == value->end() || found->is_null()) return nullptr;
    value = &*found;
    path = dot == std::string_view::npos ? std::string_view{} : path.substr(dot + 1);
  }
  return value;
}

template <class Enum, std::size_t N>
std::optional<Enum> state_in(const std::array<std::string_view, N>& names, const json& value) {
  return value.is_string() ? model::value_of<Enum>(names, value.get_ref<const std::string&>()) : std::nullopt;
}

std::int32_t number_in(const json& value) {
  return value.is_number() ? value.get<std::int32_t>() : -1;
}

template <std::size_t N>
std::int32_t index_in(const std::array<std::string_view, N>& names, const json& value) {
  const auto found =
      value.is_string() ? std::ranges::find(names, value.get_ref<const std::string&>()) : names.end();
  return found == names.end() ? -1 : static_cast<std::int32_t>(found - names.begin());
}

bool is_true(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

std::int32_t capability_in(const json& profile) {
  unsigned clearance = 0, here = 0, elsewhere = 0;
  const json none = json::array();
  for (const json& level : profile.value("risk_clearance", none)) {
    const std::int32_t index = index_in(model::kRiskNames, level);
    if (index >= 0) clearance |= 1U << static_cast<unsigned>(index);
  }
  for (const json& trade : profile.value("verified_trades", none)) {
    const std::int32_t index = index_in(model::kTradeNames, trade.value("trade", json()));
    if (index <= 0) continue;
    const bool home = trade.value("state", "") == profile.value("location_state", "-");
    (home ? here : elsewhere) |= 1U << static_cast<unsigned>(index);
  }
  return model::capability_bits(clearance, is_true(profile, "insurance_valid"),
                                is_true(profile, "background_check_valid"), here, elsewhere);
}

std::int32_t failed_checks_in(const json& answer) {
  std::int32_t failed = 0;
  for (const json& check : answer.value("checks", json::array())) {
    const std::int32_t index = index_in(model::kEligibilityCheckNames, check.value("name", json()));
    if (index >= 0 && !is_true(check, "passed")) failed |= 1 << index;
  }
  return failed;
}

std::int32_t records_in(const json& answer, std::string_view status) {
  std::int32_t count = 0;
  const auto look = [&](const json& record) { count += record.value("status", "") == status ? 1 : 0; };
  for (const char* list : {"licenses", "insurance"}) {
    for (const json& record : answer.value(list, json::array())) look(record);
  }
  if (const auto check = answer.find("background_check"); check != answer.end() && check->is_object())
    look(*check);
  return count;
}

void fill(Answer& answer, AnswerField field, const json& value) {
  switch (field) {
    case AnswerField::task:
      answer.task = state_in<model::TaskState>(model::kTaskStateNames, value);
      break;
    case AnswerField::escrow:
      answer.escrow = state_in<model::EscrowState>(model::kEscrowStateNames, value);
      break;
    case AnswerField::proof:
      answer.proof = state_in<model::ProofState>(model::kProofStateNames, value);
      break;
    case AnswerField::dispute:
      answer.dispute = state_in<model::DisputeState>(model::kDisputeStateNames, value);
      break;
    case AnswerField::resolution:
      answer.resolution = state_in<model::Resolution>(model::kResolutionNames, value);
      break;
    case AnswerField::amount:
      answer.amount = value.is_number() ? value.get<std::int64_t>() : -1;
      break;
    case AnswerField::base_xp:
      answer.base_xp = number_in(value);
      break;
    case AnswerField::multiplier_percent:
      answer.multiplier_percent =
          value.is_number() ? static_cast<std::int32_t>(std::lround(value.get<double>() * 100)) : -1;
      break;
    case AnswerField::effective_xp:
      answer.effective_xp = number_in(value);
      break;
    case AnswerField::xp_total:
      answer.xp_total = number_in(value);
      break;
    case AnswerField::level:
      answer.level = number_in(value);
      break;
    case AnswerField::streak:
      answer.streak = number_in(value);
      break;
    case AnswerField::tier:
      answer.tier = number_in(value);
      break;
    case AnswerField::badges:
      answer.badges = number_in(value);
      break;
    case AnswerField::capability:
      answer.capability = capability_in(value);
      break;
    case AnswerField::failed_checks:
      answer.failed_checks = failed_checks_in(value);
      break;
    case AnswerField::verifications:
      answer.verified = records_in(value, "verified");
      answer.waiting = records_in(value, "pending");
      break;
    case AnswerField::phase:
      answer.phase = index_in(model::kOnboardingPhaseNames, value);
      break;
    case AnswerField::absent:
      break;  // decided by answer_of
  }
}

Answer answer_of(model::Action action, const json& data) {
  Answer answer;
  for (const model::AnswerRow& row : model::kAnswerFields) {
    if (row.action != action) continue;
    if (row.field == AnswerField::absent) {
      answer.absent = data.is_null();
    } else if (const json* value = at_path(data, row.path)) {
      fill(answer, row.field, *value);
    }
  }
  return answer;
}

// The envelope of a refusal; what it lacks goes into `breaches`.
Code refusal_in(const json& error, int status, std::vector<std::string>& breaches) {
  const json data = error.value("data", json::object());
  if (!error.contains("code") || !error["code"].is_number_integer())
    breaches.emplace_back("error.code is not a number");
  if (!error.contains("message") || !error["message"].is_string())
    breaches.emplace_back("error.message is not a text");
  const auto text = [&](const char* key) {
    const auto found = data.is_object() ? data.find(key) : data.end();
    return data.is_object() && found != data.end() && found->is_string() ? found->get<std::string>()
                                                                         : std::string();
  };
  const std::string hx = text("hx");
  const std::optional<Code> code = hx.empty() ? std::nullopt : model::code_of(hx);
  if (!code) {
    breaches.push_back(fmt::format("error.data.hx is not a known code: \"{}\"", hx));
    return Code::internal_error;
  }
  const model::CodeFacts& facts = model::facts(*code);
  if (facts.http != status)
    breaches.push_back(fmt::format("{} travelled with HTTP {}, expected {}", hx, status, facts.http));
  if (data.value("httpStatus", json(0)) != json(status))
    breaches.emplace_back("error.data.httpStatus differs from the HTTP status");
  if (error.contains("code") && error["code"].is_number_integer() &&
      error["code"].get<int>() != facts.number) {
    breaches.push_back(
        fmt::format("{} travelled with error.code {}, expected {}", hx, error["code"].dump(), facts.number));
  }
  if (text("code") != facts.trpc)
    breaches.push_back(fmt::format("{} travelled with error.data.code {}", hx, text("code")));
  return *code;
}

// A validation error names the field that was spoiled (error-codes.md §3).
void check_field(const Command& command, const json& error, std::vector<std::string>& breaches) {
  if (command.input_fault == 0 || command.credential != model::Credential::valid) return;
  const model::InputFault& fault = model::input_faults(command.action).at(command.input_fault - 1U);
  const json* field = at_path(error, "data.field");
  if (fault.field == nullptr || field == nullptr || !field->is_string()) return;
  const std::string named = field->get<std::string>();
  if (named.substr(0, named.find_first_of(".[")) != fault.field->name) {
    breaches.push_back(
        fmt::format("error.data.field names \"{}\", the bad field is \"{}\"", named, fault.field->name));
  }
}

void check_common(const net::Response& response, std::vector<std::string>& breaches) {
  if (response.status >= 500) breaches.push_back(fmt::format("HTTP {}", response.status));
  if (const auto leaked = leaked_text(response.body))
    breaches.push_back("the answer leaks internal text: " + *leaked);
}

}  // namespace

std::optional<std::string> leaked_text(const std::string& body) {
  for (const std::string_view marker : kDriverTexts) {
    if (body.find(marker) != std::string::npos) return std::string(marker);
  }
  return std::nullopt;
}

Decoded decode(const Command& command, const net::Response& response, json& data) {
  Decoded decoded;
  check_common(response, decoded.breaches);
  json body = json::parse(response.body, nullptr, false);
  if (!body.is_object() || body.contains("result") == body.contains("error")) {
    decoded.breaches.emplace_back("the body is neither a result nor an error of tRPC");
    return decoded;
  }
  if (body.contains("error")) {
    const json& error = body["error"];
    if (!error.is_object()) {
      decoded.breaches.emplace_back("error is not an object");
      return decoded;
    }
    const Code code = refusal_in(error, response.status, decoded.breaches);
    if (code == Code::validation_error) check_field(command, error, decoded.breaches);
    if (response.status < 500) decoded.outcome = Outcome::refused(code);
    return decoded;
  }
  if (response.status != 200)
    decoded.breaches.push_back(fmt::format("a result travelled with HTTP {}", response.status));
  data = body["result"].is_object() ? body["result"].value("data", json()) : json();
  if (auto wrong = output_breach(model::procedure(command.action), data)) decoded.breaches.push_back(*wrong);
  decoded.outcome = Outcome::accepted(answer_of(command.action, data));
  const bool eligible =
      command.action == model::Action::eligibility_check && data.is_object() && is_true(data, "eligible");
  if (command.action == model::Action::eligibility_check &&
      eligible != (decoded.outcome.answer.failed_checks == 0)) {
    decoded.breaches.emplace_back("eligible: contradicts checks");
  }
  return decoded;
}

Decoded decode_plain(const Command& command, const net::Response& response) {
  Decoded decoded;
  check_common(response, decoded.breaches);
  const bool webhook = command.action == model::Action::webhook_deliver;
  if (response.status == 200) {
    decoded.outcome = Outcome::accepted();
  } else if (webhook && response.status == 400) {
    decoded.outcome = Outcome::refused(Code::bad_signature);
  } else if (response.status < 500) {
    decoded.breaches.push_back(
        fmt::format("HTTP {}, expected 200{}", response.status, webhook ? ", 400 or 500" : ""));
  }
  return decoded;
}

}  // namespace loadgen
