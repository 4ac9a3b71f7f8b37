// Who may include whom: the floors of docs/architecture.md, and libraries where they belong.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "tests/tidy/sources.h"

namespace {

using tidy::Include;
using tidy::Source;

struct Floor {
  std::string folder;                // the longest matching one counts
  std::vector<std::string> allowed;  // beginnings of paths
};

const std::vector<Floor> floors = {
    {"model/vocabulary/", {"model/vocabulary/"}},
    {"model/rules/", {"model/vocabulary/", "model/rules/"}},
    {"model/judge/", {"model/"}},
    {"net/", {"net/"}},
    {"sim/", {"model/", "sim/"}},
    {"sim/providers/", {"model/", "sim/", "net/"}},
    {"reference_server/", {"model/vocabulary/", "net/", "reference_server/"}},
    {"loadgen/", {"model/", "sim/", "net/", "loadgen/"}},
    {"reports/", {"model/", "reports/", "loadgen/run.h", "loadgen/histogram"}},
    {"cli/", {"model/", "sim/", "net/", "loadgen/", "reports/", "cli/"}},
    {"tests/", {"model/", "sim/", "net/", "loadgen/", "reports/", "cli/", "reference_server/", "tests/"}},
};

// A library and the files that may include it: .cpp files, and in tests/ also headers.
struct Library {
  std::string name;
  std::vector<std::string> allowed;
};

const std::vector<Library> libraries = {
    // 20 to 60 s of compiling per file: one file, where our reader of requests is held against this one.
    {"boost/beast", {"tests/net/beast_agreement_test.cpp"}},
    {"boost/", {"net/", "tests/net/"}},
    {"CLI/", {"cli/"}},
    {"rapidcheck", {"tests/"}},
    {"gtest/", {"tests/"}},
    {"gmock/", {"tests/"}},
    {"benchmark/", {"tests/bench/"}},
    {"nlohmann/json.hpp", {"sim/", "loadgen/", "reports/", "cli/", "reference_server/", "tests/"}},
    {"pqxx/", {"loadgen/", "reference_server/", "tests/", "cli/"}},
    {"libpq-fe.h", {"loadgen/", "reference_server/", "tests/"}},
    {"simdjson", {"reference_server/", "loadgen/load/"}},
    {"prometheus/", {"reference_server/"}},
    {"spdlog/", {"reference_server/"}},
    {"openssl/", {"net/", "tests/"}},
};

bool begins(const std::string& text, const std::vector<std::string>& beginnings) {
  return std::ranges::any_of(beginnings, [&](const std::string& start) { return text.starts_with(start); });
}

const Floor* floor_of(const std::string& path) {
  const Floor* best = nullptr;
  for (const Floor& floor : floors) {
    if (path.starts_with(floor.folder) && (best == nullptr || floor.folder.size() > best->folder.size())) {
      best = &floor;
    }
  }
  return best;
}

TEST(Includes, FollowTheFloors) {
  ASSERT_GT(tidy::sources().size(), 50U);
  for (const Source& source : tidy::sources()) {
    const Floor* floor = floor_of(source.path);
    ASSERT_NE(floor, nullptr) << source.path << " is on no floor";
    for (const Include& include : tidy::includes(source)) {
      if (include.quoted && !begins(include.name, floor->allowed)) {
        ADD_FAILURE() << source.path << " may not include \"" << include.name << "\"";
      }
    }
  }
}

TEST(Includes, AreWrittenFromTheRootAndExist) {
  for (const Source& source : tidy::sources()) {
    for (const Include& include : tidy::includes(source)) {
      if (include.quoted && !tidy::exists(include.name)) {
        ADD_FAILURE() << source.path << " includes \"" << include.name
                      << "\", which is no path from the root";
      }
    }
  }
}

TEST(Includes, ModelUsesTheStandardLibraryOnly) {
  for (const Source& source : tidy::sources()) {
    if (!source.path.starts_with("model/")) continue;
    for (const Include& include : tidy::includes(source)) {
      const bool standard = include.name.find_first_of("./") == std::string::npos;
      if (!include.quoted && !standard) ADD_FAILURE() << source.path << " includes <" << include.name << ">";
    }
  }
}

TEST(Includes, KeepHeavyLibrariesWhereTheyBelong) {
  for (const Source& source : tidy::sources()) {
    for (const Include& include : tidy::includes(source)) {
      for (const Library& library : libraries) {
        if (include.quoted || !include.name.starts_with(library.name)) continue;
        const bool place = begins(source.path, library.allowed);
        const bool in_header = source.header() && !source.path.starts_with("tests/");
        if (!place || in_header) {
          ADD_FAILURE() << source.path << " includes <" << include.name << ">: keep it in the .cpp files of "
                        << library.allowed.front();
        }
      }
    }
  }
}

TEST(Includes, ReachEveryHeader) {
  std::set<std::string> reached;
  for (const Source& source : tidy::sources()) {
    for (const Include& include : tidy::includes(source)) {
      const std::string own = source.path.substr(0, source.path.rfind('.')) + ".h";
      if (include.quoted && include.name != own) reached.insert(include.name);
    }
  }
  for (const Source& source : tidy::sources()) {
    if (source.header() && !reached.contains(source.path)) {
      ADD_FAILURE() << source.path << " is included by nobody but its own .cpp: dead code";
    }
  }
}

// CMake builds every .cpp of the folders that it names; a file anywhere else would silently not exist.
TEST(Includes, BuildEverySource) {
  const std::string libraries_text = tidy::read("CMakeLists.txt").text;
  const std::string tests_text = tidy::read("tests/CMakeLists.txt").text;
  for (const Source& source : tidy::sources()) {
    if (source.header()) continue;
    const std::string folder = source.path.substr(0, source.path.rfind('/'));
    const bool known = folder.starts_with("tests/")
                           ? tests_text.find("hustle_tests(" + folder.substr(6)) != std::string::npos ||
                                 tests_text.find("/" + folder.substr(6) + "/*.cpp") != std::string::npos
                           : libraries_text.find(folder) != std::string::npos;
    EXPECT_TRUE(known) << "no CMake target builds " << source.path;
  }
}

}  // namespace
