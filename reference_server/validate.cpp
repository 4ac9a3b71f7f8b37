#include "reference_server/validate.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <nlohmann/json.hpp>

#include "model/vocabulary/limits.h"

namespace server {
namespace {

using model::Field;
using model::FieldType;
using Json = nlohmann::json;
using Fault = std::optional<std::string>;

constexpr std::size_t kMembersMax = 1000;  // safety-and-abuse.md §4, payload limits
constexpr std::size_t kNameShownMax = 64;  // of a client's own field name in an error

std::int64_t code_points(const std::string& text) {
  return std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

bool has_nul(const std::string& text) {
  return text.find('\0') != std::string::npos;
}

bool is_uuid(const std::string& text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : std::isxdigit(static_cast<unsigned char>(text[i])) == 0) return false;
  }
  return true;
}

bool is_sha256(const std::string& text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

bool is_listed(const Field& field, const Json& value) {
  return value.is_string() &&
         std::ranges::find(field.values, value.get_ref<const std::string&>()) != field.values.end();
}

bool is_one_or_many(const Field& field, const Json& value) {
  if (!value.is_array()) return is_listed(field, value);
  return !value.empty() && value.size() <= field.values.size() &&
         std::ranges::all_of(value, [&](const Json& each) { return is_listed(field, each); });
}

bool is_text_list(const Field& field, const Json& value) {
  if (!value.is_array()) return false;
  const auto count = static_cast<std::int64_t>(value.size());
  return count >= field.min && count <= field.max && std::ranges::all_of(value, [&](const Json& each) {
           if (!each.is_string()) return false;
           const auto& text = each.get_ref<const std::string&>();
           return !text.empty() && code_points(text) <= field.element_max && !has_nul(text);
         });
}

// Inputs have bounds; outputs are only checked for their kind.
bool in_bounds(const Field& field, double value, bool input) {
  return !input || (value >= static_cast<double>(field.min) && value <= static_cast<double>(field.max));
}

bool is_text(const Field& field, const Json& value, bool input) {
  if (!value.is_string()) return false;
  const auto& text = value.get_ref<const std::string&>();
  if (!input) return true;
  const auto length = code_points(text);
  return length >= field.min && length <= field.max && !has_nul(text);
}

bool is_printable(const Json& value) {
  return std::ranges::all_of(value.get_ref<const std::string&>(),
                             [](char c) { return c >= ' ' && c <= '~'; });
}

bool scalar_holds(const Field& field, const Json& value, bool input) {
  switch (field.type) {
    case FieldType::text:
      return is_text(field, value, input);
    case FieldType::key:
      return is_text(field, value, input) && (!input || is_printable(value));
    case FieldType::integer:
      return value.is_number_integer() && in_bounds(field, value.get<double>(), input);
    case FieldType::decimal:
      return value.is_number() && in_bounds(field, value.get<double>(), input);
    case FieldType::boolean:
      return value.is_boolean();
    case FieldType::instant:
      return value.is_string() && parse_instant(value.get_ref<const std::string&>()).has_value();
    case FieldType::uuid:
      return value.is_string() && is_uuid(value.get_ref<const std::string&>());
    case FieldType::sha256:
      return value.is_string() && is_sha256(value.get_ref<const std::string&>());
    case FieldType::one_of:
      return is_listed(field, value);
    case FieldType::one_or_many_of:
      return is_one_or_many(field, value);
    case FieldType::text_list:
      return is_text_list(field, value);
    case FieldType::object:
    case FieldType::object_list:
      return false;
  }
  return false;
}

Fault members_fault(std::span<const Field> fields, const Json& object, const std::string& prefix, bool input);

Fault field_fault(const Field& field, const Json& value, const std::string& name, bool input) {
  if (value.is_null()) return field.nullable && !input ? Fault{} : name;
  if (field.type == FieldType::object) return members_fault(field.members, value, name, input);
  if (field.type == FieldType::object_list) {
    if (!value.is_array()) return name;
    const auto count = static_cast<std::int64_t>(value.size());
    if (input && field.max > 0 && (count < field.min || count > field.max)) return name;
    for (const Json& each : value) {
      if (auto fault = members_fault(field.members, each, name, input)) return fault;
    }
    return {};
  }
  return scalar_holds(field, value, input) ? Fault{} : name;
}

Fault members_fault(std::span<const Field> fields, const Json& object, const std::string& prefix,
                    bool input) {
  if (!object.is_object()) return prefix.empty() ? "input" : prefix;
  const std::string lead = prefix.empty() ? "" : prefix + ".";
  std::size_t known = 0;
  for (const Field& field : fields) {
    std::string name = lead + std::string(field.name);
    const auto found = object.find(field.name);
    if (found == object.end()) {
      if (field.required) return name;
      continue;
    }
    ++known;
    if (auto fault = field_fault(field, *found, name, input)) return fault;
  }
  if (known == object.size()) return {};
  for (const auto& [key, value] : object.items()) {
    if (std::ranges::find(fields, std::string_view(key), &Field::name) == fields.end()) {
      return lead + (key.size() <= kNameShownMax ? key : "(unknown field)");
    }
  }
  return {};
}

// Depth and member count without building anything, so that a bomb costs one pass over its text.
bool within_json_limits(std::string_view text) {
  int depth = 0;
  std::size_t members = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      if (c == '"') quoted = false;
      continue;
    }
    if (c == '"') quoted = true;
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    if (c == ':' || c == ',') ++members;
    if (depth > model::limits::kJsonDepthMax || members > kMembersMax) return false;
  }
  return true;
}

