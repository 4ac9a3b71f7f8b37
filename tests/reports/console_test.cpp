#include "reports/console.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <sstream>

#include "reports/text.h"
#include "tests/reports/hostile.h"

namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

TEST(console, ends_with_the_verdict) {
  const auto text = reports::console_summary(reports_test::sample_run(), "out/x", {});
  EXPECT_EQ(lines(text).back(), "NOT READY: 2 rules broken (conservation, INV-1) · exit 1");
}

TEST(console, tells_items_and_findings) {
  const auto text = reports::console_summary(reports_test::sample_run(), "out/x", {});
  EXPECT_THAT(text, HasSubstr("✔   1 Escrow is real and funded once"));
  EXPECT_THAT(text, HasSubstr("✘   2 Release pays once"));
  EXPECT_THAT(text, HasSubstr("?  30 Under $500/month"));
  EXPECT_THAT(text, HasSubstr("2/3"));  // evidence that holds, of all
  EXPECT_THAT(text, HasSubstr("$68.00 left the processor for an escrow of $40.00: paid out twice"));
  EXPECT_THAT(text, HasSubstr("▸ +31.9 ms   admin 1      escrow.release(escrow 1)"));
  EXPECT_THAT(text, HasSubstr("./hustle replay out/x/findings/1.json"));
  EXPECT_THAT(text, HasSubstr("./hustle replay out/x/findings/2.json"));
  EXPECT_THAT(text, HasSubstr("out/x/report.html"));
}

TEST(console, a_check_of_the_side_stage_is_run_again_by_its_name) {
  loadgen::Run run = reports_test::sample_run();
  run.findings.front().evidence.emplace_back("again", "./hustle gate --checks wire");
  const auto text = reports::console_summary(run, "out/x", {});
  EXPECT_THAT(text, HasSubstr("replay    ./hustle gate --checks wire"));
  EXPECT_EQ(text.find("./hustle replay out/x/findings/1.json"), std::string::npos);
}

TEST(console, no_line_is_wider_than_asked) {
  for (const std::size_t width : {80u, 100u}) {
    for (const auto& run : {reports_test::sample_run(), reports_test::hostile_run(), loadgen::Run()}) {
      for (const auto& line :
           lines(reports::console_summary(run, "out/x", {.colour = false, .width = width}))) {
        EXPECT_LE(reports::width(line), width) << line;
      }
    }
  }
}

TEST(console, hostile_text_cannot_drive_the_terminal) {
  const auto text = reports::console_summary(reports_test::hostile_run(), "out/x", {});
  for (const unsigned char c : text) ASSERT_TRUE(c >= 0x20 || c == '\n') << static_cast<int>(c);
  EXPECT_THAT(text, Not(HasSubstr("\xe2\x80\xae")));  // no turning of the text's direction
}

TEST(console, colours_only_when_asked) {
  EXPECT_THAT(reports::console_summary(reports_test::sample_run(), "out/x", {}), Not(HasSubstr("\033[")));
  EXPECT_THAT(reports::console_summary(reports_test::sample_run(), "out/x", {.colour = true}),
              HasSubstr("\033[31m"));
}

TEST(console, a_pipe_gets_no_colours) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  EXPECT_FALSE(reports::console_style(ends[1]).colour);
  close(ends[0]);
  close(ends[1]);
}

TEST(console, a_terminal_gets_colours_unless_NO_COLOR) {
  const int terminal = posix_openpt(2);  // O_RDWR
  ASSERT_GE(terminal, 0);
  setenv("TERM", "xterm", 1);
  unsetenv("NO_COLOR");
  EXPECT_TRUE(reports::console_style(terminal).colour);
  setenv("NO_COLOR", "1", 1);
  EXPECT_FALSE(reports::console_style(terminal).colour);
  unsetenv("NO_COLOR");
  setenv("TERM", "dumb", 1);
  EXPECT_FALSE(reports::console_style(terminal).colour);
  close(terminal);
}

TEST(console, a_thousand_findings_fit_and_every_rule_is_told) {
  const auto text = reports::console_summary(reports_test::run_of_many_findings(1000), "out/x", {});
  EXPECT_LT(lines(text).size(), 150u);
  EXPECT_THAT(text, HasSubstr("✘ 1000  INV-1"));
  EXPECT_THAT(text, HasSubstr("995 findings more"));
}

TEST(console, a_partial_run_says_so) {
  auto run = reports_test::clean_run();
  run.complete = false;
  run.incomplete_reason = "interrupted";
  run.exit_code = 4;
  const auto text = reports::console_summary(run, "", {});
  EXPECT_THAT(text, HasSubstr("PARTIAL RUN: interrupted"));
  EXPECT_THAT(text, Not(HasSubstr("report.html")));
}

}  // namespace
