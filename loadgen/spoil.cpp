// One generic way to break each kind of field, derived from the contract like the list of faults itself.
#include <nlohmann/json.hpp>

#include "loadgen/encode.h"

namespace loadgen {

using model::FaultKind;
using model::FieldType;
using nlohmann::json;

namespace {

json of_wrong_type(FieldType type) {
  switch (type) {
    case FieldType::text:
    case FieldType::key:
    case FieldType::instant:
    case FieldType::uuid:
    case FieldType::sha256:
    case FieldType::one_of:
    case FieldType::one_or_many_of:
      return 12345;
    case FieldType::integer:
    case FieldType::decimal:
      return "1500";
    case FieldType::boolean:
      return "yes";
    case FieldType::text_list:
      return "not a list";
    case FieldType::object:
    case FieldType::object_list:
      return "not an object";
  }
  return nullptr;
}

std::string text_of_length(std::int64_t length) {
  return std::string(static_cast<std::size_t>(length), 'x');
}

}  // namespace

void spoil(json& input, const model::InputFault& fault) {
  json& holder = fault.list == nullptr ? input : input[std::string(fault.list->name)].at(0);
  const auto field = [&]() -> json& { return holder[std::string(fault.field->name)]; };
  switch (fault.kind) {
    case FaultKind::missing:
      holder.erase(std::string(fault.field->name));
      break;
    case FaultKind::null_value:
      field() = nullptr;
      break;
    case FaultKind::wrong_type:
      field() = of_wrong_type(fault.field->type);
      break;
    case FaultKind::too_short:
      field() = text_of_length(fault.field->min - 1);
      break;
    case FaultKind::too_long:
      field() = text_of_length(fault.field->max + 1);
      break;
    case FaultKind::below_minimum:
      field() = fault.field->min - 1;
      input.erase("mode");  // a low price of a LIVE task has a code of its own (HX902)
      break;
    case FaultKind::above_maximum:
      field() = fault.field->max + 1;
      break;
    case FaultKind::fraction:
      field() = static_cast<double>(fault.field->min) + 1000.5;
      break;
    case FaultKind::not_in_list:
      field() = "NOT_IN_THE_LIST";
      break;
    case FaultKind::bad_uuid:
      field() = "not-a-uuid";
      break;
    case FaultKind::bad_checksum:
      field() = std::string(64, 'Z');
      break;
    case FaultKind::bad_instant:
      field() = "tomorrow";
      break;
    case FaultKind::empty_list:
      field() = json::array();
      break;
    case FaultKind::long_list:
      field() = fault.field->type == FieldType::object_list
                    ? json(static_cast<std::size_t>(fault.field->max) + 1, field().at(0))
                    : json(static_cast<std::size_t>(fault.field->max) + 1, "proofs/too/many.jpg");
      break;
    case FaultKind::unknown_field:
      input["surprise"] = true;
      break;
    case FaultKind::not_an_object:
      input = json::array({1, 2});
      break;
    case FaultKind::unprintable:
      field() = "key\t1";
      break;
  }
}

}  // namespace loadgen