// "[json.exception.parse_error.101] parse error at ..." without the library's name.
std::string parser_words(const char* what) {
  const std::string_view text = what;
  const auto end = text.find("] ");
  return std::string(end == std::string_view::npos ? text : text.substr(end + 2));
}

// Rules that join fields (api.md §1.1, §1.4, §1.5).
std::optional<Refusal> joint_fault(const model::Procedure& procedure, const Json& input, model::Instant now) {
  using model::Action;
  using model::Code;
  if (procedure.action == Action::task_create) {
    const bool live = input.value("mode", "STANDARD") == "LIVE";
    if (live && input["price"].get<std::int64_t>() < model::limits::kMinPriceLive)
      return refuse(Code::hx902, "price");
    const auto deadline = parse_instant(input["deadline"].get_ref<const std::string&>());
    if (!deadline || *deadline <= now) {
      return refuse(Code::validation_error, "deadline", "The deadline must be in the future.");
    }
  }
  if (procedure.action == Action::user_update_profile && input.empty()) {
    return refuse(Code::validation_error, "input", "At least one field is needed.");
  }
  if (procedure.action == Action::verification_initiate_background_check &&
      !input["consent_given"].get<bool>()) {
    return refuse(Code::validation_error, "consent_given", "A background check needs consent.");
  }
  if (procedure.action == Action::verification_resolve && input["decision"] == "verified") {
    const auto expires = parse_instant(input.value("expires_at", ""));
    if (!expires || *expires <= now) {
      return refuse(Code::validation_error, "expires_at", "A verified record expires in the future.");
    }
  }
  if (procedure.action == Action::feed_get && input.value("feed_mode", "") == "nearby" &&
      !input.contains("location")) {
    return refuse(Code::validation_error, "location", "The nearby feed needs a place.");
  }
  if (procedure.action == Action::dispute_resolve) {
    const bool split = input["resolution"] == "SPLIT";
    if (split != input.contains("split_percent")) {
      return refuse(Code::validation_error, "split_percent", "split_percent belongs exactly to SPLIT.");
    }
  }
  return {};
}

}  // namespace

std::expected<std::string, Refusal> validated_input(const model::Procedure& procedure,
                                                    const std::optional<std::string>& text,
                                                    model::Instant now) {
  using model::Code;
  Json input = Json::object();
  if (text) {
    if (!within_json_limits(*text)) {
      return std::unexpected(
          refuse(Code::validation_error, "input", "The input is nested too deep or too large."));
    }
    try {
      input = Json::parse(*text);
    } catch (const Json::parse_error& error) {
      return std::unexpected(refuse(Code::validation_error, "input", parser_words(error.what())));
    }
  } else if (!procedure.input_optional && !procedure.input.empty()) {
    return std::unexpected(refuse(Code::validation_error, "input", "The input is missing."));
  }
  if (const auto fault = members_fault(procedure.input, input, "", true)) {
    return std::unexpected(
        refuse(Code::validation_error, *fault, "The field \"" + *fault + "\" is invalid."));
  }
  if (const auto fault = joint_fault(procedure, input, now)) return std::unexpected(*fault);
  return input.dump();
}

std::optional<std::string> output_fault(const model::Procedure& procedure, std::string_view json) {
  const Json output = Json::parse(json, nullptr, false);
  if (output.is_discarded()) return "not JSON";
  if (output.is_null()) return procedure.output_nullable ? std::nullopt : Fault("null");
  return members_fault(procedure.output, output, "", false);
}

}  // namespace server
