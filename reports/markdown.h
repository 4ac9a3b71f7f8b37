// A run as a GitHub job summary or merge request note: valid for GITHUB_STEP_SUMMARY (protocols.md §8.3).
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "loadgen/run.h"

namespace reports {

inline constexpr std::size_t kSummaryMax = 900 * 1024;  // above 1 MiB GitHub shows nothing at all

std::string markdown_summary(const loadgen::Run& run, const std::filesystem::path& out_dir);

// At a line's end, with a closing note; the whole text when it fits.
std::string cut_summary(std::string text, std::size_t most = kSummaryMax);

}  // namespace reports
