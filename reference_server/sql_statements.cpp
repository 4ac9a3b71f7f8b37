#include "reference_server/sql_statements.h"

#include <algorithm>
#include <cctype>
#include <cstddef>

namespace server {
namespace {

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

// The position after the quoted text that starts at `at` with `quote`; a doubled quote stays inside.
// Backslashes count only in E'…' strings.
std::size_t after_quote(std::string_view text, std::size_t at, char quote, bool backslashes) {
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    if (backslashes && text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      if (i + 1 < text.size() && text[i + 1] == quote) {
        ++i;
      } else {
        return i + 1;
      }
    }
  }
  return text.size();
}

// The position after a $tag$ … $tag$ body that starts at `at`, or `at` when none starts there.
std::size_t after_dollar_body(std::string_view text, std::size_t at) {
  if (at > 0 && is_word(text[at - 1])) return at;
  std::size_t end = at + 1;
  while (end < text.size() && is_word(text[end])) ++end;
  if (end >= text.size() || text[end] != '$') return at;
  const bool numbered = end > at + 1 && std::isdigit(static_cast<unsigned char>(text[at + 1])) != 0;
  if (numbered) return at;
  const std::string_view tag = text.substr(at, end - at + 1);
  const std::size_t close = text.find(tag, end + 1);
  return close == std::string_view::npos ? text.size() : close + tag.size();
}

std::size_t after_comment(std::string_view text, std::size_t at) {
  if (text.substr(at, 2) == "--") return std::min(text.find('\n', at), text.size());
  if (text.substr(at, 2) != "/*") return at;
  int depth = 0;
  for (std::size_t i = at; i < text.size(); ++i) {
    if (text.substr(i, 2) == "/*") {
      ++depth;
      ++i;
    } else if (text.substr(i, 2) == "*/") {
      ++i;
      if (--depth == 0) return i + 1;
    }
  }
  return text.size();
}

std::size_t after_literal(std::string_view text, std::size_t at) {
  const char c = text[at];
  if (c == '$') return after_dollar_body(text, at);
  if (c != '\'' && c != '"') return at;
  const bool escapes = c == '\'' && at > 0 && (text[at - 1] == 'E' || text[at - 1] == 'e') &&
                       (at == 1 || !is_word(text[at - 2]));
  return after_quote(text, at, c, escapes);
}

}  // namespace

std::vector<SqlStatement> split_sql(std::string_view text) {
  std::vector<SqlStatement> statements;
  SqlStatement current;
  int line = 1;
  const auto put = [&](char c) {
    if (current.text.empty()) current.line = line;
    current.text += c;
  };
  const auto blank = [&] {
    if (!current.text.empty() && current.text.back() != ' ') current.text += ' ';
  };
  const auto finish = [&] {
    while (!current.text.empty() && current.text.back() == ' ') current.text.pop_back();
    if (!current.text.empty()) statements.push_back(current);
    current = {};
  };
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t comment = after_comment(text, i);
    const std::size_t literal = comment == i ? after_literal(text, i) : i;
    const std::size_t end = std::max(comment, literal);
    if (end > i) {
      if (literal > i) {
        put('\'');
        put('\'');
      } else {
        blank();
      }
      line += static_cast<int>(std::count(text.begin() + static_cast<std::ptrdiff_t>(i),
                                          text.begin() + static_cast<std::ptrdiff_t>(end), '\n'));
      i = end;
      continue;
    }
    const char c = text[i++];
    if (c == ';') {
      finish();
    } else if (std::isspace(static_cast<unsigned char>(c)) != 0) {
      blank();
    } else {
      put(static_cast<char>(std::toupper(static_cast<unsigned char>(c))));
    }
    if (c == '\n') ++line;
  }
  finish();
  return statements;
}

}  // namespace server
