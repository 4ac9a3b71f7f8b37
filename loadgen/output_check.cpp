// Outputs against the contract table, generically.
#include <fmt/format.h>
#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "loadgen/decode.h"

namespace loadgen {

using model::Field;
using model::FieldType;
using nlohmann::json;

namespace {

std::optional<std::string> members_breach(std::span<const Field> fields, const json& value,
                                          const std::string& path);

bool is_uuid(const std::string& text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : std::isxdigit(static_cast<unsigned char>(text[i])) == 0) return false;
  }
  return true;
}

bool is_sha256(const json& value) {
  if (!value.is_string()) return false;
  const auto& text = value.get_ref<const std::string&>();
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

// YYYY-MM-DDTHH:MM:SS[.fraction](Z|±HH:MM)
bool is_instant(const std::string& text) {
  constexpr std::string_view kShape = "dddd-dd-ddTdd:dd:dd";
  if (text.size() <= kShape.size()) return false;
  for (std::size_t i = 0; i < kShape.size(); ++i) {
    const bool digit = std::isdigit(static_cast<unsigned char>(text[i])) != 0;
    if (kShape[i] == 'd' ? !digit : text[i] != kShape[i]) return false;
  }
  std::size_t at = kShape.size();
  if (text[at] == '.') {
    for (++at; at < text.size() && std::isdigit(static_cast<unsigned char>(text[at])) != 0;) ++at;
  }
  return std::string_view(text).substr(at) == "Z" ||
         (text.size() - at == 6 && (text[at] == '+' || text[at] == '-'));
}

std::string breach(const std::string& path, std::string_view expected, const json& got) {
  std::string shown = got.dump();
  if (shown.size() > 60) shown = shown.substr(0, 57) + "...";
  return fmt::format("{}: expected {}, got {}", path, expected, shown);
}

// Paths and sentences are made only for what is wrong: load checks answers by the thousand.
std::optional<std::string> list_breach(const Field& field, const json& value, const std::string& path) {
  if (!value.is_array()) return breach(path, "a list", value);
  for (std::size_t i = 0; i < value.size(); ++i) {
    const auto element = [&] { return fmt::format("{}[{}]", path, i); };
    if (field.type == FieldType::text_list) {
      if (!value[i].is_string()) return breach(element(), "a text", value[i]);
    } else if (auto wrong = members_breach(field.members, value[i], element())) {
      return wrong;
    }
  }
  return std::nullopt;
}

bool is_one_of(const Field& field, const json& value) {
  return value.is_string() &&
         std::ranges::find(field.values, value.get_ref<const std::string&>()) != field.values.end();
}

bool has_members(FieldType type) {
  return type == FieldType::object || type == FieldType::text_list || type == FieldType::object_list;
}

// What a value without members ought to be; nothing when it is.
std::optional<std::string> wanted(const Field& field, const json& value) {
  const auto expect = [](bool right, const char* what) {
    return right ? std::nullopt : std::optional<std::string>(what);
  };
  switch (field.type) {
    case FieldType::text:
    case FieldType::key:
      return expect(value.is_string(), "a text");
    case FieldType::integer:
      return expect(value.is_number_integer(), "an integer");
    case FieldType::decimal:
      return expect(value.is_number(), "a number");
    case FieldType::boolean:
      return expect(value.is_boolean(), "true or false");
    case FieldType::instant:
      return expect(value.is_string() && is_instant(value.get_ref<const std::string&>()),
                    "an ISO 8601 time with zone");
    case FieldType::uuid:
      return expect(value.is_string() && is_uuid(value.get_ref<const std::string&>()), "a UUID");
    case FieldType::one_of:
    case FieldType::one_or_many_of:
      if (is_one_of(field, value)) return std::nullopt;
      return fmt::format("one of {}", fmt::join(field.values, ", "));
    case FieldType::sha256:
      return expect(is_sha256(value), "64 lower-case hexadecimal digits");
    case FieldType::object:
    case FieldType::text_list:
    case FieldType::object_list:
      return std::nullopt;
  }
  return std::nullopt;
}

std::optional<std::string> members_breach(std::span<const Field> fields, const json& value,
                                          const std::string& path) {
  if (!value.is_object()) return breach(path.empty() ? "result" : path, "an object", value);
  for (const Field& field : fields) {
    const auto where = [&] {
      return path.empty() ? std::string(field.name) : fmt::format("{}.{}", path, field.name);
    };
    const auto found = value.find(field.name);
    if (found == value.end()) {
      if (field.required) return fmt::format("{}: missing", where());
      continue;
    }
    if (found->is_null()) {
      if (!field.nullable) return breach(where(), "a value", *found);
      continue;
    }
    if (const auto expected = wanted(field, *found)) return breach(where(), *expected, *found);
    if (!has_members(field.type)) continue;
    auto wrong = field.type == FieldType::object ? members_breach(field.members, *found, where())
                                                 : list_breach(field, *found, where());
    if (wrong) return wrong;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> output_breach(const model::Procedure& procedure, const json& data) {
  if (data.is_null() && procedure.output_nullable) return std::nullopt;
  return members_breach(procedure.output, data, "");
}

}  // namespace loadgen
