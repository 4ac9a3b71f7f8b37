#include "loadgen/attack/parents.h"

#include <algorithm>
#include <set>
#include <string_view>

namespace loadgen::attack {
namespace {

bool is_of_the_story(const std::string& table) {
  return std::ranges::find(story_tables(), table) != story_tables().end();
}

void add_parents(const Catalogue& catalogue, const std::string& of, std::set<std::string>& seen,
                 std::vector<StageStatement>& all) {
  for (const Column& column : catalogue.tables.at(of).columns) {
    const std::string& parent = column.references;
    if (!column.required || parent.empty() || is_of_the_story(parent) || !catalogue.has(parent)) continue;
    if (!seen.insert(parent).second) continue;
    add_parents(catalogue, parent, seen, all);
    all.push_back({"references", insert_statement(catalogue, parent, {})});
  }
}

}  // namespace

std::vector<StageStatement> parent_statements(const Catalogue& catalogue) {
  std::vector<StageStatement> all;
  std::set<std::string> seen;
  for (const std::string_view table : story_tables()) {
    if (catalogue.has(std::string(table))) add_parents(catalogue, std::string(table), seen, all);
  }
  return all;
}

}  // namespace loadgen::attack
