#include "cli/contract.h"

#include <array>
#include <CLI/CLI.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/arguments.h"
#include "model/vocabulary/contract.h"
#include "model/vocabulary/typescript.h"

namespace cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 11> kTypeNames{"text",      "integer", "decimal",    "boolean",
                                                      "instant",   "uuid",    "one_of",     "one_or_many_of",
                                                      "text_list", "object",  "object_list"};

std::string_view name_of(model::FieldType type) {
  return kTypeNames.at(static_cast<std::size_t>(type));
}
std::string_view name_of(model::Kind kind) {
  return kind == model::Kind::query ? "query" : "mutation";
}

Json fields_json(std::span<const model::Field> fields, bool input) {
  Json list = Json::array();
  for (const model::Field& field : fields) {
    Json each{{"name", field.name}, {"type", name_of(field.type)}, {"required", field.required}};
    if (field.nullable) each["nullable"] = true;
    if (input && field.max != 0) {
      each["min"] = field.min;
      each["max"] = field.max;
    }
    if (input && field.element_max != 0) each["element_max"] = field.element_max;
    for (const std::string_view value : field.values) each["values"].push_back(value);
    if (!field.members.empty()) each["members"] = fields_json(field.members, input);
    list.push_back(std::move(each));
  }
  return list;
}

std::string as_json() {
  Json procedures = Json::array();
  for (const model::Procedure& procedure : model::all_procedures()) {
    procedures.push_back({{"name", procedure.name},
                          {"kind", name_of(procedure.kind)},
                          {"input_optional", procedure.input_optional},
                          {"input", fields_json(procedure.input, true)},
                          {"output_nullable", procedure.output_nullable},
                          {"output", fields_json(procedure.output, false)}});
  }
  return Json{{"procedures", std::move(procedures)}}.dump(2) + "\n";
}

std::string cell(const model::Field& field, bool input) {
  std::string text =
      std::string(field.name) + (field.required ? "" : "?") + " " + std::string(name_of(field.type));
  if (input && field.max != 0) text += " " + std::to_string(field.min) + "..." + std::to_string(field.max);
  if (!field.values.empty()) {
    text += " (";
    for (const std::string_view value : field.values)
      text += (text.back() == '(' ? "" : ", ") + std::string(value);
    text += ")";
  }
  if (!field.members.empty()) {
    text += " {";
    for (const model::Field& member : field.members)
      text += (text.back() == '{' ? "" : "; ") + cell(member, input);
    text += "}";
  }
  return field.nullable ? text + " or null" : text;
}

std::string cells(std::span<const model::Field> fields, bool input) {
  std::string text;
  for (const model::Field& field : fields) text += (text.empty() ? "" : "; ") + cell(field, input);
  return text.empty() ? "nothing" : text;
}

std::string as_markdown() {
  std::string text = "| Procedure | Kind | Input | Output |\n|---|---|---|---|\n";
  for (const model::Procedure& procedure : model::all_procedures()) {
    text += "| " + std::string(procedure.name) + " | " + std::string(name_of(procedure.kind)) + " | " +
            cells(procedure.input, true) + " | " + cells(procedure.output, false) +
            (procedure.output_nullable ? ", or null" : "") + " |\n";
  }
  return text;
}

}  // namespace

int run_contract(const std::vector<std::string>& arguments) {
  CLI::App app(
      "The procedure table of the marketplace: the default is an AppRouter type for @trpc/client 11.",
      "hustle contract");
  bool typescript = false;
  bool json = false;
  bool markdown = false;
  auto* form = app.add_option_group("form");
  form->add_flag("--typescript", typescript, "a module with the type AppRouter (the default)");
  form->add_flag("--json", json, "the table with every field and limit");
  form->add_flag("--markdown", markdown, "the table for readers");
  form->require_option(0, 1);
  if (const auto code = parse_arguments(app, arguments)) return *code;
  const std::string text = json ? as_json() : markdown ? as_markdown() : model::typescript_router();
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() ? 0 : 3;
}

}  // namespace cli
