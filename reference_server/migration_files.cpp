#include "reference_server/migration_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "net/sign.h"
#include "reference_server/sql_statements.h"

namespace server {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view up_marker = "-- Up Migration";
constexpr std::string_view down_marker = "-- Down Migration";
constexpr std::string_view destructive_flag = "-- hustle: destructive";
constexpr std::size_t prefix_digits = 13;

struct Marker {
  std::size_t at = 0;
  int line = 0;
  bool down = false;
};

bool blank(char c) {
  return std::isspace(static_cast<unsigned char>(c)) != 0;
}

bool starts_with_word(std::string_view text, std::string_view word) {
  return text.size() >= word.size() && std::equal(word.begin(), word.end(), text.begin(), [](char w, char t) {
           return w == std::tolower(static_cast<unsigned char>(t));
         });
}

// Whether node-pg-migrate takes a comment here for a marker: /^\s*--[\s-]*(up|down)\s+migration/im. White
// space includes line breaks, so a bare "--" in front of a line counts too.
std::size_t marker_length(std::string_view text, std::size_t at) {
  std::size_t i = at;
  if (text.substr(i, 2) != "--") return 0;
  i += 2;
  while (i < text.size() && (blank(text[i]) || text[i] == '-')) ++i;
  const std::string_view direction = starts_with_word(text.substr(i), "up")     ? "up"
                                     : starts_with_word(text.substr(i), "down") ? "down"
                                                                                : "";
  if (direction.empty()) return 0;
  i += direction.size();
  const std::size_t gap = i;
  while (i < text.size() && blank(text[i])) ++i;
  if (i == gap || !starts_with_word(text.substr(i), "migration")) return 0;
  return i + std::string_view("migration").size() - at;
}

std::string_view line_at(std::string_view text, std::size_t at) {
  std::string_view line = text.substr(at, text.find('\n', at) - at);
  while (!line.empty() && blank(line.back())) line.remove_suffix(1);
  return line;
}

// Every place that a runner takes for a marker; those that are not exactly one become findings.
std::vector<Marker> find_markers(std::string_view text, std::vector<std::string>& findings) {
  std::vector<Marker> markers;
  int line = 1;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool line_start = i == 0 || text[i - 1] == '\n';
    if (line_start) {
      std::size_t first = i;
      while (first < text.size() && text[first] != '\n' && blank(text[first])) ++first;
      if (marker_length(text, first) > 0) {
        const std::string_view whole = line_at(text, i);
        if (whole == up_marker || whole == down_marker) {
          markers.push_back({i, line, whole == down_marker});
        } else {
          findings.push_back(fmt::format(
              "line {}: a comment that begins like a marker cuts the migration there; reword it", line));
        }
      }
    }
    if (text[i] == '\n') ++line;
  }
  return markers;
}

void check_markers(std::string_view text, const std::vector<Marker>& markers,
                   std::vector<std::string>& findings) {
  const auto ups = std::ranges::count(markers, false, &Marker::down);
  const auto downs = std::ranges::count(markers, true, &Marker::down);
  if (ups != 1) findings.push_back(fmt::format("line 1: expected one \"{}\" line, found {}", up_marker, ups));
  if (downs > 1)
    findings.push_back(fmt::format("line 1: expected at most one \"{}\" line, found {}", down_marker, downs));
  if (markers.empty() || ups != 1) return;
  if (markers.front().down) {
    findings.push_back(fmt::format("line {}: the Down part comes after the Up part", markers.front().line));
  } else if (!split_sql(text.substr(0, markers.front().at)).empty()) {
    findings.push_back(fmt::format("line 1: expected \"{}\" before the first statement", up_marker));
  }
}

bool first_word_is(std::string_view statement, std::string_view word) {
  return statement.starts_with(word) && (statement.size() == word.size() || statement[word.size()] == ' ');
}

bool moves_transaction(std::string_view s) {
  constexpr std::array<std::string_view, 9> words = {"BEGIN",     "COMMIT",  "ROLLBACK",
                                                     "END",       "ABORT",   "START TRANSACTION",
                                                     "SAVEPOINT", "RELEASE", "PREPARE TRANSACTION"};
  return std::ranges::any_of(words, [&](std::string_view w) { return first_word_is(s, w); });
}

bool refuses_transaction(std::string_view s) {
  constexpr std::array<std::string_view, 4> words = {"VACUUM", "CREATE DATABASE", "DROP DATABASE",
                                                     "ALTER SYSTEM"};
  return s.find(" CONCURRENTLY ") != std::string_view::npos ||
         std::ranges::any_of(words, [&](std::string_view w) { return first_word_is(s, w); });
}

