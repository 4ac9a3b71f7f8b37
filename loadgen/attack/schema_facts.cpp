#include "loadgen/attack/schema_facts.h"

#include <algorithm>
#include <cctype>
#include <sstream>
#include <stdexcept>

namespace loadgen::attack {
namespace {

std::vector<std::string> split(std::string_view text, char by) {
  std::vector<std::string> parts;
  std::size_t from = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] != by) continue;
    const std::string_view part = text.substr(from, i - from);
    const std::size_t begin = part.find_first_not_of(' ');
    if (begin != std::string_view::npos)
      parts.emplace_back(part.substr(begin, part.find_last_not_of(' ') - begin + 1));
    from = i + 1;
  }
  return parts;
}

[[noreturn]] void refuse(std::string_view what) {
  throw std::logic_error("not in the notation of schema_facts.h: " + std::string(what));
}

bool is_digit(char c) {
  return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

// "t20!", "n5.4", "uuid[]"
void read_type(std::string text, FactColumn& column) {
  if (text.ends_with('!')) {
    column.required = true;
    text.pop_back();
  }
  const auto digit = std::ranges::find_if(text, is_digit);
  column.type = std::string(text.begin(), digit);
  const std::string digits(digit, text.end());
  if (column.type == "n") {
    const std::size_t dot = digits.find('.');
    column.digits = std::stoi(digits);
    column.scale = std::stoi(digits.substr(dot + 1));
  } else if (!digits.empty()) {
    column.length = std::stoi(digits);
  }
}

void read_range(const std::string& text, FactColumn& column) {
  const std::size_t dots = text.find("..");
  if (dots == std::string::npos) refuse(text);
  column.low = text.substr(0, dots);
  column.high = text.substr(dots + 2);
}

void read_reference(std::string text, FactColumn& column) {
  if (text.ends_with('+')) column.on_delete = FactColumn::OnDelete::follows;
  if (text.ends_with('-')) column.on_delete = FactColumn::OnDelete::unset;
  if (column.on_delete != FactColumn::OnDelete::refused) text.pop_back();
  const std::size_t dot = text.find('.');
  column.references = text.substr(0, dot);
  if (dot != std::string::npos) column.referenced = text.substr(dot + 1);
}

void read_remark(const std::string& text, FactColumn& column) {
  const std::string rest = text.substr(1);
  switch (text.front()) {
    case '@':
      (text == "@@" ? column.primary : column.unique) = true;
      return;
    case '~':
      column.cyclic = true;
      return;
    case '=':
      column.standard = rest;
      return;
    case '{':
      column.words = split(std::string_view(rest).substr(0, rest.size() - 1), ',');
      return;
    case '[':
      return read_range(rest.substr(0, rest.size() - 1), column);
    case '#':
      (rest.starts_with("..") ? column.at_most : column.exactly) =
          std::stoi(rest.starts_with("..") ? rest.substr(2) : rest);
      return;
    case '/':
      column.pattern = rest.substr(0, rest.size() - 1);
      return;
    case '>':
      return read_reference(rest, column);
    default:
      refuse(text);
  }
}

FactColumn read_column(const std::string& text) {
  const std::size_t example = text.find(" :");
  std::istringstream words(text.substr(0, example));
  FactColumn column;
  if (example != std::string::npos) column.example = text.substr(example + 2);
  std::string type;
  if (!(words >> column.name >> type)) refuse(text);
  read_type(type, column);
  for (std::string word; words >> word;) read_remark(word, column);
  return column;
}

// "a='x y' b=2": blanks within quotes belong to the value.
std::vector<Assignment> read_assignments(std::string_view text) {
  std::vector<Assignment> all;
  std::string word;
  bool quoted = false;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && (text[i] != ' ' || quoted)) {
      if (text[i] == '\'') quoted = !quoted;
      word += text[i];
      continue;
    }
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos) refuse(text);
    all.emplace_back(word.substr(0, equals), word.substr(equals + 1));
    word.clear();
  }
  return all;
}

void read_rule(const std::string& text, TableFacts& facts) {
  const std::size_t condition = text.find(" where ");
  std::vector<std::string> words = split(std::string_view(text).substr(0, condition), ' ');
  const std::string first = words.front();
  words.erase(words.begin());
  if (first == "unique") {
    facts.keys.push_back({words, condition == std::string::npos ? "" : text.substr(condition + 7)});
  } else if (first == "updated_at") {
    facts.stamped = true;
  } else if (first == "derived") {
    facts.derived = true;
  } else if (first == "at") {
    facts.stage = words.at(0);
  } else if (first == "undeleted") {
    facts.remains = facts.untruncated = true;
  } else if (first == "remains") {
    facts.remains = true;
  } else if (first == "untruncated") {
    facts.untruncated = true;
  } else if (first == "fixed" || first == "kept") {
    facts.fixed = true;
    facts.fixed_columns = words;
    if (first == "kept") facts.remains = facts.untruncated = true;
  } else if (first == "never") {
    facts.never.push_back(read_assignments(std::string_view(text).substr(6)));
  } else {
    refuse(text);
  }
}

}  // namespace

TableFacts parse_facts(const TableText& text) {
  TableFacts facts;
  facts.table = text.table;
  facts.source = text.source;
  for (const std::string& column : split(text.columns, ';')) facts.columns.push_back(read_column(column));
  for (const std::string& rule : split(text.rules, ';')) read_rule(rule, facts);
  return facts;
}

const std::vector<TableFacts>& all_facts() {
  static const std::vector<TableFacts> kAll = [] {
    std::vector<TableFacts> all;
    for (const TableText& text : core_tables()) all.push_back(parse_facts(text));
    for (const TableText& text : other_tables()) all.push_back(parse_facts(text));
    return all;
  }();
  return kAll;
}

}  // namespace loadgen::attack
