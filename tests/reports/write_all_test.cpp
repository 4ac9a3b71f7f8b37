#include "reports/write_all.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <set>

#include "reports/json.h"
#include "tests/reports/hostile.h"

namespace {

namespace fs = std::filesystem;
using reports_test::TempDir;
using testing::HasSubstr;
using testing::StartsWith;

std::string message_of(const loadgen::Run& run, const fs::path& dir) {
  try {
    reports::write_all(run, dir);
    return "written";
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

std::set<std::string> names_in(const fs::path& dir) {
  std::set<std::string> out;
  for (const auto& entry : fs::directory_iterator(dir)) out.insert(entry.path().filename().string());
  return out;
}

TEST(write_all, leaves_every_file_and_no_other) {
  const TempDir temp;
  const auto dir = reports::make_out_dir(temp.path / "out", "gate", 42);
  reports::write_all(reports_test::sample_run(), dir);
  EXPECT_EQ(names_in(dir), (std::set<std::string>{"report.html", "report.json", "junit.xml", "summary.md",
                                                  "findings", "histograms.hlog"}));
  EXPECT_EQ(names_in(dir / "findings"), (std::set<std::string>{"1.json", "2.json"}));
  EXPECT_EQ(fs::read_symlink(temp.path / "out/latest"), dir.filename());
  EXPECT_EQ(names_in(temp.path / "out").size(), 2u);
  const auto finding = reports::read_finding(dir / "findings/2.json");
  ASSERT_TRUE(finding) << finding.error();
  EXPECT_EQ(finding->rule, "INV-1");
  const auto log = reports_test::read(dir / "histograms.hlog");
  EXPECT_THAT(log,
              HasSubstr("#[StartTime: 1767323045.000 (seconds since epoch), Fri Jan 02 03:04:05 UTC 2026]"));
  EXPECT_THAT(log, HasSubstr("Tag=escrow.release,0.000,60.020,"));
}

TEST(write_all, two_runs_of_one_second_get_two_folders) {
  const TempDir temp;
  std::set<fs::path> dirs;
  for (int i = 0; i < 5; ++i) dirs.insert(reports::make_out_dir(temp.path, "gate", 7));
  EXPECT_EQ(dirs.size(), 5u);
}

TEST(write_all, latest_follows_the_last_run) {
  const TempDir temp;
  const auto first = reports::make_out_dir(temp.path, "gate", 1);
  const auto second = reports::make_out_dir(temp.path, "gate", 2);
  reports::write_all(reports_test::clean_run(), first);
  reports::write_all(reports_test::clean_run(), second);
  EXPECT_EQ(fs::read_symlink(temp.path / "latest"), second.filename());
}

TEST(write_all, a_folder_of_the_users_own_gets_no_link) {
  const TempDir temp;
  reports::write_all(reports_test::clean_run(), temp.path / "mine/");
  EXPECT_EQ(names_in(temp.path), (std::set<std::string>{"mine"}));
  EXPECT_EQ(names_in(temp.path / "mine").size(), 5u);
}

TEST(write_all, never_replaces_something_called_latest) {
  const TempDir temp;
  fs::create_directory(temp.path / "latest");
  reports::write_all(reports_test::clean_run(), reports::make_out_dir(temp.path, "gate", 1));
  EXPECT_FALSE(fs::is_symlink(temp.path / "latest"));
}

TEST(write_all, a_place_that_cannot_be_is_one_line) {
  const TempDir temp;
  reports_test::write(temp.path / "file", "x");
  const std::string message = message_of(reports_test::sample_run(), temp.path / "file/run");
  EXPECT_THAT(message, StartsWith("cannot make folder " + (temp.path / "file").string()));
  EXPECT_THAT(message, HasSubstr("Not a directory"));
  EXPECT_EQ(message.find('\n'), std::string::npos);
}

TEST(check_out_dir, tells_before_the_run_what_would_fail_after_it) {
  const TempDir temp;
  reports::check_out_dir(temp.path / "new/folder");
  EXPECT_TRUE(fs::is_empty(temp.path / "new/folder"));
  reports_test::write(temp.path / "file", "x");
  EXPECT_THROW(reports::check_out_dir(temp.path / "file/folder"), std::runtime_error);
  EXPECT_THROW(reports::check_out_dir(temp.path / "file"), std::runtime_error);
  EXPECT_THROW(reports::check_out_dir("/proc/self"), std::runtime_error);
}

TEST(write_all, a_disk_that_fills_up_leaves_only_whole_files) {
  const TempDir temp;
  const auto dir = reports::make_out_dir(temp.path, "gate", 1);
  const auto run = reports_test::sample_run();
  const pid_t child = fork();
  if (child == 0) {  // a limit on file size stands for the full disk; it must not reach the other tests
    signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{20'000, 20'000};
    setrlimit(RLIMIT_FSIZE, &limit);
    _exit(message_of(run, dir) == "cannot write " + (dir / "report.json").string() + ": File too large" ? 0
                                                                                                        : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_TRUE(fs::is_empty(dir));
}

TEST(write_all, a_thousand_findings) {
  const TempDir temp;
  reports::write_all(reports_test::run_of_many_findings(1000), temp.path / "run");
  EXPECT_EQ(names_in(temp.path / "run/findings").size(), 1000u);
  EXPECT_LT(fs::file_size(temp.path / "run/report.html"), 2u << 20);
}

TEST(write_all, hostile_and_empty_runs) {
  const TempDir temp;
  EXPECT_EQ(message_of(reports_test::hostile_run(), temp.path / "hostile"), "written");
  EXPECT_EQ(message_of(loadgen::Run(), temp.path / "empty"), "written");
}

}  // namespace
