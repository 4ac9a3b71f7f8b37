// Children die with us, whoever started them and however we end.
#include "loadgen/environment/children.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "loadgen/environment/error.h"
#include "loadgen/environment/temp_directory.h"
#include "tests/environment/processes.h"

namespace {

using loadgen::Child;
using loadgen::ChildOptions;
using loadgen::EnvironmentError;
using loadgen::TempDirectory;
using namespace std::chrono_literals;

ChildOptions shell(const std::string& script) {
  ChildOptions options;
  options.command = {"/bin/sh", "-c", script};
  return options;
}

TEST(Child, ReadsLinesAndTellsHowItEnded) {
  Child child(shell("echo one; echo two; exit 7"));
  EXPECT_EQ(child.read_line(5s), "one");
  EXPECT_EQ(child.read_line(5s), "two");
  EXPECT_EQ(child.read_line(5s), std::nullopt);
  const auto exit = child.wait(5s);
  ASSERT_TRUE(exit);
  EXPECT_EQ(exit->text(), "exit code 7");
}

TEST(Child, WaitsForALineNoLongerThanAsked) {
  Child child(shell("printf half; exec sleep 60"));
  EXPECT_EQ(child.read_line(50ms), std::nullopt);
  EXPECT_FALSE(child.exited());
  EXPECT_EQ(child.kill_hard().text(), "killed by signal 9");
}

TEST(Child, ThatDoesNotExistIsOneLine) {
  ChildOptions options;
  options.command = {"/nowhere/hustle-server"};
  try {
    Child child(std::move(options));
    ADD_FAILURE() << "started";
  } catch (const EnvironmentError& error) {
    EXPECT_EQ(error.exit_code, 3);
    EXPECT_STREQ(error.what(), "cannot start /nowhere/hustle-server: No such file or directory");
  }
}

TEST(Child, ThatIgnoresTheRequestIsKilledAfterTheGrace) {
  Child polite(shell("trap 'exit 5' TERM; echo ready; while :; do sleep 0.01; done"));
  ASSERT_EQ(polite.read_line(5s), "ready");
  EXPECT_EQ(polite.terminate(5s).code, 5);
  Child stubborn(shell("trap '' TERM; echo ready; while :; do sleep 0.01; done"));
  ASSERT_EQ(stubborn.read_line(5s), "ready");
  EXPECT_EQ(stubborn.terminate(100ms).signal, SIGKILL);
}

TEST(Child, RestartedRunsTheSameCommandAgain) {
  Child child(shell("echo $$; exec sleep 60"));
  const auto first = child.read_line(5s);
  child.restart();
  const auto second = child.read_line(5s);
  ASSERT_TRUE(first && second);
  EXPECT_NE(*first, *second);
  EXPECT_FALSE(test::alive(static_cast<pid_t>(std::stoi(*first))));
}

TEST(Child, GetsTheEnvironmentAndNoneOfOurFiles) {
  const int leaked = dup(1);  // opened without O_CLOEXEC
  ChildOptions options = shell("echo $HUSTLE_WORD; ls /proc/self/fd | tr '\\n' ' '");
  options.environment = {{"HUSTLE_WORD", "seattle"}};
  Child child(std::move(options));
  EXPECT_EQ(child.read_line(5s), "seattle");
  child.wait(5s);
  close(leaked);
  // 3 is the directory that ls reads.
  Child listing(shell("ls /proc/self/fd | tr '\\n' ' '; echo"));
  EXPECT_EQ(listing.read_line(5s), "0 1 2 3 ");
}

TEST(Child, LogTailHoldsTheLastLines) {
  const TempDirectory directory("/tmp");
  ChildOptions options = shell("for i in 1 2 3 4; do echo line $i >&2; done");
  options.log_file = directory.path() + "/log";
  Child child(std::move(options));
  child.wait(5s);
  EXPECT_EQ(child.log_tail(2), "line 3\nline 4");
}

TEST(Child, OutlivesTheThreadThatStartedIt) {
  std::optional<Child> child;
  std::thread([&] { child.emplace(shell("echo ready; exec sleep 60")); }).join();
  EXPECT_EQ(child->read_line(5s), "ready");
  EXPECT_FALSE(child->wait(100ms));
}

TEST(Child, DiesWhenItsParentIsKilled) {
  const test::Parent parent([](const std::function<void(const std::string&)>& tell) {
    Child child(shell("exec sleep 60"));
    tell(std::to_string(child.pid()));
    pause();
  });
  const auto pid = static_cast<pid_t>(std::stoi(parent.told()));
  EXPECT_TRUE(test::alive(pid));
  parent.kill_hard();
  EXPECT_TRUE(test::soon([&] { return !test::alive(pid); }));
}

TEST(TempDirectory, IsRemovedByTheDestructorAndAfterAKill) {
  std::string path;
  {
    const TempDirectory directory("/tmp");
    path = directory.path();
    std::filesystem::create_directories(path + "/deep/er");
    std::ofstream(path + "/deep/er/file") << "x";
  }
  EXPECT_FALSE(std::filesystem::exists(path));

  const test::Parent parent([](const std::function<void(const std::string&)>& tell) {
    const TempDirectory directory("/tmp");
    std::ofstream(directory.path() + "/file") << "x";
    tell(directory.path());
    pause();
  });
  EXPECT_TRUE(std::filesystem::exists(parent.told() + "/file"));
  parent.kill_hard();
  EXPECT_TRUE(test::soon([&] { return !std::filesystem::exists(parent.told()); }));
}

}  // namespace
