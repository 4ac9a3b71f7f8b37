// Faults that nobody chose: one small edit each of the reference server's SQL or C++, drawn by seed
// (docs/prove.md). Some of them change nothing that anybody can see, so a survivor must be read before it is
// called a hole.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "loadgen/campaign/generate_edits.h"
#include "loadgen/campaign/prove_catalogue.h"

namespace loadgen {

// `answers`: of every member that an answer of the SQL has, another value of its type.
enum class Drawn : std::uint8_t { sql, source, both, answers };

// At most `count` mutants, at most two of each file (all answers), in an order that follows from the seed.
// `reference_server`: the folder with sql/ and migrations/. Throws std::runtime_error with one line when that
// cannot be read.
std::vector<Mutant> generate_mutants(const std::string& reference_server, std::size_t count,
                                     std::uint64_t seed, Drawn drawn = Drawn::sql);

}  // namespace loadgen
