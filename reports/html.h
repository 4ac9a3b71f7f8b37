// A run as one HTML file that needs nothing else: no network, no server, any screen, dark and light, paper.
// The page is page.html, page.css and page*.js of this folder, put together here with the run as JSON.
#pragma once

#include <filesystem>
#include <string>

#include "loadgen/run.h"

namespace reports {

std::string html_report(const loadgen::Run& run, const std::filesystem::path& out_dir);

}  // namespace reports
