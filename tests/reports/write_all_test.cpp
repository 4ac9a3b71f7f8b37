#include "reports/write_all.h"

#include <gtest/gtest.h>

#include "tests/reports/support.h"

namespace {

TEST(write_all, leaves_every_file) {
  const reports_test::TempDir temp;
  const auto dir = reports::make_out_dir(temp.path / "out", "gate", 42);
  reports::write_all(reports_test::sample_run(), dir);
  for (const char* file : {"report.html", "report.json", "junit.xml", "summary.md", "findings/1.json", "findings/2.json",
                           "histograms.hlog"}) {
    EXPECT_GT(std::filesystem::file_size(dir / file), 100u) << file;
  }
  EXPECT_EQ(std::filesystem::read_symlink(temp.path / "out/latest"), dir.filename());
  if (const char* keep = std::getenv("KEEP_REPORT")) std::filesystem::copy(dir, keep, std::filesystem::copy_options::recursive);
}

}  // namespace
