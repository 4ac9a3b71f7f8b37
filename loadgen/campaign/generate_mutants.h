// Faults that nobody chose: one small edit each of the reference server's SQL, drawn by seed (docs/prove.md).
// Some of them change nothing that anybody can see, so a survivor must be read before it is called a hole.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "loadgen/campaign/prove_catalogue.h"

namespace loadgen {

struct LineEdit {
  std::string what;  // "AND -> OR"
  std::string line;  // as it reads then
};

// Every edit of one line of SQL: comparisons turned or moved by one, AND and OR swapped, conditions never or
// always the other way, constants one higher, locks, calls and states of a list dropped, instants a day late.
// None for a line of comment or of a column's type.
std::vector<LineEdit> edits_of_line(std::string_view line);

// At most `count` mutants, at most two of each file, in an order that follows from the seed.
// `reference_server`: the folder with sql/ and migrations/. Throws std::runtime_error with one line when that
// cannot be read.
std::vector<Mutant> generate_mutants(const std::string& reference_server, std::size_t count,
                                     std::uint64_t seed);

}  // namespace loadgen
