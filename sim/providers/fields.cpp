#include "sim/providers/fields.h"

#include <algorithm>
#include <utility>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

namespace sim::providers {

using nlohmann::json;

Fields::Fields(std::string_view body)
    : value_(std::make_unique<json>(body.empty() ? json::object() : json::parse(body, nullptr, false))) {
  if (!value_->is_object()) {
    *value_ = json::object();
    reject("body", "expected a JSON object");
  }
}
Fields::Fields(std::unique_ptr<json> value) : value_(std::move(value)) {}
Fields::Fields(Fields&&) noexcept = default;
Fields::~Fields() = default;

bool Fields::has(const char* name) const {
  return value_->contains(name) && !(*value_)[name].is_null();
}

const json* Fields::member(const char* name) {
  read_.emplace_back(name);
  return has(name) ? &(*value_)[name] : nullptr;
}

void Fields::reject(std::string field, std::string message) {
  if (!problem_) problem_ = FieldProblem{std::move(field), std::move(message)};
}

std::string Fields::text(const char* name) {
  const json* value = member(name);
  if (value != nullptr && value->is_string()) return value->get<std::string>();
  reject(name, "expected a string");
  return "";
}

std::string Fields::text(const char* name, std::string fallback) {
  if (!has(name)) {
    member(name);
    return fallback;
  }
  return text(name);
}

std::int64_t Fields::integer(const char* name, std::int64_t low, std::int64_t high, std::int64_t fallback) {
  const json* value = member(name);
  if (value == nullptr) return fallback;
  if (value->is_number_integer()) {
    const auto number = value->get<std::int64_t>();
    if (number >= low && number <= high) return number;
  }
  reject(name, fmt::format("expected an integer from {} to {}", low, high));
  return fallback;
}

bool Fields::flag(const char* name, bool fallback) {
  const json* value = member(name);
  if (value == nullptr) return fallback;
  if (value->is_boolean()) return value->get<bool>();
  reject(name, "expected true or false");
  return fallback;
}

int Fields::percent(const char* name) {
  const json* value = member(name);
  if (value == nullptr) return 0;
  if (value->is_boolean()) return value->get<bool>() ? 100 : 0;
  if (value->is_number_integer()) {
    const auto number = value->get<std::int64_t>();
    if (number >= 0 && number <= 100) return static_cast<int>(number);
  }
  reject(name, "expected true, false or a percentage from 0 to 100");
  return 0;
}

std::vector<std::string> Fields::texts(const char* name) {
  const json* value = member(name);
  const bool fits = value != nullptr && value->is_array() &&
                    std::ranges::all_of(*value, [](const json& entry) { return entry.is_string(); });
  if (fits) return value->get<std::vector<std::string>>();
  reject(name, "expected a list of strings");
  return {};
}

Fields Fields::object(const char* name) {
  const json* value = member(name);
  if (value != nullptr && !value->is_object()) reject(name, "expected an object");
  const bool usable = value != nullptr && value->is_object();
  return Fields(std::make_unique<json>(usable ? *value : json::object()));
}

std::string Fields::object_text(const char* name) {
  const json* value = member(name);
  if (value == nullptr) return "";
  if (!value->is_object()) reject(name, "expected an object");
  return value->dump();
}

void Fields::adopt(const Fields& inner, std::string_view prefix) {
  if (const auto problem = inner.problem())
    reject(fmt::format("{}.{}", prefix, problem->field), problem->message);
}

std::optional<FieldProblem> Fields::problem() const {
  if (problem_) return problem_;
  for (const auto& [name, value] : value_->items())
    if (std::ranges::find(read_, name) == read_.end()) return FieldProblem{name, "unknown field"};
  return std::nullopt;
}

}  // namespace sim::providers
