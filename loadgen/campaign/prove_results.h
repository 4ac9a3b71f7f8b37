// The results of `hustle prove` as JSON, written after every mutant and read again to go on.
#pragma once

#include <string>
#include <vector>

#include "loadgen/campaign/prove.h"

namespace loadgen {

// {"mutants": [{"id", "killed", "judges", "seconds", "commands", "story_length", ...}], "decoys": [{"id",
// "alarm",
// ...}], "score", "complete", ...}; the rest of an entry says what the catalogue knows of it and has its
// runs.
std::string results_json(const std::vector<Proof>& proofs, const ProveOptions& options, bool complete);

// The runs of an earlier file for the mutants that still exist. Throws std::runtime_error with one line when
// the text is not such a file.
std::vector<Proof> read_results(const std::string& text, const std::vector<Mutant>& mutants);

// Which judge saw which mutant, as a Markdown table; survivors, alarms and errors after it.
std::string kill_matrix(const std::vector<Proof>& proofs);

}  // namespace loadgen
