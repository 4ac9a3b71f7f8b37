#include "loadgen/campaign/generate_mutants.h"

#include <algorithm>
#include <array>
#include <cctype>
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

struct Swap {
  std::string_view from, to;
};

// Longer ones first: "<=" is not "<".
constexpr std::array kComparisons{Swap{"<=", "<"}, Swap{">=", ">"}, Swap{"<>", "="}, Swap{"<", "<="},
                                  Swap{"<", ">"},  Swap{">", ">="}, Swap{">", "<"},  Swap{"=", "<>"}};
constexpr std::array kWords{Swap{"AND", "OR"}, Swap{"OR", "AND"}};
constexpr std::array kCalls{Swap{"greatest(", "least("}, Swap{"least(", "greatest("}, Swap{"floor(", "ceil("},
                            Swap{"p_now)", "p_now + interval '1 day')"},
                            Swap{"p_now,", "p_now + interval '1 day',"}};
constexpr std::array<std::string_view, 4> kLocks{" FOR NO KEY UPDATE", " FOR UPDATE", " FOR SHARE",
                                                 " FOR KEY SHARE"};
constexpr std::array<std::string_view, 4> kNoRules{"CREATE ", "VARCHAR(", "NUMERIC(", "LANGUAGE "};

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

class Line {
 public:
  explicit Line(std::string_view text) : text_(text), code_(text.substr(0, text.find("--"))) {}

  std::vector<LineEdit> edits() {
    const bool rule = std::ranges::none_of(kNoRules, [&](std::string_view w) { return code_.contains(w); });
    if (!rule || code_.find_first_not_of(' ') == std::string_view::npos) return {};
    comparisons();
    words();
    calls();
    conditions();
    constants();
    locks();
    states();
    return std::move(edits_);
  }

 private:
  void replace(std::string what, std::size_t at, std::size_t length, std::string_view with) {
    std::string line(text_);
    line.replace(at, length, with);
    edits_.push_back({std::move(what), std::move(line)});
  }

  char at(std::size_t i) const { return i < code_.size() ? code_[i] : ' '; }

  void comparisons() {
    constexpr std::string_view kSigns = "<>=!:-@|";
    for (const auto& [from, to] : kComparisons) {
      if (from == "=" && code_.contains(" SET ")) continue;  // an assignment
      for (std::size_t i = code_.find(from); i != std::string_view::npos; i = code_.find(from, i + 1)) {
        const bool part = (i > 0 && kSigns.contains(code_[i - 1])) || kSigns.contains(at(i + from.size()));
        if (!part) replace(fmt::format("{} -> {}", from, to), i, from.size(), to);
      }
    }
  }

  void words() {
    for (const auto& [from, to] : kWords) {
      for (std::size_t i = code_.find(from); i != std::string_view::npos; i = code_.find(from, i + 1)) {
        if ((i > 0 && is_word(code_[i - 1])) || is_word(at(i + from.size()))) continue;
        if (code_.substr(0, i).contains("BETWEEN")) continue;
        replace(fmt::format("{} -> {}", from, to), i, from.size(), to);
      }
    }
  }

  void calls() {
    for (const auto& [from, to] : kCalls) {
      if (const std::size_t i = code_.find(from);
          i != std::string_view::npos && (i == 0 || !is_word(code_[i - 1])))
        replace(fmt::format("{} -> {}", from, to), i, from.size(), to);
    }
    const std::size_t first = code_.find_first_not_of(' ');
    if (code_.substr(first).starts_with("PERFORM ") && code_.contains(';'))
      replace("call dropped", first, code_.size() - first, "NULL;");
  }

