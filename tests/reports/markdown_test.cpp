#include "reports/markdown.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/reports/hostile.h"

namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(markdown, verdict_first_then_findings_and_items) {
  const auto text = reports::markdown_summary(reports_test::sample_run(), "out/x");
  EXPECT_THAT(text, StartsWith("## ❌ Hustle gate: NOT READY: 2 rules broken (conservation, INV-1)\n"));
  EXPECT_THAT(text, HasSubstr("./hustle replay out/x/findings/1.json"));
  EXPECT_THAT(text, HasSubstr("| ✔ | 1 | money | Escrow is real and funded once |"));
  EXPECT_THAT(text, HasSubstr("`escrow.release` | 4,000 |"));
}

// What a reader of Markdown takes for text: without code blocks and code spans.
std::string without_code(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t ticks = text.find_first_not_of('`', at) == std::string::npos
                                  ? text.size() - at
                                  : text.find_first_not_of('`', at) - at;
    if (ticks == 0 || (at > 0 && text[at - 1] == '\\')) {
      out += text[at++];
      continue;
    }
    const std::string fence(ticks, '`');
    const std::size_t end = text.find(ticks >= 3 ? "\n" + fence + "\n" : fence, at + ticks);
    if (end == std::string::npos) return out + text.substr(at);  // never closed: all of it is text
    at = end + ticks + (ticks >= 3 ? 2 : 0);
  }
  return out;
}

TEST(markdown, hostile_text_stays_in_its_cell) {
  const auto text = reports::markdown_summary(reports_test::hostile_run(), "out/x");
  const auto prose = without_code(text);
  EXPECT_THAT(prose, HasSubstr("&lt;script&gt;"));
  for (const char* markup : {"<script", "<!--", "<b>é", "@STYLE"}) {
    if (prose.find(markup) != std::string::npos) ADD_FAILURE() << markup << " is markup in the summary";
  }
  std::size_t rows = 0;
  for (std::size_t at = text.find("\n|---|---:|---|"); at != std::string::npos;
       at = text.find("\n| ", at + 1))
    ++rows;
  EXPECT_GE(rows, 30u);
}

TEST(markdown, fits_what_github_takes) {
  auto run = reports_test::run_of_many_findings(1000);
  for (auto& finding : run.findings) finding.observed = std::string(100'000, 'x');
  const auto text = reports::markdown_summary(run, "out/x");
  EXPECT_LE(text.size(), reports::kSummaryMax);
  EXPECT_THAT(text, testing::EndsWith("report.json.*\n"));
}

TEST(markdown, the_cut_leaves_nothing_open) {
  const std::string text =
      "a\n<details><summary>x</summary>\n\n```text\n" + std::string(300, 'y') + "\n```\n\n</details>\n";
  EXPECT_EQ(reports::cut_summary(text, 10'000), text);
  const auto cut = reports::cut_summary(text, 200);
  EXPECT_THAT(cut, StartsWith("a\n"));
  EXPECT_THAT(cut, Not(HasSubstr("<details")));
  EXPECT_LE(cut.size(), 200u);
}

}  // namespace
