#include "reports/markdown.h"

#include <fmt/format.h>

#include <algorithm>

#include "reports/story_text.h"
#include "reports/text.h"
#include "reports/verdict.h"

namespace reports {
namespace {

// A fence longer than any run of backticks inside, so that the text cannot close it.
std::string code_block(std::string_view text) {
  std::size_t longest = 0, current = 0;
  for (const char c : text) longest = std::max(longest, current = c == '`' ? current + 1 : 0);
  const std::string fence(std::max<std::size_t>(3, longest + 1), '`');
  return fmt::format("{0}text\n{1}{2}{0}\n", fence, text, text.ends_with('\n') ? "" : "\n");
}

std::string code(std::string_view text) {  // in a table cell or a line
  std::string clean = plain_line(text);
  std::ranges::replace(clean, '`', '\'');
  std::ranges::replace(clean, '|', '/');
  return clean.empty() ? "" : "`" + clean + "`";
}

std::string html_line(std::string_view text) {  // in <summary>, where neither code nor backslashes work
  std::string out;
  for (const char c : xml_text(plain_line(text))) {
    if (c == '`')
      out += "&#96;";
    else if (c == '@')
      out += "&#64;";  // mentions nobody
    else
      out += c;
  }
  return out;
}

std::string items_table(const loadgen::Run& run) {
  if (run.items.empty()) return "";
  std::string out = "\n| | # | Group | Item | Why |\n|---|---:|---|---|---|\n";
  for (const loadgen::Item& item : run.items) {
    std::string why = item.selected ? markdown_text(item.reason) : "not selected";
    if (item.selected && !item.scope.empty()) why += fmt::format(" *({})*", markdown_text(item.scope));
    out += fmt::format("| {} | {} | {} | {} | {} |\n", item.selected ? mark(item.verdict) : "·", item.number,
                       markdown_text(item.group), markdown_text(item.title), why);
  }
  return out;
}

std::string findings_text(const loadgen::Run& run, const std::filesystem::path& out_dir) {
  constexpr std::size_t kMost = 50;
  std::string out = run.findings.empty() ? "" : "\n### Findings\n";
  for (std::size_t i = 0; i < std::min(kMost, run.findings.size()); ++i) {
    const model::Finding& finding = run.findings[i];
    out += fmt::format("\n<details{}><summary>{} <b>{}</b> {}</summary>\n\n", i == 0 ? " open" : "",
                       mark(finding.verdict), html_line(finding.rule), html_line(finding.headline));
    out += code_block(finding_text(finding, out_dir, i)) + "\n</details>\n";
  }
  if (run.findings.size() > kMost)
    out += fmt::format("\nand {} more in report.json\n", plural(run.findings.size() - kMost, "finding"));
  return out;
}

std::string latency_table(const loadgen::Run& run) {
  if (run.latencies.empty()) return "";
  std::string out =
      "\n<details><summary>Latency</summary>\n\n| Procedure | Calls | Errors | p50 | p90 | p99 | p99.9 | max "
      "|\n"
      "|---|---:|---:|---:|---:|---:|---:|---:|\n";
  const auto told = [](std::int64_t us) { return us < 0 ? std::string("too few") : duration_text(us); };
  for (const loadgen::Latency& l : run.latencies) {
    out += fmt::format("| {} | {} | {} | {} | {} | {} | {} | {} |\n", code(l.name), grouped(l.count),
                       grouped(l.errors), told(l.p50_us), told(l.p90_us), told(l.p99_us), told(l.p999_us),
                       told(l.max_us));
  }
  return out + "\n</details>\n";
}

std::string assumptions_list(const loadgen::Run& run) {
  if (run.assumptions.empty()) return "";
  std::string out = "\n<details><summary>Not proven here: a person must supply the evidence</summary>\n\n";
  for (const std::string& text : run.assumptions) out += fmt::format("- {}\n", markdown_text(text));
  return out + "\n</details>\n";
}

}  // namespace

std::string cut_summary(std::string text, std::size_t most) {
  if (text.size() <= most) return text;
  constexpr std::string_view kNote = "\n*Cut here. The whole report is in report.html and report.json.*\n";
  const std::size_t room = most > kNote.size() ? most - kNote.size() : 0;
  const std::size_t line = text.rfind('\n', room);
  text.resize(line == std::string::npos ? 0 : line + 1);
  // An open block would swallow the note: drop it as a whole.
  const std::size_t opened = text.rfind("<details"), closed = text.rfind("</details>");
  if (opened != std::string::npos && (closed == std::string::npos || closed < opened)) text.resize(opened);
  return text += kNote;
}

namespace {

std::string retried_text(const loadgen::Run& run) {
  std::string text;
  for (const loadgen::Retried& each : run.retried) {
    if (each.now == loadgen::Retried::Now::fixed)
      text += fmt::format("- ✅ **fixed** {}: {}\n", markdown_text(each.rule), markdown_text(each.headline));
  }
  return text.empty() ? text : "\n" + text;
}

}  // namespace

std::string markdown_summary(const loadgen::Run& run, const std::filesystem::path& out_dir) {
  const Conclusion verdict = conclude(run);
  const std::string_view sign = verdict.tone == Tone::good ? "✅" : verdict.tone == Tone::bad ? "❌" : "⚠️";
  std::string out =
      fmt::format("## {} Hustle {}: {}\n\n", sign, markdown_text(run.command), markdown_text(verdict.line()));
  const std::string plans = run.plans > 0 ? plural(run.plans, "plan") + " · " : "";  // a load run has none
  out += fmt::format("{}{} · {:.1f} s · seed {} · {}\n", plans, plural(run.commands, "command"), run.seconds,
                     code(std::to_string(run.seed)), code(without_passwords(run.target)));
  if (!run.complete) out += fmt::format("\n> **Partial run.** {}\n", markdown_text(run.incomplete_reason));
  out += retried_text(run);
  out += findings_text(run, out_dir) + items_table(run) + latency_table(run) + assumptions_list(run);
  return cut_summary(std::move(out));
}

}  // namespace reports
