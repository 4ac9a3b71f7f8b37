// Everything a run leaves behind: report.html, report.json, junit.xml, summary.md, histograms.hlog,
// findings/N.json, and the link `latest` next to the run's folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "loadgen/run.h"

namespace reports {

// base/<UTC time>-<command>-<seed>, new and empty; a number is appended when the name is taken.
// Throws std::runtime_error with one line when it cannot be made.
std::filesystem::path make_out_dir(const std::filesystem::path& base, std::string_view command,
                                   std::uint64_t seed);

// Called before the work whose report goes there, since a run whose report cannot be left is lost: makes
// `base` and puts a file there that it takes away again. Throws std::runtime_error with one line.
void check_out_dir(const std::filesystem::path& base);

// Every file is written under a temporary name and renamed when it is complete, so a name that exists is a
// whole file. Throws std::runtime_error with one line that names the file and the reason (full disk, no
// permission). `dir` is made when it is missing; `latest` is only linked beside a folder of make_out_dir's
// kind.
void write_all(const loadgen::Run& run, const std::filesystem::path& dir);

// The link `latest` beside a folder of make_out_dir's kind; otherwise nothing.
void link_as_latest(const std::filesystem::path& dir);

// One file of that kind: complete or absent.
void write_file(const std::filesystem::path& path, std::string_view text);

}  // namespace reports
