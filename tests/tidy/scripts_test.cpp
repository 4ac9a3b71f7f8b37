// Scripts parse, documents link to files that exist, headers compile alone.
#include <gtest/gtest.h>

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
  for (const char* script : {"hustle", ".ci/run", "tests/tidy/lint"}) {
    const Ran ran = tidy::run(std::string("bash -n ") + script + " && test -x " + script);
    EXPECT_EQ(ran.exit_code, 0) << script << " " << ran.output;
  }
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
