// `./hustle tidy` looks at a file again when its text, a header below it, its compile command or the checks
// changed, and only then; a finding is shown and remembered as nothing.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "tests/tidy/sources.h"

namespace {

namespace fs = std::filesystem;
using tidy::Ran;
using Names = std::set<std::string>;

// A project of two files and two headers, and a clang-tidy that writes down what it is asked to read and
// finds fault with the word "bad".
class Lint : public testing::Test {
 protected:
  Lint() {
    std::string name = "/tmp/hustle-lint-XXXXXX";
    root_ = mkdtemp(name.data());
    for (const char* folder : {"bin", "tests/tidy", "model", "build/release"})
      fs::create_directories(root_ / folder);
    fs::copy(fs::path(HUSTLE_SOURCE_DIR) / "tests/tidy/lint", root_ / "tests/tidy/lint");
    write("bin/clang-tidy-19", R"(#!/bin/bash
[ "$1" != --version ] || { echo 19; exit; }
file=${@: -1}
echo "$file" >>asked
! grep -n bad "$file")");
    fs::permissions(root_ / "bin/clang-tidy-19", fs::perms::owner_all);
    write("model/deep.h", "int deep();");
    write("model/near.h", "#include \"model/deep.h\"");
    write("model/one.cpp", "#include \"model/near.h\"");
    write("model/two.cpp", "int two();");
    write(".clang-tidy", "Checks: '*'");
    commands("-O2");
    tidy::run("cd " + root_.string() + " && git init -q .");
  }
  ~Lint() override { fs::remove_all(root_); }
  Lint(const Lint&) = delete;
  Lint& operator=(const Lint&) = delete;

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(root_ / name) << text << "\n";
  }
  void commands(const std::string& flags) const {
    std::string text = "[\n";
    for (const char* name : {"one", "two"}) {
      const std::string file = (root_ / "model" / name).string() + ".cpp";
      text += "{\n  \"command\": \"clang++ " + flags + " " + file + "\",\n  \"file\": \"" + file + "\"\n},\n";
    }
    write("build/release/compile_commands.json", text);
  }
  Ran lint() const {
    fs::remove(root_ / "asked");
    return tidy::run("cd / && PATH=" + (root_ / "bin").string() + ":$PATH " +
                     (root_ / "tests/tidy/lint").string() +
                     " build/release model/one.cpp model/two.cpp 2>&1");
  }
  Names asked() const {
    std::ifstream file(root_ / "asked");
    Names names;
    for (std::string line; std::getline(file, line);) names.insert(line);
    return names;
  }

 private:
  fs::path root_;
};

TEST_F(Lint, WhatWasCleanIsReadAgainOnlyWhenItChanged) {
  EXPECT_EQ(lint().exit_code, 0);
  EXPECT_EQ(asked(), (Names{"model/one.cpp", "model/two.cpp"}));
  EXPECT_EQ(lint().exit_code, 0);
  EXPECT_EQ(asked(), Names{});
  write("model/deep.h", "int deeper();");
  lint();
  EXPECT_EQ(asked(), Names{"model/one.cpp"});
  write("model/two.cpp", "int three();");
  lint();
  EXPECT_EQ(asked(), Names{"model/two.cpp"});
}

TEST_F(Lint, OtherChecksOrFlagsReadEverythingAgain) {
  lint();
  write(".clang-tidy", "Checks: 'bugprone-*'");
  lint();
  EXPECT_EQ(asked().size(), 2U);
  commands("-O3");
  lint();
  EXPECT_EQ(asked().size(), 2U);
}

TEST_F(Lint, AFindingIsShownFailsAndIsShownAgain) {
  write("model/two.cpp", "int bad();");
  for (int round = 0; round < 2; ++round) {
    const Ran ran = lint();
    EXPECT_EQ(ran.exit_code, 1);
    EXPECT_NE(ran.output.find("1:int bad();"), std::string::npos) << ran.output;
    EXPECT_TRUE(asked().contains("model/two.cpp"));
  }
}

}  // namespace
