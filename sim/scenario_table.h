// The fields of a scenario as one table: the parser checks against it, the schema is printed from it, and the
// setters put each value where it belongs.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string_view>

#include "sim/scenario.h"

namespace sim {

enum class Shape : std::uint8_t {
  text,
  integer,
  number,
  boolean,
  range,
  choice,  // one of ScenarioField::choices
  text_list,
  race_list,
  number_list,
  object,
  object_list
};

struct ScenarioField {
  std::string_view name;
  Shape shape = Shape::text;
  bool required = false;
  double min = 0;  // numbers and both ends of a range: inclusive (number: exclusive); text: fewest characters
  double max = 0;
  std::string_view says;                     // one line of documentation
  std::span<const ScenarioField> members{};  // object, object_list
  void (*set)(Scenario&,
              const nlohmann::json&) = nullptr;  // object_list: called once per element, before members
  std::span<const std::string_view> choices{};
};

std::span<const ScenarioField> scenario_fields();
extern const ScenarioField kLoadField;  // the part "load" (scenario_load_table.cpp)

}  // namespace sim
