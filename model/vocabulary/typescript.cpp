#include "model/vocabulary/typescript.h"

#include <set>
#include <span>
#include <string_view>

#include "model/vocabulary/codes.h"
#include "model/vocabulary/contract.h"

namespace model {
namespace {

constexpr std::string_view kHead =
    "// Printed by `hustle contract --typescript` from the contract table. Types only, no runtime code.\n"
    "import type { TRPCBuiltRouter, TRPCDefaultErrorData, TRPCErrorShape, TRPCMutationProcedure, "
    "TRPCQueryProcedure } from '@trpc/server';\n\n";

constexpr std::string_view kRoot =
    "/** What error.data holds beside tRPC's own members. */\n"
    "export type HustleErrorData = TRPCDefaultErrorData & { hx: HxCode; field?: string; zodError?: {\n"
    "  formErrors: string[]; fieldErrors: Record<string, string[]> } };\n\n"
    "type ErrorShape = TRPCErrorShape<HustleErrorData>;\n"
    "type Root = { ctx: object; meta: object; errorShape: ErrorShape; transformer: false };\n"
    "type Query<I, O> = TRPCQueryProcedure<{ meta: object; input: I; output: O; errorShape: ErrorShape }>;\n"
    "type Mutation<I, O> = TRPCMutationProcedure<{ meta: object; input: I; output: O; errorShape: ErrorShape "
    "}>;\n\n";

std::string quoted(std::string_view text) {
  return "'" + std::string(text) + "'";
}

std::string alternatives(std::span<const std::string_view> values) {
  std::string text;
  for (const std::string_view value : values) text += (text.empty() ? "" : " | ") + quoted(value);
  return text;
}

std::string object_type(std::span<const Field> fields, bool input, const std::string& indent);

std::string type_of(const Field& field, bool input, const std::string& indent) {
  switch (field.type) {
    case FieldType::text:
    case FieldType::key:
    case FieldType::instant:
    case FieldType::uuid:
    case FieldType::sha256:
      return "string";
    case FieldType::integer:
    case FieldType::decimal:
      return "number";
    case FieldType::boolean:
      return "boolean";
    case FieldType::one_of:
      return alternatives(field.values);
    case FieldType::one_or_many_of: {
      const std::string one = alternatives(field.values);
      return one + " | (" + one + ")[]";
    }
    case FieldType::text_list:
      return "string[]";
    case FieldType::object:
      return object_type(field.members, input, indent + "  ");
    case FieldType::object_list:
      return object_type(field.members, input, indent + "  ") + "[]";
  }
  return "never";
}

// What the type cannot say: lengths, ranges, formats.
std::string remark_on(const Field& field, bool input) {
  const std::string range = std::to_string(field.min) + " to " + std::to_string(field.max);
  switch (field.type) {
    case FieldType::instant:
      return "ISO 8601 with zone";
    case FieldType::uuid:
      return "UUID";
    case FieldType::sha256:
      return "SHA-256, 64 lower-case hexadecimal digits";
    case FieldType::text:
      return input ? range + " characters" : "";
    case FieldType::key:
      return input ? range + " printable ASCII characters" : "";
    case FieldType::integer:
      return input ? "whole number, " + range : "whole number";
    case FieldType::decimal:
      return input ? range : "";
    case FieldType::text_list:
      return input ? range + " items, each 1 to " + std::to_string(field.element_max) + " characters" : "";
    case FieldType::boolean:
    case FieldType::one_of:
    case FieldType::one_or_many_of:
    case FieldType::object:
    case FieldType::object_list:
      return "";
  }
  return "";
}

std::string object_type(std::span<const Field> fields, bool input, const std::string& indent) {
  std::string text = "{\n";
  for (const Field& field : fields) {
    const std::string remark = remark_on(field, input);
    if (!remark.empty()) text.append(indent).append("  /** ").append(remark).append(" */\n");
    text.append(indent).append("  ").append(field.name).append(field.required ? ": " : "?: ");
    text.append(type_of(field, input, indent)).append(field.nullable ? " | null" : "").append(";\n");
  }
  return text + indent + "}";
}

std::string input_type(const Procedure& procedure, const std::string& indent) {
  if (procedure.input.empty()) return "void | Record<string, never>";
  return object_type(procedure.input, true, indent) + (procedure.input_optional ? " | void" : "");
}

std::string procedure_type(const Procedure& procedure, const std::string& indent) {
  const std::string kind = procedure.kind == Kind::query ? "Query" : "Mutation";
  return kind + "<" + input_type(procedure, indent) + ", " + object_type(procedure.output, false, indent) +
         (procedure.output_nullable ? " | null" : "") + ">";
}

std::string code_union() {
  std::set<std::string_view> names;
  for (const CodeFacts& code : all_codes()) {
    if (!code.hx.empty() && code.code != Code::bad_signature) names.insert(code.hx);
  }
  std::string text = "/** The machine code in error.data.hx. */\nexport type HxCode =";
  for (const std::string_view name : names) text += "\n  | " + quoted(name);
  return text + ";\n\n";
}

}  // namespace

std::string typescript_router() {
  std::string text{kHead};
  text += code_union();
  text += kRoot;
  text += "type Procedures = {\n";
  std::string_view open;
  for (const Procedure& procedure : all_procedures()) {
    const auto dot = procedure.name.find('.');
    const std::string_view router = procedure.name.substr(0, dot);
    if (router != open) {
      if (!open.empty()) text += "  };\n";
      text += "  " + std::string(router) + ": {\n";
      open = router;
    }
    text += "    " + std::string(procedure.name.substr(dot + 1)) + ": " + procedure_type(procedure, "    ") +
            ";\n";
  }
  text += "  };\n};\n\nexport type AppRouter = TRPCBuiltRouter<Root, Procedures>;\n";
  return text;
}

}  // namespace model