bool destroys(std::string_view s) {
  constexpr std::array<std::string_view, 3> words = {"DROP", "TRUNCATE", "DELETE"};
  if (std::ranges::any_of(words, [&](std::string_view w) { return first_word_is(s, w); })) return true;
  return first_word_is(s, "ALTER") &&
         (s.find(" DROP ") != std::string_view::npos || s.find(" DISABLE TRIGGER") != std::string_view::npos);
}

void check_statements(std::string_view part, int first_line, bool is_up, std::vector<std::string>& findings) {
  const bool flagged = part.find(destructive_flag) != std::string_view::npos;
  for (const SqlStatement& statement : split_sql(part)) {
    const int line = first_line + statement.line - 1;
    const std::string start = statement.text.substr(0, 40);
    if (moves_transaction(statement.text)) {
      findings.push_back(fmt::format("line {}: {}: the runner brings the transaction", line, start));
    } else if (refuses_transaction(statement.text)) {
      findings.push_back(fmt::format("line {}: {}: does not run inside a transaction", line, start));
    } else if (statement.text.starts_with('\\')) {
      findings.push_back(fmt::format("line {}: {}: psql commands are not SQL", line, start));
    } else if (is_up && !flagged && destroys(statement.text)) {
      findings.push_back(
          fmt::format("line {}: {}: destroys data or a guard; add a line \"{}\" if that is meant", line,
                      start, destructive_flag));
    }
  }
}

// node-pg-migrate's cut: from the Up marker to the Down marker.
std::string_view up_part(std::string_view text, const std::vector<Marker>& markers) {
  std::size_t from = 0;
  std::size_t to = text.size();
  for (const Marker& marker : markers) (marker.down ? to : from) = marker.at;
  return from <= to ? text.substr(from, to - from) : std::string_view{};
}

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file.good() && !file.eof()) throw MigrationError(2, path.string() + ": not readable");
  return text;
}

bool well_named(std::string_view name) {
  if (!name.ends_with(".sql") || name.size() <= prefix_digits + 5 || name[prefix_digits] != '_') return false;
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  const std::string_view rest = name.substr(prefix_digits + 1, name.size() - prefix_digits - 5);
  return std::ranges::all_of(name.substr(0, prefix_digits), digit) &&
         std::ranges::all_of(rest, [&](char c) { return digit(c) || (c >= 'a' && c <= 'z') || c == '_'; });
}

}  // namespace

std::vector<std::string> lint_migration(std::string_view text) {
  std::vector<std::string> findings;
  const std::vector<Marker> markers = find_markers(text, findings);
  check_markers(text, markers, findings);
  if (!findings.empty()) return findings;
  check_statements(up_part(text, markers), markers.front().line, true, findings);
  if (markers.size() == 2) check_statements(text.substr(markers[1].at), markers[1].line, false, findings);
  return findings;
}

std::vector<MigrationFile> load_migrations(const std::string& directory) {
  std::error_code failed;
  fs::directory_iterator entries(directory, failed);
  if (failed) throw MigrationError(2, directory + ": expected a folder of migrations: " + failed.message());
  std::vector<MigrationFile> files;
  for (const fs::directory_entry& entry : entries) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with('.')) continue;
    if (!entry.is_regular_file() || !well_named(name)) {
      throw MigrationError(2, fmt::format("{}: expected only files named <13 digits>_<lower_case>.sql here",
                                          entry.path().string()));
    }
    const std::string text = read_file(entry.path());
    const std::vector<std::string> findings = lint_migration(text);
    if (!findings.empty()) throw MigrationError(2, entry.path().string() + ": " + findings.front());
    std::vector<std::string> ignored;
    files.push_back({name.substr(0, name.size() - 4), std::string(up_part(text, find_markers(text, ignored))),
                     net::hex(net::sha256(text))});
  }
  if (files.empty())
    throw MigrationError(2, directory + ": expected a folder of migrations, found none in it");
  std::ranges::sort(files, {}, &MigrationFile::name);
  const auto same_digits =
      std::ranges::adjacent_find(files, [](const MigrationFile& a, const MigrationFile& b) {
        return a.name.substr(0, prefix_digits) == b.name.substr(0, prefix_digits);
      });
  if (same_digits != files.end()) {
    throw MigrationError(2, fmt::format("{}: migrations {} and {} have the same number", directory,
                                        same_digits->name, std::next(same_digits)->name));
  }
  return files;
}

}  // namespace server
