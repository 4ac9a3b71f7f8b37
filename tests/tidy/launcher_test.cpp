// The launcher: explains itself without building, and prepares a machine that lacks packages, or says exactly
// how.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <string>

#include "tests/tidy/sources.h"

namespace {

namespace fs = std::filesystem;
using tidy::Ran;

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

// A machine of stubs: the launcher alone in a directory, a PATH with a few real tools, and what the test
// adds.
class Machine {
 public:
  Machine() {
    std::string name = "/tmp/hustle-launcher-XXXXXX";
    directory_ = mkdtemp(name.data());
    fs::create_directory(directory_ / "bin");
    fs::copy(fs::path(HUSTLE_SOURCE_DIR) / "hustle", directory_ / "hustle");
    for (const char* tool : {"bash", "env", "cat", "dirname", "readlink", "mkdir", "mktemp", "rm", "grep",
                             "tail", "head", "flock", "tee"}) {
      const fs::path real = fs::exists(fs::path("/usr/bin") / tool) ? "/usr/bin" : "/bin";
      fs::create_symlink(real / tool, directory_ / "bin" / tool);
    }
    // Everything but Ninja and cmake is installed.
    tool("dpkg-query", R"(case "${@: -1}" in ninja-build | cmake) exit 1 ;; esac; printf installed)");
    tool("id", "echo 0");
    tool("cmake", "echo 'CMake Error: this machine has no compiler'; exit 1");
  }
  ~Machine() { fs::remove_all(directory_); }
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  void tool(const std::string& name, const std::string& script) const {
    const fs::path path = directory_ / "bin" / name;
    std::ofstream(path) << "#!/bin/bash\n" << script << "\n";
    fs::permissions(path, fs::perms::owner_all);
  }
  Ran run(const std::string& command) const {
    return tidy::run("cd / && env -i PATH=" + (directory_ / "bin").string() + " " +
                     (directory_ / "hustle").string() + " " + command + " </dev/null");
  }
  std::string file(const std::string& name) const {
    std::ifstream stream(directory_ / name);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  std::string path() const { return directory_.string(); }

 private:
  fs::path directory_;
};

TEST(LauncherPackages, PrintsTheExactLineWithoutApt) {
  const Machine machine;
  const Ran ran = machine.run("gate");
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_TRUE(ran.output.ends_with("\napt-get install --no-install-recommends -y cmake ninja-build\n"))
      << ran.output;
}

TEST(LauncherPackages, PrintsTheExactLineWithoutRights) {
  const Machine machine;
  machine.tool("id", "echo 1000");
  machine.tool("apt-get", "echo called >>" + machine.path() + "/apt");
  const Ran ran = machine.run("gate");
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_TRUE(ran.output.ends_with("\napt-get install --no-install-recommends -y cmake ninja-build\n"))
      << ran.output;
  EXPECT_EQ(machine.file("apt"), "");
}

TEST(LauncherPackages, PrintsTheExactLineWhenAptFails) {
  const Machine machine;
  machine.tool("apt-get", "echo 'E: Unable to fetch some archives'; exit 100");
  const Ran ran = machine.run("gate");
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_NE(ran.output.find("E: Unable to fetch some archives\n"), std::string::npos) << ran.output;
  EXPECT_TRUE(ran.output.ends_with("\napt-get install --no-install-recommends -y cmake ninja-build\n"))
      << ran.output;
}

TEST(LauncherPackages, ShowsTheEndOfALogThatNamesNoError) {
  const Machine machine;
  machine.tool("apt-get", "echo 'dpkg was interrupted'; exit 100");
  EXPECT_NE(machine.run("gate").output.find("\ndpkg was interrupted\n"), std::string::npos);
}

TEST(LauncherPackages, InstallsWhatIsMissingOnceAndWithSudoIfNeeded) {
  const Machine machine;
  machine.tool("id", "echo 1000");
  machine.tool("sudo", R"([ "$1" != -n ] || shift; "$@")");
  machine.tool("true", "exit 0");
  machine.tool("apt-get", "echo \"$*\" >>" + machine.path() + "/apt");
  const Ran first = machine.run("gate");
  EXPECT_EQ(machine.file("apt"), "update -q\ninstall --no-install-recommends -y -q cmake ninja-build\n");
  // The stub of cmake fails: the log's errors are shown.
  EXPECT_EQ(first.exit_code, 2);
  EXPECT_NE(first.output.find("CMake Error: this machine has no compiler"), std::string::npos)
      << first.output;
  machine.run("gate");
  EXPECT_EQ(machine.file("apt"), "update -q\ninstall --no-install-recommends -y -q cmake ninja-build\n");
}

// An old Node, so that npm has to bring one; `npm` is what npm does.
Ran tests_with_npm(const Machine& machine, const std::string& npm) {
  machine.tool("dpkg-query", "printf installed");
  machine.tool("node", "exit 1");
  machine.tool("npm", npm);
  fs::create_directories(fs::path(machine.path()) / "tests/clients/node");
  return machine.run("test");
}

TEST(LauncherNpm, ItsOwnReasonsAreShownWithoutTheStackTrace) {
  const Machine machine;
  const Ran ran = tests_with_npm(machine, R"(echo 'npm warn old lockfile'; cat >&2 <<'TEXT'
npm error code ECONNREFUSED
npm error FetchError: request to http://registry.invalid/node failed
npm error     at ClientRequest.<anonymous> (index.js:130:14)
npm error   errno: 'ECONNREFUSED',
npm error }
TEXT
exit 1)");
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_EQ(ran.output,
            "npm error code ECONNREFUSED\n"
            "npm error FetchError: request to http://registry.invalid/node failed\n"
            "hustle: npm ci failed in tests/clients/node\n");
}

TEST(LauncherNpm, WordsOfAnotherKindAreShownToo) {
  const Machine machine;
  const Ran ran = tests_with_npm(machine, "echo 'npm: no space left on device'; exit 28");
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_EQ(ran.output, "npm: no space left on device\nhustle: npm ci failed in tests/clients/node\n");
}

TEST(LauncherNpm, SaysNothingWhenItWorks) {
  const Machine machine;
  const Ran ran =
      tests_with_npm(machine, "echo \"added 1 package\"; echo 'npm warn noise' >&2; echo \"$PWD\" >>" +
                                  machine.path() + "/npm");
  EXPECT_EQ(machine.file("npm"), machine.path() + "/tests/clients/node\n");
  EXPECT_EQ(ran.output.find("npm"), std::string::npos) << ran.output;
}

}  // namespace
