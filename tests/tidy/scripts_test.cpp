// Scripts parse, the two tables of commands agree, documents link to files that exist, headers compile alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/tidy/sources.h"

namespace {

using tidy::Ran;
using tidy::Source;

TEST(Scripts, Parse) {
  for (const char* script : {"hustle", ".ci/run"}) {
    const Ran ran = tidy::run(std::string("bash -n ") + script + " && test -x " + script);
    EXPECT_EQ(ran.exit_code, 0) << script << " " << ran.output;
  }
}

TEST(Launcher, ExplainsEveryCommandOnOneScreenWithoutBuilding) {
  const Ran alone = tidy::run("./hustle");
  EXPECT_EQ(alone.exit_code, 0);
  EXPECT_EQ(alone.output, tidy::run("./hustle --help").output);
  EXPECT_LE(std::ranges::count(alone.output, '\n'), 40);
  // Name and sentence of each row of the table in cli/main.cpp, whatever its line breaks.
  const std::string table = tidy::read("cli/main.cpp").text;
  const std::regex row(R"re(Command\{"([a-z]+)",\s*"([^"]*)",)re");
  int rows = 0;
  for (std::sregex_iterator at(table.begin(), table.end(), row), end; at != end; ++at, ++rows) {
    std::string line = "  " + (*at)[1].str();
    line.resize(13, ' ');
    line += (*at)[2].str() + "\n";
    EXPECT_NE(alone.output.find(line), std::string::npos) << "./hustle --help lacks: " << line;
  }
  EXPECT_GE(rows, 8);
}

TEST(Launcher, RefusesAnUnknownCommandInOneLine) {
  const Ran ran = tidy::run("./hustle gaet --seed 1");
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_EQ(ran.output, "hustle: unknown command 'gaet' (./hustle --help lists them)\n");
}

TEST(Documents, LinkToWhatExists) {
  const std::regex link(R"(\]\(([^)#\s]+)(#[^)]*)?\))");
  for (const Source& source : tidy::texts()) {
    if (!source.path.ends_with(".md")) continue;
    const auto slash = source.path.rfind('/');
    const std::string folder = slash == std::string::npos ? "" : source.path.substr(0, slash + 1);
    for (std::sregex_iterator at(source.text.begin(), source.text.end(), link), end; at != end; ++at) {
      const std::string target = (*at)[1].str();
      if (target.starts_with("http")) continue;
      EXPECT_TRUE(tidy::exists(folder + target)) << source.path << " links to " << target;
    }
  }
}

// Any order of includes must do, so each header brings what it needs. The build proves it for a header that
// is the first include of its own .cpp; the others are compiled here.
TEST(Headers, CompileAlone) {
  std::set<std::string> proven;
  for (const Source& source : tidy::sources()) {
    const auto list = tidy::includes(source);
    if (!source.header() && !list.empty()) proven.insert(list.front().name);
  }
  std::vector<std::string> batches(2);
  std::size_t next = 0;
  for (const Source& source : tidy::sources()) {
    if (source.header() && !proven.contains(source.path))
      batches[next++ % batches.size()] += " " + source.path;
  }
  std::vector<Ran> ran(batches.size());
  {
    std::vector<std::jthread> workers;
    for (std::size_t index = 0; index < batches.size(); ++index) {
      workers.emplace_back([&, index] {
        ran[index] = tidy::run(
            "clang++-19 -std=c++23 -fsyntax-only -x c++-header -DPQXX_HAVE_OPTIONAL=1 "
            "-DHUSTLE_SOURCE_DIR='\"\"' "
            "-I. -isystem /usr/include/postgresql" +
            batches[index]);
      });
    }
  }
  for (const Ran& result : ran) EXPECT_EQ(result.exit_code, 0) << result.output.substr(0, 4000);
}

}  // namespace
