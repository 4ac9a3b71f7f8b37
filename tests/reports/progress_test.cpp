#include "reports/progress.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

namespace {

using reports::Progress;
using reports::ProgressState;

TEST(progress, the_line) {
  EXPECT_EQ(reports::progress_line(
                {.elapsed_s = 12, .budget_s = 60, .plans = 482, .commands = 9654, .findings = 1}),
            "12 s of 60 s · 9,654 commands (804/s) · 482 plans · 1 finding · 48 s left");
  EXPECT_EQ(reports::progress_line({.elapsed_s = 0.2, .commands = 1, .note = "kill -9\nand restart"}),
            "0 s · 1 command · 0 plans · 0 findings · kill -9 and restart");
}

TEST(progress, a_log_gets_a_line_every_five_seconds) {
  std::ostringstream out;
  Progress progress(out, false);
  for (int tenth = 0; tenth <= 120; ++tenth) progress.update({.elapsed_s = tenth / 10.0, .budget_s = 60});
  progress.finish();
  const std::string text = out.str();
  EXPECT_EQ(std::ranges::count(text, '\n'), 2);
  EXPECT_EQ(text.find('\r'), std::string::npos);
  EXPECT_EQ(text.find('\033'), std::string::npos);
}

TEST(progress, a_terminal_gets_one_line_that_is_wiped) {
  std::ostringstream out;
  {
    Progress progress(out, true);
    for (int i = 0; i <= 100; ++i)
      progress.update({.elapsed_s = i / 100.0, .budget_s = 60, .note = std::string(200, 'x')});
  }
  const std::string text = out.str();
  EXPECT_EQ(std::ranges::count(text, '\n'), 0);
  EXPECT_LE(std::ranges::count(text, '\r'), 8);
  EXPECT_TRUE(text.ends_with("\r\033[K"));
}

}  // namespace
