// Shorthands for the rows of the procedure table: a field by its kind. Only the files of that table include
// this.
#pragma once

#include "model/vocabulary/contract.h"

namespace model::fields {

using enum FieldType;

constexpr Field id(std::string_view name) {
  return {.name = name, .type = uuid};
}
constexpr Field maybe_id(std::string_view name) {
  return {.name = name, .type = uuid, .nullable = true};
}
constexpr Field text_of(std::string_view name, std::int64_t min, std::int64_t max) {
  return {.name = name, .type = text, .min = min, .max = max};
}
constexpr Field optional_text(std::string_view name, std::int64_t min, std::int64_t max) {
  return {.name = name, .type = text, .required = false, .min = min, .max = max};
}
constexpr Field key_of(std::string_view name, std::int64_t max, bool required = true) {
  return {.name = name, .type = key, .required = required, .min = 1, .max = max};
}
constexpr Field out_text(std::string_view name) {
  return {.name = name, .type = text};
}
constexpr Field maybe_text(std::string_view name) {
  return {.name = name, .type = text, .nullable = true};
}
constexpr Field out_int(std::string_view name) {
  return {.name = name, .type = integer};
}
constexpr Field maybe_int(std::string_view name) {
  return {.name = name, .type = integer, .nullable = true};
}
constexpr Field out_decimal(std::string_view name) {
  return {.name = name, .type = decimal};
}
constexpr Field maybe_decimal(std::string_view name) {
  return {.name = name, .type = decimal, .nullable = true};
}
constexpr Field out_bool(std::string_view name) {
  return {.name = name, .type = boolean};
}
constexpr Field at(std::string_view name) {
  return {.name = name, .type = instant};
}
constexpr Field maybe_at(std::string_view name) {
  return {.name = name, .type = instant, .nullable = true};
}
constexpr Field state_of(std::string_view name, std::span<const std::string_view> values) {
  return {.name = name, .type = one_of, .values = values};
}
constexpr Field part(std::string_view name, std::span<const Field> members) {
  return {.name = name, .type = object, .members = members};
}
constexpr Field maybe_part(std::string_view name, std::span<const Field> members) {
  return {.name = name, .type = object, .nullable = true, .members = members};
}
constexpr Field list_of(std::string_view name, std::span<const Field> members) {
  return {.name = name, .type = object_list, .members = members};
}

}  // namespace model::fields
