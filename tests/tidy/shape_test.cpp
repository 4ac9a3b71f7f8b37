// Size and words: what a reader can hold in mind, and what must not stay in the text.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <string>
#include <vector>

#include "tests/tidy/sources.h"

namespace {

using tidy::Source;

constexpr std::size_t file_lines_max = 400;
constexpr std::size_t function_lines_max = 70;

// Spelled in two halves, so that this file may name them.
const std::vector<std::string> banned_words = {
    "TO"
    "DO",
    "FIX"
    "ME",
    "X"
    "XX",
    "HA"
    "CK",
    "GTEST_"
    "SKIP",
    "DISABLED"
    "_"};
const std::vector<std::string> banned_code = {
    "stream_"
    "from(",  // libpqxx 6.4: reads uninitialised memory
    "using namespace "
    "std;"};

bool word_at(const std::string& text, std::size_t at, const std::string& word) {
  const auto part_of_word = [&](std::size_t index) {
    return index < text.size() && (std::isalnum(static_cast<unsigned char>(text[index])) != 0);
  };
  const bool open_end = word.back() == '_' || word.back() == '(' || word.back() == ';';
  return (at == 0 || !part_of_word(at - 1)) && (open_end || !part_of_word(at + word.size()));
}

void expect_without(const Source& source, const std::string& word) {
  for (std::size_t line = 0; line < source.lines.size(); ++line) {
    const std::string& text = source.lines[line];
    const auto at = text.find(word);
    if (at != std::string::npos && word_at(text, at, word)) {
      ADD_FAILURE() << source.path << ":" << line + 1 << " says " << word;
    }
  }
}

TEST(Shape, FilesHoldOneIdea) {
  for (const Source& source : tidy::sources()) {
    EXPECT_LE(source.lines.size(), file_lines_max)
        << source.path << " is longer than " << file_lines_max << " lines";
  }
}

// clang-format puts the end of a function's body into the column of its first line, so a body is what lies
// between a line that ends with "{" and the next "}" in the same column. Tables end with "};" and may be
// long.
TEST(Shape, FunctionsFitAScreen) {
  for (const Source& source : tidy::sources()) {
    std::string code = tidy::code_only(source.text);
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < code.size();) {
      const auto end = std::min(code.find('\n', at), code.size());
      std::string line = code.substr(at, end - at);
      line.erase(line.find_last_not_of(" ") + 1);
      lines.push_back(std::move(line));
      at = end + 1;
    }
    for (const std::string& indent : {std::string(), std::string("  ")}) {
      for (std::size_t first = 0; first < lines.size(); ++first) {
        const std::string& line = lines[first];
        if (!line.starts_with(indent) || line.size() <= indent.size() || line[indent.size()] == ' ') continue;
        if (!line.ends_with(") {") && !line.ends_with("const {") && !line.ends_with("noexcept {")) continue;
        std::size_t close = first + 1;
        while (close < lines.size() && !lines[close].starts_with(indent + "}")) ++close;
        if (close == lines.size() || lines[close] != indent + "}") continue;  // a lambda's or a table's end
        const bool table =
            lines[first + 1].starts_with(indent + "  return {") && lines[close - 1] == indent + "  };";
        if (table) continue;
        const std::size_t length = close - first + 1;
        EXPECT_LE(length, function_lines_max)
            << source.path << ":" << first + 1 << " has " << length << " lines: " << source.lines[first];
      }
    }
  }
}

TEST(Shape, HeadersAreGuardedAndSayWhatTheyAreFor) {
  for (const Source& source : tidy::sources()) {
    if (!source.header()) continue;
    EXPECT_NE(source.text.find("#pragma once"), std::string::npos) << source.path;
    EXPECT_TRUE(source.text.starts_with("//")) << source.path << " opens without a sentence on its purpose";
  }
}

TEST(Shape, NothingIsLeftForLater) {
  for (const Source& source : tidy::texts()) {
    for (const std::string& word : banned_words) expect_without(source, word);
  }
  for (const Source& source : tidy::sources()) {
    for (const std::string& word : banned_code) expect_without(source, word);
  }
}

TEST(Shape, NamesAreSnakeCase) {
  for (const Source& source : tidy::sources()) {
    const bool snake = std::ranges::all_of(source.path, [](unsigned char c) {
      return std::islower(c) != 0 || std::isdigit(c) != 0 || c == '_' || c == '/' || c == '.';
    });
    EXPECT_TRUE(snake) << source.path;
  }
}

TEST(Shape, FormatIsClangFormats) {
  const tidy::Ran ran = tidy::run("./hustle format --check");
  EXPECT_EQ(ran.exit_code, 0) << "run ./hustle format\n" << ran.output.substr(0, 4000);
}

}  // namespace
