// The catalogue of seeded faults (mutants) and harmless changes (decoys), as data:
// tests/mutants/catalogue.json.
//
// {"mutants": [{"id", "failure_modes": ["FM-001"], "domain", "title", "severity": 1-4, "difficulty", "kind",
//               "overlay"?: "overlays/x.sql", "edits"?: [{"file", "from", "to"}], "note"?}],
//  "decoys": [{"id", "title", "kind", "overlay"?, "edits"?}]}
// Files of edits are named from reference_server/; `from` occurs there exactly once.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace loadgen {

enum class MutantKind : std::uint8_t {
  migration,  // the schema: an overlay after the migrations, or edits of them
  statement,  // a SQL function of the server (with the guard behind it, where both would have to fail)
  source,     // the server's own text, built beside the build
};
std::string_view name(MutantKind kind);

enum class Difficulty : std::uint8_t { sequential, race, fault, time };
std::string_view name(Difficulty difficulty);

struct Edit {
  std::string file, from, to;
};

struct Mutant {
  std::string id;
  std::vector<std::string> failure_modes;  // of failure-modes.md
  std::string domain, title, note;
  int severity = 0;
  MutantKind kind = MutantKind::statement;
  Difficulty difficulty = Difficulty::sequential;
  bool decoy = false;   // harmless: any finding is a false alarm
  std::string overlay;  // .sql file beside the catalogue, applied as the last migration
  std::vector<Edit> edits;
};

// In the order of the file, mutants before decoys. Throws std::runtime_error with one line that names the
// entry and the member.
std::vector<Mutant> load_mutants(const std::string& catalogue_file);

// The text with the edit made. Throws std::runtime_error when `from` does not occur exactly once.
std::string edited(const std::string& text, const Edit& edit);

}  // namespace loadgen
