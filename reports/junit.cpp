#include "reports/junit.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "reports/story_text.h"
#include "reports/text.h"
#include "reports/verdict.h"

namespace reports {
namespace {

enum class Result : std::uint8_t { passed, failed, error, skipped };

struct Case {
  std::string class_name, name;
  Result result = Result::passed;
  std::string type, message, text;  // of the failure, error or skip
  double seconds = 0;
};

struct Suite {
  std::string name;
  std::vector<Case> cases;
  double seconds = 0;
};

struct Counts {
  std::size_t tests = 0, failures = 0, errors = 0, skipped = 0;
};

Case case_of(const loadgen::Item& item) {
  Case out{.class_name = "hustle." + item.group, .name = fmt::format("{:02} {}", item.number, item.title)};
  for (const loadgen::Evidence& e : item.evidence) {
    out.text += fmt::format("{} {}: {}\n", name(e.verdict), e.name, e.text);
  }
  if (!item.selected) {
    out.result = Result::skipped;
    out.message = "not selected";
    return out;
  }
  out.message = item.reason.empty() ? std::string(name(item.verdict)) : item.reason;
  if (!item.scope.empty()) out.message += fmt::format(" ({})", item.scope);
  switch (item.verdict) {
    case model::Verdict::holds:
      break;
    case model::Verdict::broken:
      out.result = Result::failed, out.type = "item";
      break;
    case model::Verdict::unknown:
      out.result = Result::skipped, out.message = "UNKNOWN: " + out.message;
      break;
  }
  return out;
}

Case case_of(const model::Finding& finding, const std::filesystem::path& out_dir, std::size_t index) {
  return {.class_name = "hustle.findings." + finding.rule,
          .name = fmt::format("{} {}", index + 1, finding.headline),
          .result = finding.verdict == model::Verdict::broken ? Result::failed : Result::skipped,
          .type = finding.rule,
          .message = finding.headline,
          .text = finding_text(finding, out_dir, index)};
}

// The run itself: an error when it could not be driven to its end.
Case case_of_run(const loadgen::Run& run) {
  Case out{.class_name = "hustle.run", .name = run.command + " ran to its end", .seconds = run.seconds};
  const bool ran = run.complete && run.exit_code != 2 && run.exit_code != 3 && run.exit_code != 5;
  if (ran) return out;
  out.result = Result::error;
  out.type = fmt::format("exit {}", run.exit_code);
  out.message =
      run.incomplete_reason.empty() ? std::string(exit_meaning(run.exit_code)) : run.incomplete_reason;
  return out;
}

std::vector<Suite> suites_of(const loadgen::Run& run, const std::filesystem::path& out_dir) {
  std::vector<Suite> suites{{.name = "run", .cases = {case_of_run(run)}, .seconds = run.seconds}};
  for (const loadgen::Item& item : run.items) {
    auto suite = std::ranges::find(suites, item.group, &Suite::name);
    if (suite == suites.end()) suite = suites.insert(suites.end(), Suite{.name = item.group});
    suite->cases.push_back(case_of(item));
  }
  if (run.findings.empty()) return suites;
  Suite findings{.name = "findings"};
  for (std::size_t i = 0; i < run.findings.size(); ++i) {
    findings.cases.push_back(case_of(run.findings[i], out_dir, i));
  }
  suites.push_back(std::move(findings));
  return suites;
}

// GitLab drops the second of two equal names.
void make_names_unique(std::vector<Suite>& suites) {
  std::set<std::pair<std::string, std::string>> seen;
  for (Suite& suite : suites) {
    for (Case& c : suite.cases) {
      c.class_name = plain_line(c.class_name);
      c.name = cut(plain_line(c.name), 200);
      const std::string base = c.name;
      for (int n = 2; !seen.emplace(c.class_name, c.name).second; ++n)
        c.name = fmt::format("{} ({})", base, n);
    }
  }
}

Counts count(const Suite& suite) {
  Counts out;
  for (const Case& c : suite.cases) {
    ++out.tests;
    out.failures += c.result == Result::failed;
    out.errors += c.result == Result::error;
    out.skipped += c.result == Result::skipped;
  }
  return out;
}

std::string attributes(const Counts& c, double seconds) {
  return fmt::format(R"(tests="{}" failures="{}" errors="{}" skipped="{}" time="{:.3f}")", c.tests,
                     c.failures, c.errors, c.skipped, seconds);
}

// The message is repeated in the text, because GitLab shows only the text.
std::string xml(const Case& c) {
  const std::string head = fmt::format(R"(    <testcase classname="{}" name="{}" time="{:.3f}")",
                                       xml_attribute(c.class_name), xml_attribute(c.name), c.seconds);
  const std::string message = xml_attribute(cut(plain_line(c.message), 500));
  const bool repeats = c.text.starts_with(plain_line(c.message));
  const std::string text = xml_text(repeats ? c.text : c.message + "\n" + c.text);
  switch (c.result) {
    case Result::passed:
      if (c.text.empty()) return head + "/>\n";
      return head + fmt::format(">\n      <system-out>{}</system-out>\n    </testcase>\n", xml_text(c.text));
    case Result::failed:
      return head +
             fmt::format(">\n      <failure message=\"{}\" type=\"{}\">{}</failure>\n    </testcase>\n",
                         message, xml_attribute(c.type), text);
    case Result::error:
      return head + fmt::format(">\n      <error message=\"{}\" type=\"{}\">{}</error>\n    </testcase>\n",
                                message, xml_attribute(c.type), text);
    case Result::skipped:
      return head +
             fmt::format(">\n      <skipped message=\"{}\">{}</skipped>\n    </testcase>\n", message, text);
  }
  return "";
}

}  // namespace

std::string junit_xml(const loadgen::Run& run, const std::filesystem::path& out_dir) {
  std::vector<Suite> suites = suites_of(run, out_dir);
  make_names_unique(suites);
  Counts total;
  std::string body;
  const std::string started = run.started_utc.substr(0, 19);  // without the zone, as the readers expect
  for (const Suite& suite : suites) {
    const Counts c = count(suite);
    total.tests += c.tests, total.failures += c.failures, total.errors += c.errors,
        total.skipped += c.skipped;
    body += fmt::format("  <testsuite name=\"{}\" {} timestamp=\"{}\">\n", xml_attribute(suite.name),
                        attributes(c, suite.seconds), xml_attribute(started));
    for (const Case& c2 : suite.cases) body += xml(c2);
    body += "  </testsuite>\n";
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"hustle {}\" {}>\n{}</testsuites>\n",
      xml_attribute(run.command), attributes(total, run.seconds), body);
}

}  // namespace reports
