// The procedure table (api.md §1.1-1.5): who may call what with which fields. It is walked, never re-typed:
// server validator, harness encoder and decoder, bad-input generator, TypeScript printer, documentation.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/vocabulary/access.h"
#include "model/vocabulary/command.h"

namespace model {

enum class FieldType : std::uint8_t {
  text,     // JSON string; min..max count Unicode code points
  key,      // text of printable ASCII, space to tilde (safety-and-abuse.md §4)
  integer,  // JSON number without fraction; min..max inclusive
  decimal,  // JSON number; min..max inclusive
  boolean,
  instant,         // ISO 8601 string with zone
  uuid,            // 8-4-4-4-12 hexadecimal string
  sha256,          // 64 lower-case hexadecimal digits
  one_of,          // a string out of `values`
  one_or_many_of,  // a string out of `values`, or a non-empty list of such strings
  text_list,       // list of non-empty strings; min..max items, each at most `element_max` code points
  object,          // members
  object_list,     // list of objects
};

struct Field {
  std::string_view name;
  FieldType type = FieldType::text;
  bool required = true;   // input: must be present; output: always present
  bool nullable = false;  // output only: null is a value; inputs never accept null
  std::int64_t min = 0;
  std::int64_t max = 0;
  std::span<const std::string_view> values{};
  std::span<const Field> members{};
  std::int64_t element_max = 0;
  // Input: api.md does not name it, so no other server need know it, and plans leave it out.
  bool added = false;
};

enum class Kind : std::uint8_t { query, mutation };

struct Procedure {
  Action action;
  std::string_view name;
  Kind kind;
  std::span<const Field> input;
  bool input_optional = false;  // every field optional, so the input itself may be left out
  std::span<const Field> output;
  bool output_nullable = false;             // the whole answer may be null
  access::Roles who = access::unspecified;  // who may call it: everybody else is refused with HX503
};

std::span<const Procedure> all_procedures();  // index = static_cast<size_t>(Action)
const Procedure& procedure(Action action);    // only for is_procedure(action)
const Procedure* find_procedure(
    std::string_view name);  // accepts the alias "v1." (decision 21); nullptr if unknown

// Ways to spoil one field of an otherwise valid input. Every one must be answered with VALIDATION_ERROR.
enum class FaultKind : std::uint8_t {
  missing,
  null_value,
  wrong_type,
  too_short,
  too_long,
  below_minimum,
  above_maximum,
  fraction,
  not_in_list,
  bad_uuid,
  bad_checksum,
  bad_instant,
  empty_list,
  long_list,
  unknown_field,
  not_an_object,
  unprintable
};

struct InputFault {
  FaultKind kind;
  const Field* field = nullptr;  // null for unknown_field and not_an_object
  const Field* list = nullptr;   // the list of objects in whose first element `field` is; null: in the input
};

// All faults of a procedure, derived from its fields. Command::input_fault counts from 1 into this list.
const std::vector<InputFault>& input_faults(Action action);
std::string_view name(FaultKind kind);

}  // namespace model
