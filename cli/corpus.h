// Findings that are kept from run to run: a folder of findings/N.json files, one for each shape. A run
// retries them first; those that no longer fail go to its subfolder "fixed" and are not retried again.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "loadgen/run.h"
#include "model/vocabulary/finding.h"

namespace cli {

// Name of the file without .json, and what it says; sorted by name. A folder that does not exist is empty.
// Throws UserMistake with one line that names the file when one of them is no finding.
std::vector<std::pair<std::string, model::Finding>> read_corpus(const std::string& folder);

// Moves what is fixed, adds what is new; of one shape the shorter story stays. Findings without a case are
// not kept: nobody could play them. Throws UserMistake when the folder cannot be written.
void update_corpus(const std::string& folder, const loadgen::Run& run);

}  // namespace cli
