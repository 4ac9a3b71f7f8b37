#include <array>

#include "model/vocabulary/contract.h"

namespace model {
namespace {

using enum FieldType;

void add_faults_of(const Field& field, const Field* list, std::vector<InputFault>& faults) {
  using enum FaultKind;
  const auto add = [&](FaultKind kind) { faults.push_back({kind, &field, list}); };
  if (field.required) add(missing);
  add(null_value);
  add(wrong_type);
  switch (field.type) {
    case key:
      add(unprintable);
      [[fallthrough]];
    case text:
      if (field.min > 0) add(too_short);
      add(too_long);
      break;
    case integer:
      add(below_minimum);
      add(above_maximum);
      add(fraction);
      break;
    case decimal:
      add(below_minimum);
      add(above_maximum);
      break;
    case instant:
      add(bad_instant);
      break;
    case uuid:
      add(bad_uuid);
      break;
    case sha256:
      add(bad_checksum);
      break;
    case one_of:
    case one_or_many_of:
      add(not_in_list);
      break;
    case text_list:
      if (field.min > 0) add(empty_list);
      add(long_list);
      break;
    case object_list:
      if (field.min > 0) add(empty_list);
      if (field.max > 0) add(long_list);
      if (field.min == 0) break;  // it may be empty: nothing to spoil
      for (const Field& member : field.members) add_faults_of(member, &field, faults);
      break;
    case boolean:
    case object:
      break;
  }
}

std::vector<InputFault> faults_of(const Procedure& procedure) {
  std::vector<InputFault> faults;
  for (const Field& field : procedure.input) {
    if (!field.added) add_faults_of(field, nullptr, faults);
  }
  if (!procedure.input_optional) faults.push_back({FaultKind::not_an_object, nullptr});
  faults.push_back({FaultKind::unknown_field, nullptr});
  return faults;
}

}  // namespace

const std::vector<InputFault>& input_faults(Action action) {
  static const std::vector<std::vector<InputFault>> kAll = [] {
    std::vector<std::vector<InputFault>> all;
    for (const Procedure& each : all_procedures()) all.push_back(faults_of(each));
    return all;
  }();
  return kAll.at(static_cast<std::size_t>(action));
}

std::string_view name(FaultKind kind) {
  constexpr std::array<std::string_view, 17> kNames{
      "missing",       "null",      "wrong type",    "too short",     "too long",     "below minimum",
      "above maximum", "fraction",  "not in list",   "bad uuid",      "bad checksum", "bad instant",
      "empty list",    "long list", "unknown field", "not an object", "unprintable"};
  return kNames[static_cast<std::size_t>(kind)];
}

}  // namespace model
