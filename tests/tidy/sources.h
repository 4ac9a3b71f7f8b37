// The project's own files as text, for the rules that are checked over all of them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tidy {

struct Source {
  std::string path;  // from the root: "net/server.h"
  std::string text;
  std::vector<std::string> lines;
  bool header() const { return path.ends_with(".h"); }
};

struct Include {
  std::string name;  // without quotes or brackets
  bool quoted = false;
};

// Every .h and .cpp of the floors and of tests/, sorted by path.
const std::vector<Source>& sources();

// Every text file that people read or run: sources, scripts, SQL, documents, CMake, scenarios.
std::vector<Source> texts();

Source read(const std::string& path);
std::vector<Include> includes(const Source& source);
bool exists(const std::string& path);

// The text with string literals, character literals and comments blanked; line breaks stay where they were.
std::string code_only(std::string_view text);

// Runs a command in the root; its output, and its exit code.
struct Ran {
  int exit_code = 0;
  std::string output;
};
Ran run(const std::string& command);

}  // namespace tidy
