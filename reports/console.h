// The summary of a run for a terminal or a CI log. Its last line is the verdict with the exit code.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "loadgen/run.h"

namespace reports {

struct ConsoleStyle {
  bool colour = false;
  std::size_t width = 100;        // columns; no line is longer, except a path that somebody will copy
  std::size_t most_findings = 5;  // told in full; the others are only counted
};

// Colours only on a terminal and never with NO_COLOR (any value but empty) or TERM=dumb; 80 to 100 columns.
ConsoleStyle console_style(int file_descriptor);

// `out_dir`: where write_all wrote, for the replay commands and the path of the report; empty when nothing
// was written.
std::string console_summary(const loadgen::Run& run, const std::filesystem::path& out_dir,
                            const ConsoleStyle& style);

}  // namespace reports
