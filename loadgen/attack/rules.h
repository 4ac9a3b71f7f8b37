// Which rule a successful write broke: pure judgement over the rows before and after it. The rules are those
// that invariants.md assigns to the database (layers T and C) and the edges of state-machines.md; rules of
// the service alone (layer S) are not judged here, and neither are pairs that a legal second transaction may
// still repair.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace loadgen::attack {

using Row = std::map<std::string, std::string>;                      // column to text; NULL is absent
using Snapshot = std::map<std::string, std::map<std::string, Row>>;  // table, id, row

std::string get(const Row& row, std::string_view column);  // empty when NULL

struct Broken {
  std::string rule;      // "INV-2"
  std::string sentence;  // what is wrong, with ids and values
};

std::vector<Broken> broken_by_change(const Snapshot& before, const Snapshot& after);
std::vector<Broken> broken_state(const Snapshot& now);

}  // namespace loadgen::attack
