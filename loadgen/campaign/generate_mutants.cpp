#include "loadgen/campaign/generate_mutants.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <stdexcept>

#include <fmt/format.h>

namespace loadgen {
namespace {

constexpr std::size_t kPerFile = 2;
constexpr std::size_t kMostLines = 8;  // of context, until an edit's place is the only one

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t to = std::min(text.find('\n', from), text.size());
    lines.push_back(text.substr(from, to - from));
    from = to + 1;
  }
  return lines;
}

bool occurs_once(const std::string& text, const std::string& part) {
  const std::size_t first = text.find(part);
  return first != std::string::npos && text.find(part, first + 1) == std::string::npos;
}

// The line with as many after it as make its place the only one of the file; nothing when none do.
std::string place_of(const std::string& text, const std::vector<std::string>& lines, std::size_t line) {
  std::string place = lines[line];
  for (std::size_t next = line + 1; !occurs_once(text, place); ++next) {
    if (next >= lines.size() || next - line > kMostLines) return {};
    place += "\n" + lines[next];
  }
  return place;
}

void list(const std::string& root, const std::string& folder, std::string_view extension,
          std::vector<std::string>& files) {
  std::error_code missing;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(root) / folder, missing)) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(extension)) files.push_back(folder == "." ? name : fmt::format("{}/{}", folder, name));
  }
  if (missing) throw std::runtime_error(fmt::format("cannot read {}/{}", root, folder));
}

// How the server is started, and what it tells its operators: judged by other tests.
bool is_plumbing(const std::string& file) {
  constexpr std::array kFiles{"config.cpp",          "log.cpp",           "metrics.cpp", "migrate.cpp",
                              "migration_files.cpp", "sql_statements.cpp"};
  return std::ranges::find(kFiles, file) != kFiles.end();
}

using EditsOfLine = std::vector<LineEdit> (*)(std::string_view);

void add_mutants(const std::string& file, const std::string& text, EditsOfLine edits_of,
                 std::vector<Mutant>& all) {
  const std::vector<std::string> lines = lines_of(text);
  const bool source = file.ends_with(".cpp");
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string place = place_of(text, lines, i);
    if (place.empty()) continue;
    std::size_t number = 0;
    for (LineEdit& edit : edits_of(lines[i])) {
      Mutant mutant;
      mutant.id = fmt::format("{}:{}:{}", std::filesystem::path(file).stem().string(), i + 1, ++number);
      mutant.domain = "generated";
      mutant.title = fmt::format("{}: {}", edit.what, lines[i].substr(lines[i].find_first_not_of(' ')));
      mutant.severity = 1;
      mutant.kind = source                            ? MutantKind::source
                    : file.starts_with("migrations/") ? MutantKind::migration
                                                      : MutantKind::statement;
      mutant.difficulty = edit.what == "lock dropped" ? Difficulty::race : Difficulty::sequential;
      mutant.edits = {{file, place, edit.line + place.substr(lines[i].size())}};
      all.push_back(std::move(mutant));
    }
  }
}

}  // namespace

std::vector<Mutant> generate_mutants(const std::string& reference_server, std::size_t count,
                                     std::uint64_t seed, Drawn drawn) {
  std::vector<std::string> files;
  if (drawn != Drawn::source) {
    list(reference_server, "sql", ".sql", files);
    if (drawn != Drawn::answers) list(reference_server, "migrations", ".sql", files);
  }
  if (drawn == Drawn::source || drawn == Drawn::both) {
    for (const char* folder : {".", "procedures"}) list(reference_server, folder, ".cpp", files);
    std::erase_if(files, is_plumbing);
  }
  std::ranges::sort(files);
  std::vector<Mutant> all;
  for (const std::string& file : files) {
    const EditsOfLine edits = drawn == Drawn::answers  ? edits_of_answers
                              : file.ends_with(".cpp") ? edits_of_source_line
                                                       : edits_of_line;
    add_mutants(file, read(std::filesystem::path(reference_server) / file), edits, all);
  }
  std::mt19937_64 generator(seed);
  std::ranges::shuffle(all, generator);
  std::map<std::string, std::size_t> taken;
  if (drawn != Drawn::answers)
    std::erase_if(all, [&](const Mutant& mutant) { return ++taken[mutant.edits.front().file] > kPerFile; });
  all.resize(std::min(count, all.size()));
  return all;
}

}  // namespace loadgen
