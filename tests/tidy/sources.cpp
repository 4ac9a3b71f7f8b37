#include "tests/tidy/sources.h"

#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace tidy {
namespace {

namespace fs = std::filesystem;

constexpr std::array floors = {"model",   "net", "sim",  "loadgen", "reference_server",
                               "reports", "cli", "tests"};
constexpr std::array readable = {".h",     ".cpp", ".sql", ".md", ".json", ".txt",
                                 ".cmake", ".sh",  ".ts",  ".js", ".mjs"};

const fs::path& root() {
  static const fs::path path = HUSTLE_SOURCE_DIR;
  return path;
}

template <typename Wanted>
std::vector<Source> walk(const fs::path& folder, const Wanted& wanted) {
  std::vector<Source> found;
  for (auto entry = fs::recursive_directory_iterator(folder); entry != fs::recursive_directory_iterator();
       ++entry) {
    const std::string name = entry->path().filename().string();
    if (entry->is_directory() &&
        (name == "node_modules" || name == "build" || name == "out" || name == ".git")) {
      entry.disable_recursion_pending();
    } else if (entry->is_regular_file() && wanted(entry->path())) {
      found.push_back(read(fs::relative(entry->path(), root()).string()));
    }
  }
  std::ranges::sort(found, {}, &Source::path);
  return found;
}

// Blanks up to and including `end`; returns the position behind it.
std::size_t blank(std::string& text, std::size_t from, std::size_t end) {
  for (std::size_t at = from; at < std::min(end, text.size()); ++at) {
    if (text[at] != '\n') text[at] = ' ';
  }
  return end;
}

std::size_t literal_end(const std::string& text, std::size_t at) {
  const char quote = text[at];
  for (++at; at < text.size() && text[at] != quote && text[at] != '\n'; ++at) {
    if (text[at] == '\\') ++at;
  }
  return at + 1;
}

std::size_t raw_literal_end(const std::string& text, std::size_t at) {  // at R"
  const auto open = text.find('(', at);
  const std::string close = ")" + text.substr(at + 2, open - at - 2) + "\"";
  const auto found = text.find(close, open);
  return found == std::string::npos ? text.size() : found + close.size();
}

}  // namespace

Source read(const std::string& path) {
  Source source;
  source.path = path;
  std::ifstream file(root() / path, std::ios::binary);
  std::ostringstream all;
  all << file.rdbuf();
  source.text = all.str();
  std::istringstream stream(source.text);
  for (std::string line; std::getline(stream, line);) source.lines.push_back(line);
  return source;
}

const std::vector<Source>& sources() {
  static const std::vector<Source> all = [] {
    std::vector<Source> found;
    for (const char* floor : floors) {
      if (!exists(floor)) continue;
      for (Source& source : walk(root() / floor, [](const fs::path& path) {
             return path.extension() == ".h" || path.extension() == ".cpp";
           })) {
        found.push_back(std::move(source));
      }
    }
    return found;
  }();
  return all;
}

std::vector<Source> texts() {
  return walk(root(), [](const fs::path& path) {
    const std::string name = path.filename().string();
    return name == "hustle" || name == "run" ||
           (std::ranges::count(readable, path.extension().string()) > 0 && name != "package-lock.json");
  });
}

std::vector<Include> includes(const Source& source) {
  std::vector<Include> found;
  for (const std::string& line : source.lines) {
    constexpr std::string_view word = "#include ";
    if (!line.starts_with(word) || line.size() < word.size() + 2) continue;
    const bool quoted = line[word.size()] == '"';
    const auto end = line.find(quoted ? '"' : '>', word.size() + 1);
    found.push_back({line.substr(word.size() + 1, end - word.size() - 1), quoted});
  }
  return found;
}

bool exists(const std::string& path) {
  return fs::exists(root() / path);
}

std::string code_only(std::string_view original) {
  std::string text(original);
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view rest = std::string_view(text).substr(at);
    const bool after_word = at > 0 && (std::isalnum(static_cast<unsigned char>(text[at - 1])) != 0);
    if (rest.starts_with("//")) {
      at = blank(text, at, std::min(text.find('\n', at), text.size()));
    } else if (rest.starts_with("/*")) {
      at = blank(text, at, std::min(text.find("*/", at), text.size() - 2) + 2);
    } else if (rest.starts_with("R\"") && !after_word) {
      at = blank(text, at, raw_literal_end(text, at));
    } else if (rest[0] == '"' || (rest[0] == '\'' && !after_word)) {  // 10'000 is a number
      at = blank(text, at, literal_end(text, at));
    } else {
      ++at;
    }
  }
  return text;
}

Ran run(const std::string& command) {
  Ran ran;
  const std::string line = "cd '" + root().string() + "' && (" + command + ") 2>&1";
  std::FILE* pipe = popen(line.c_str(), "r");
  std::array<char, 4096> buffer{};
  while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    ran.output.append(buffer.data(), got);
  }
  const int status = pclose(pipe);
  ran.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
  return ran;
}

}  // namespace tidy
