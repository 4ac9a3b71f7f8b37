// A finding as plain text: for JUnit failures and Markdown.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "model/vocabulary/finding.h"

namespace reports {

// The one command that shows the finding again: what its evidence names as "again" (a check of the side
// stage, which belongs to no case), else "./hustle replay out/…/findings/3.json". `index` counts from 0, the
// file from 1.
std::string replay_command(const model::Finding& finding, const std::filesystem::path& out_dir,
                           std::size_t index);

// One line per call, with the time since the first call; "> " marks the call that does not fit.
std::string story_text(const model::Finding& finding);

// Headline, rule, story, expected and observed, entities, replay command (none without `out_dir`).
std::string finding_text(const model::Finding& finding, const std::filesystem::path& out_dir,
                         std::size_t index);

}  // namespace reports
