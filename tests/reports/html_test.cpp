// The page as a real browser sees it (Debian's chromium): no script errors, everything drawn, nothing
// fetched.
#include "reports/html.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/reports/hostile.h"

namespace {

using testing::HasSubstr;
using testing::Not;

std::string in_browser(const loadgen::Run& run) {
  const reports_test::TempDir dir;
  reports_test::write(dir.path / "report.html", reports::html_report(run, "out/x"));
  const auto ran = reports_test::run_shell(
      "timeout 90 chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run"
      " --disable-background-networking --disable-component-update --disable-sync --user-data-dir=" +
      reports_test::shell_quoted(dir.path / "profile") + " --dump-dom file://" +
      (dir.path / "report.html").string() + " 2>/dev/null");
  if (ran.exit_code != 0) {
    throw std::runtime_error("chromium (Debian package chromium) could not open the report: exit " +
                             std::to_string(ran.exit_code));
  }
  return ran.output;
}

std::size_t occurrences(const std::string& text, std::string_view of) {
  std::size_t n = 0;
  for (std::size_t at = text.find(of); at != std::string::npos; at = text.find(of, at + of.size())) ++n;
  return n;
}

void expect_drawn(const std::string& page) {
  EXPECT_THAT(page.substr(0, 300), HasSubstr("data-rendered=\"true\""));
  EXPECT_THAT(page.substr(0, 300), Not(HasSubstr("data-error")));
  EXPECT_THAT(page.substr(0, 300), Not(HasSubstr("data-pwned")));
}

TEST(html, everything_is_drawn) {
  const auto page = in_browser(reports_test::sample_run());
  expect_drawn(page);
  EXPECT_THAT(page, HasSubstr("<h1 class=\"bad\">NOT READY</h1>"));
  EXPECT_EQ(occurrences(page, "class=\"lane\""), 5u);  // poster twice, processor, worker, admin
  EXPECT_EQ(occurrences(page, "class=\"bar wrong"), 1u);
  EXPECT_GE(occurrences(page, "class=\"overlap\""), 1u);
  EXPECT_EQ(occurrences(page, "id=\"item-"), 30u);
  EXPECT_EQ(occurrences(page, "<details class=\"finding\""), 2u);
  EXPECT_GT(occurrences(page, "class=\"cell"), 100u);
  EXPECT_EQ(occurrences(page, "<polyline"), 11u);
  EXPECT_THAT(page, HasSubstr("./hustle replay out/x/findings/1.json"));
}

TEST(html, hostile_text_is_only_text) {
  const auto run = reports_test::hostile_run();
  const auto file = reports::html_report(run, "out/x");
  EXPECT_EQ(occurrences(file, "</script>"), 2u);  // the data's and the page's own
  EXPECT_THAT(file, Not(HasSubstr("\xe2\x80\xa8")));
  const auto page = in_browser(run);
  expect_drawn(page);
  EXPECT_THAT(page, HasSubstr("This run is partial."));
}

TEST(html, a_thousand_findings_are_listed_bit_by_bit) {
  const auto page = in_browser(reports_test::run_of_many_findings(1000));
  expect_drawn(page);
  EXPECT_EQ(occurrences(page, "<details class=\"finding\""), 20u);
  EXPECT_THAT(page, HasSubstr("Show 50 more of 980"));
}

TEST(html, an_empty_run_is_a_page_too) {
  expect_drawn(in_browser(loadgen::Run()));
}

TEST(html, needs_nothing_else) {
  const auto file = reports::html_report(reports_test::clean_run(), "out/x");
  for (const char* outside : {"src=", "@import", "url(", "<link", "fetch(", "XMLHttpRequest"}) {
    EXPECT_THAT(file, Not(HasSubstr(outside))) << outside;
  }
  EXPECT_THAT(file, Not(testing::ContainsRegex("@(STYLE|SCRIPT|DATA|TITLE)@")));
}

}  // namespace
