#include "loadgen/decode.h"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "loadgen/answer_facts.h"
#include "loadgen/instant_text.h"

namespace loadgen {

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

struct View {
  const json* value;  // null pointer: not there

  View member(std::string_view key) const { return {value == nullptr ? nullptr : at_path(*value, key)}; }
  bool is_null() const { return value == nullptr || value->is_null(); }
  std::optional<std::string_view> text() const {
    if (is_null() || !value->is_string()) return std::nullopt;
    return value->get_ref<const std::string&>();
  }
  std::optional<double> number() const {
    return is_null() || !value->is_number() ? std::nullopt : std::optional(value->get<double>());
  }
  bool is_true() const { return !is_null() && value->is_boolean() && value->get<bool>(); }
  void each(const auto& visit) const {
    if (is_null() || !value->is_array()) return;
    for (const json& element : *value) visit(View{&element});
  }
};

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
  const std::string_view bad = fault.list == nullptr ? fault.field->name : fault.list->name;
  if (named.substr(0, named.find_first_of(".[")) != bad) {
    breaches.push_back(fmt::format("error.data.field names \"{}\", the bad field is \"{}\"", named, bad));
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
  json& result = body["result"];
  data = result.is_object() && result.contains("data") ? std::move(result["data"]) : json();
  if (auto wrong = output_breach(model::procedure(command.action), data)) decoded.breaches.push_back(*wrong);
  in_one_zone(model::procedure(command.action).output, data);
  decoded.outcome = Outcome::accepted(answer_of(command.action, View{&data}));
  const bool eligible =
      command.action == model::Action::eligibility_check && View{&data}.member("eligible").is_true();
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