  void conditions() {
    const std::size_t begin = code_.find("IF "), end = code_.find(" THEN");
    if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) return;
    const std::size_t from = begin + 3;
    const std::string condition(code_.substr(from, end - from));
    replace("never", from, condition.size(), "false");
    replace("the other way", from, condition.size(), fmt::format("NOT ({})", condition));
  }

  void constants() {
    for (std::size_t i = 0; i < code_.size(); ++i) {
      const auto digit = [&](std::size_t k) { return std::isdigit(static_cast<unsigned char>(at(k))) != 0; };
      if (!digit(i) || (i > 0 && (is_word(code_[i - 1]) || code_[i - 1] == '.' || code_[i - 1] == '$')))
        continue;
      std::size_t end = i;
      while (digit(end)) ++end;
      if (!is_word(at(end)) && at(end) != '.' && end - i < 8) {
        const std::string number(code_.substr(i, end - i));
        replace(number + " + 1", i, number.size(), std::to_string(std::stol(number) + 1));
      }
      i = end;
    }
  }

  void locks() {
    for (const std::string_view lock : kLocks) {
      if (const std::size_t i = code_.find(lock); i != std::string_view::npos)
        return replace("lock dropped", i, lock.size(), "");
    }
  }

  // 'A', 'B' in a list: without the first.
  void states() {
    for (std::size_t i = code_.find('\''); i != std::string_view::npos; i = code_.find('\'', i + 1)) {
      std::size_t end = i + 1;
      while (std::isupper(static_cast<unsigned char>(at(end))) != 0 || at(end) == '_') ++end;
      if (end - i < 4 || code_.substr(end, 3) != "', ") continue;
      if (at(end + 3) != '\'' || !code_.substr(0, i).contains("IN (")) continue;
      replace(fmt::format("without {}", code_.substr(i, end + 1 - i)), i, end + 3 - i, "");
    }
  }

  std::string_view text_, code_;
  std::vector<LineEdit> edits_;
};

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

void add_mutants(const std::string& file, const std::string& text, std::vector<Mutant>& all) {
  const std::vector<std::string> lines = lines_of(text);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string place = place_of(text, lines, i);
    if (place.empty()) continue;
    std::size_t number = 0;
    for (LineEdit& edit : edits_of_line(lines[i])) {
      Mutant mutant;
      mutant.id = fmt::format("{}:{}:{}", std::filesystem::path(file).stem().string(), i + 1, ++number);
      mutant.domain = "generated";
      mutant.title = fmt::format("{}: {}", edit.what, lines[i].substr(lines[i].find_first_not_of(' ')));
      mutant.severity = 1;
      mutant.kind = file.starts_with("migrations/") ? MutantKind::migration : MutantKind::statement;
      mutant.difficulty = edit.what == "lock dropped" ? Difficulty::race : Difficulty::sequential;
      mutant.edits = {{file, place, edit.line + place.substr(lines[i].size())}};
      all.push_back(std::move(mutant));
    }
  }
}

}  // namespace

std::vector<LineEdit> edits_of_line(std::string_view line) {
  return Line(line).edits();
}

std::vector<Mutant> generate_mutants(const std::string& reference_server, std::size_t count,
                                     std::uint64_t seed) {
  std::vector<std::string> files;
  for (const char* folder : {"sql", "migrations"}) {
    std::error_code missing;
    for (const auto& entry : std::filesystem::directory_iterator(reference_server + "/" + folder, missing))
      files.push_back(fmt::format("{}/{}", folder, entry.path().filename().string()));
    if (missing) throw std::runtime_error(fmt::format("cannot read {}/{}", reference_server, folder));
  }
  std::ranges::sort(files);
  std::vector<Mutant> all;
  for (const std::string& file : files) add_mutants(file, read(reference_server + "/" + file), all);
  std::mt19937_64 generator(seed);
  std::ranges::shuffle(all, generator);
  std::map<std::string, std::size_t> taken;
  std::erase_if(all, [&](const Mutant& mutant) { return ++taken[mutant.edits.front().file] > kPerFile; });
  all.resize(std::min(count, all.size()));
  return all;
}

}  // namespace loadgen
