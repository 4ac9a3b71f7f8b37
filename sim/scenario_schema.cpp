#include <nlohmann/json.hpp>

#include "sim/scenario.h"
#include "sim/scenario_table.h"

namespace sim {
namespace {

using nlohmann::ordered_json;

ordered_json object_schema(std::span<const ScenarioField> fields);

ordered_json integer_schema(const ScenarioField& field) {
  return {{"type", "integer"},
          {"minimum", static_cast<std::int64_t>(field.min)},
          {"maximum", static_cast<std::int64_t>(field.max)}};
}

ordered_json field_schema(const ScenarioField& field) {
  ordered_json schema;
  switch (field.shape) {
    case Shape::text:
      schema = {{"type", "string"},
                {"minLength", static_cast<int>(field.min)},
                {"maxLength", static_cast<int>(field.max)}};
      break;
    case Shape::integer:
      schema = integer_schema(field);
      break;
    case Shape::number:
      schema = {{"type", "number"},
                {"exclusiveMinimum", static_cast<int>(field.min)},
                {"maximum", static_cast<int>(field.max)}};
      break;
    case Shape::boolean:
      schema = {{"type", "boolean"}};
      break;
    case Shape::range:
      schema = {{"type", "object"},
                {"properties", {{"min", integer_schema(field)}, {"max", integer_schema(field)}}},
                {"required", {"min", "max"}},
                {"additionalProperties", false}};
      break;
    case Shape::choice:
      schema = {{"enum", field.choices}};
      break;
    case Shape::text_list:
      schema = {{"type", "array"}, {"items", {{"type", "string"}}}};
      break;
    case Shape::race_list:
      schema = {{"type", "array"}, {"items", {{"enum", kRaceNames}}}};
      break;
    case Shape::number_list:
      schema = {{"type", "array"}, {"items", integer_schema(field)}, {"minItems", 1}};
      break;
    case Shape::object:
      schema = object_schema(field.members);
      break;
    case Shape::object_list:
      schema = {{"type", "array"}, {"items", object_schema(field.members)}};
      break;
  }
  schema["description"] = field.says;
  return schema;
}

ordered_json object_schema(std::span<const ScenarioField> fields) {
  ordered_json properties = ordered_json::object();
  ordered_json required = ordered_json::array();
  for (const ScenarioField& field : fields) {
    properties[std::string(field.name)] = field_schema(field);
    if (field.required) required.push_back(field.name);
  }
  ordered_json schema{{"type", "object"}, {"properties", properties}};
  if (!required.empty()) schema["required"] = required;
  schema["additionalProperties"] = false;
  return schema;
}

}  // namespace

std::string scenario_schema() {
  ordered_json schema{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                      {"title", "Hustle scenario"}};
  schema.update(object_schema(scenario_fields()));
  schema["anyOf"] = {{{"required", {"steps"}}}, {{"required", {"load"}}}};
  return schema.dump(2) + "\n";
}

}  // namespace sim
