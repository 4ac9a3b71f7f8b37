// What the tests of this folder share: other programs as readers, and a run to tell about.
#pragma once

#include <filesystem>
#include <string>

#include "loadgen/run.h"

namespace reports_test {

struct TempDir {  // removed with everything in it
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  std::filesystem::path path;
};

struct Ran {
  int exit_code = -1;
  std::string output;  // standard output and error
};
Ran run_shell(const std::string& command);
std::string shell_quoted(const std::filesystem::path& path);  // for the shell

std::string read(const std::filesystem::path& path);
void write(const std::filesystem::path& path, const std::string& text);

// A run with everything in it: 30 items, two findings, partial coverage. Made up, the same every time.
loadgen::Run sample_run();

}  // namespace reports_test
