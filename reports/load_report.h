// A load run told to people and machines: every file is made from one text, report.json of format
// "hustle-load" (docs/load.md), so that they cannot disagree.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "loadgen/run.h"

namespace reports {

// report.json, histograms.hlog, report.html, junit.xml, summary.md, and the link `latest`. Throws
// std::runtime_error with one line when a file cannot be written.
void write_load_report(const std::filesystem::path& dir, std::string_view report_json,
                       std::string_view histogram_log);

// The run as the general reports know it: thresholds, audits and the instrument are its items, failed
// journeys its evidence.
loadgen::Run run_of_load(std::string_view report_json);

// The page: one file, no network.
std::string load_page(std::string_view report_json);

}  // namespace reports
