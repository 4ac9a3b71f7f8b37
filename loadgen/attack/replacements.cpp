#include "loadgen/attack/replacements.h"

#include <algorithm>
#include <initializer_list>

#include "loadgen/attack/story.h"

namespace loadgen::attack {
namespace {

bool is_one_of(const std::string& type, std::initializer_list<const char*> beginnings) {
  return std::ranges::any_of(beginnings, [&](const char* each) { return type.starts_with(each); });
}

std::string strangers(const std::string& table) {
  if (table == "users") return quoted(ids::kStranger);
  if (table == "tasks") return quoted(ids::kOtherTask);
  if (table == "escrows") return quoted(ids::kOtherEscrow);
  if (table == "proofs") return quoted(ids::kOtherProof);
  return "";
}

std::vector<std::string> of_type(const Column& column) {
  const std::string name = identifier(column.name);
  const auto both = [](const std::string& start, const std::string& step) {
    return std::vector<std::string>{start + " + " + step, start + " - " + step};
  };
  if (column.words.size() > 1)
    return {"(CASE WHEN " + name + "::text = " + quoted(column.words[0]) + " THEN " +
            quoted(column.words[1]) + " ELSE " + quoted(column.words[0]) + " END)::" + column.type};
  if (column.base == "boolean") return {"NOT coalesce(" + name + ", false)"};
  if (is_one_of(column.base, {"timestamp", "date"}))
    return both("coalesce(" + name + ", now())", "interval '1 day'");
  if (column.base == "uuid") return {"gen_random_uuid()"};
  if (is_one_of(column.base, {"integer", "bigint", "smallint", "numeric"}))
    return both("coalesce(" + name + ", 0)", "1");
  if (is_one_of(column.base, {"json"})) return {"'{\"attack\": true}'"};
  if (column.base.ends_with("[]")) return {"'{attack}'"};
  if (column.base.starts_with("character(2)"))
    return {"CASE WHEN " + name + " = 'WA' THEN 'OR' ELSE 'WA' END"};
  if (is_one_of(column.base, {"character", "text", "citext"}))
    return {"left(coalesce(" + name + ", '') || 'x', 20)"};
  return {};
}

}  // namespace

std::vector<std::string> replacements(const Column& column) {
  std::vector<std::string> values;
  if (column.references.empty()) {
    values = of_type(column);
  } else if (const std::string other = strangers(column.references); !other.empty()) {
    values.push_back(other);
  }
  if (!column.not_null) values.emplace_back("NULL");
  return values;
}

}  // namespace loadgen::attack
