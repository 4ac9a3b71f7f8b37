// A run as JUnit XML for GitLab, Jenkins and the GitHub actions that read it (protocols.md §8.2): items are
// test cases by group, findings are failures with their story as text, UNKNOWN is skipped, and one case
// stands for the run itself, so that a run that could not happen is not a green page.
#pragma once

#include <filesystem>
#include <string>

#include "loadgen/run.h"

namespace reports {

std::string junit_xml(const loadgen::Run& run, const std::filesystem::path& out_dir);

}  // namespace reports
