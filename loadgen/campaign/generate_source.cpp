#include <array>
#include <cctype>

#include <fmt/format.h>

#include "loadgen/campaign/generate_edits.h"

namespace loadgen {
namespace {

struct Swap {
  std::string_view from, to;
};

// With their blanks: so neither a template's brackets nor a shift are meant.
constexpr std::array kOperators{Swap{" <= ", " < "},  Swap{" >= ", " > "},  Swap{" < ", " <= "},
                                Swap{" > ", " >= "},  Swap{" == ", " != "}, Swap{" != ", " == "},
                                Swap{" && ", " || "}, Swap{" || ", " && "}, Swap{" + ", " - "},
                                Swap{" - ", " + "}};
constexpr std::array kValues{Swap{"return true;", "return false;"}, Swap{"return false;", "return true;"},
                             Swap{" = true;", " = false;"},         Swap{" = false;", " = true;"},
                             Swap{"std::min(", "std::max("},        Swap{"std::max(", "std::min("}};
constexpr std::array<std::string_view, 9> kNoRules{"#include", "namespace", "using ", "template", "struct ",
                                                   "class ",   "enum ",     "log_.",  "metrics"};

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

bool is_digit(char c) {
  return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

class Line {
 public:
  explicit Line(std::string_view text) : text_(text), code_(text.substr(0, text.find("//"))) {}

  std::vector<LineEdit> edits() {
    const std::size_t first = code_.find_first_not_of(' ');
    if (first == std::string_view::npos) return {};
    for (const std::string_view word : kNoRules) {
      if (code_.contains(word)) return {};
    }
    operators();
    for (const auto& [from, to] : kValues) each(from, to);
    constants();
    condition(first);
    statement(first);
    branches();
    arguments();
    return std::move(edits_);
  }

 private:
  void replace(std::string what, std::size_t at, std::size_t length, std::string_view with) {
    std::string line(text_);
    line.replace(at, length, with);
    edits_.push_back({std::move(what), std::move(line)});
  }
  char at(std::size_t i) const { return i < code_.size() ? code_[i] : ' '; }
  bool in_text(std::size_t place) const {
    bool quoted = false;
    for (std::size_t i = 0; i < place; ++i) {
      if (code_[i] == '\\')
        ++i;
      else if (code_[i] == '"')
        quoted = !quoted;
    }
    return quoted;
  }
  void each(std::string_view from, std::string_view to) {
    for (std::size_t i = code_.find(from); i != std::string_view::npos; i = code_.find(from, i + 1)) {
      if (!in_text(i)) replace(fmt::format("{} -> {}", from, to), i, from.size(), to);
    }
  }
  void operators() {
    for (const auto& [from, to] : kOperators) each(from, to);
  }

  void constants() {
    for (std::size_t i = 0; i < code_.size(); ++i) {
      if (!is_digit(code_[i]) ||
          (i > 0 && (is_word(code_[i - 1]) || code_[i - 1] == '.' || code_[i - 1] == '\'')))
        continue;
      std::size_t end = i;
      while (is_digit(at(end)) || at(end) == '\'') ++end;
      std::string number(code_.substr(i, end - i));
      std::erase(number, '\'');
      if (!is_word(at(end)) && at(end) != '.' && number.size() < 12 && !number.empty() && !in_text(i) &&
          (number[0] != '0' || number.size() == 1))
        replace(fmt::format("{} + 1", number), i, end - i, std::to_string(std::stoll(number) + 1));
      i = end;
    }
  }

  // "if (…) …" of one line: never, and the other way.
  void condition(std::size_t first) {
    if (!code_.substr(first).starts_with("if (") || code_.contains("const auto ") || code_.contains("; "))
      return;
    const std::size_t begin = first + 4;
    std::size_t end = begin;
    for (int depth = 1; end < code_.size(); ++end) {
      depth += code_[end] == '(' ? 1 : code_[end] == ')' ? -1 : 0;
      if (depth == 0) break;
    }
    if (end >= code_.size()) return;
    const std::string inner(code_.substr(begin, end - begin));
    if (inner.contains(" = ")) return;
    replace("never", begin, inner.size(), fmt::format("false && ({})", inner));
    replace("the other way", begin, inner.size(), fmt::format("!({})", inner));
  }

  // A call that stands alone, an assignment, a step that is added up: dropped.
  void statement(std::size_t first) {
    const std::string_view rest = code_.substr(first);
    const std::size_t last = rest.find_last_not_of(' ');
    if (rest[last] != ';' || !is_word(rest[0])) return;
    std::size_t name = 0;
    while (is_word(rest[name]) || rest[name] == '.' || rest[name] == ':' ||
           rest.substr(name).starts_with("->") || rest[name] == '>' || rest[name] == '-')
      ++name;
    const bool calls = rest[name] == '(' && rest[last - 1] == ')';
    const bool assigns = rest.substr(name).starts_with(" = ");
    const std::string_view word = rest.substr(0, name);
    if ((!calls && !assigns) || word == "return" || word == "if" || word == "while" || word == "for") return;
    replace(calls ? "call dropped" : "assignment dropped", first, last + 1, ";");
  }

  void branches() {
    const std::size_t question = code_.find(" ? "), colon = code_.find(" : ");
    if (question == std::string_view::npos || colon == std::string_view::npos || colon < question) return;
    const std::size_t end = code_.find_first_of(";,)", colon);
    const std::string_view yes = code_.substr(question + 3, colon - question - 3);
    if (end == std::string_view::npos || yes.contains(" ? ") || yes.contains('(')) return;
    const std::string_view no = code_.substr(colon + 3, end - colon - 3);
    if (no.contains('(') || no.contains(" ? ")) return;
    replace("branches swapped", question + 3, end - question - 3, fmt::format("{} : {}", no, yes));
  }

  void arguments() {
    for (std::size_t i = code_.find('('); i != std::string_view::npos; i = code_.find('(', i + 1)) {
      if (i == 0 || !is_word(code_[i - 1]) || in_text(i)) continue;
      const auto name_end = [&](std::size_t from) {
        while (is_word(at(from)) || at(from) == '.') ++from;
        return from;
      };
      const std::size_t first = name_end(i + 1);
      if (first == i + 1 || code_.substr(first, 2) != ", ") continue;
      const std::size_t second = name_end(first + 2);
      if (second == first + 2 || (at(second) != ',' && at(second) != ')')) continue;
      replace("arguments swapped", i + 1, second - i - 1,
              fmt::format("{}, {}", code_.substr(first + 2, second - first - 2),
                          code_.substr(i + 1, first - i - 1)));
    }
  }

  std::string_view text_, code_;
  std::vector<LineEdit> edits_;
};

}  // namespace

std::vector<LineEdit> edits_of_source_line(std::string_view line) {
  return Line(line).edits();
}

}  // namespace loadgen
