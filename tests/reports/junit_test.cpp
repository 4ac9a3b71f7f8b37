// junit.xml as a real XML parser reads it: python3's, through a script that also checks what GitLab and
// Jenkins need (protocols.md §8.2).
#include "reports/junit.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/reports/hostile.h"

namespace {

constexpr const char* kReader = R"(
import json, sys, xml.etree.ElementTree as tree
root = tree.parse(sys.argv[1]).getroot()
assert root.tag == 'testsuites', root.tag
suites = root.findall('testsuite')
cases = [c for s in suites for c in s.findall('testcase')]
count = lambda tag: sum(1 for c in cases if c.find(tag) is not None)
for suite in suites:
    own = suite.findall('testcase')
    assert own, 'empty suite ' + suite.get('name')
    assert int(suite.get('tests')) == len(own)
for case in cases:
    assert sum(case.find(t) is not None for t in ('failure', 'error', 'skipped')) <= 1
    float(case.get('time'))
    for t in ('failure', 'error', 'skipped'):
        e = case.find(t)
        assert e is None or (e.get('message') and e.text.strip()), t + ' without text'
names = [(c.get('classname'), c.get('name')) for c in cases]
assert len(set(names)) == len(names), 'two equal names'
print(json.dumps({'suites': [s.get('name') for s in suites], 'tests': int(root.get('tests')), 'cases': len(cases),
                  'failures': int(root.get('failures')), 'skipped': int(root.get('skipped')), 'errors': int(root.get('errors')),
                  'seen': [count('failure'), count('skipped'), count('error')],
                  'texts': [c.find('failure').text for c in cases if c.find('failure') is not None]}))
)";

nlohmann::json read_back(const loadgen::Run& run) {
  const reports_test::TempDir dir;
  reports_test::write(dir.path / "junit.xml", reports::junit_xml(run, "out/x"));
  reports_test::write(dir.path / "read.py", kReader);
  const auto ran = reports_test::run_shell("python3 " + reports_test::shell_quoted(dir.path / "read.py") +
                                           " " + reports_test::shell_quoted(dir.path / "junit.xml"));
  if (ran.exit_code != 0) throw std::runtime_error(ran.output);
  const auto out = nlohmann::json::parse(ran.output);
  EXPECT_EQ(out["tests"], out["cases"]);
  EXPECT_EQ(out["seen"], (nlohmann::json{out["failures"], out["skipped"], out["errors"]}));
  return out;
}

TEST(junit, items_by_group_and_findings_as_failures) {
  const auto out = read_back(reports_test::sample_run());
  EXPECT_EQ(out["suites"], (nlohmann::json{"run", "money", "proof", "safety", "AI", "analytics", "ops",
                                           "abuse", "cost", "findings"}));
  EXPECT_EQ(out["tests"], 33);
  EXPECT_EQ(out["failures"], 4);  // two items, two findings
  EXPECT_EQ(out["skipped"], 16);
  EXPECT_EQ(out["errors"], 0);
  const auto text = out["texts"][2].get<std::string>();
  EXPECT_NE(text.find("$68.00 left the processor"), std::string::npos);
  EXPECT_NE(text.find("escrow.release(escrow 1) -> 200 RELEASED"), std::string::npos);
  EXPECT_NE(text.find("./hustle replay out/x/findings/1.json"), std::string::npos);
}

TEST(junit, clean_run_is_green) {
  const auto out = read_back(reports_test::clean_run());
  EXPECT_EQ(out["failures"].get<int>() + out["errors"].get<int>() + out["skipped"].get<int>(), 0);
}

TEST(junit, hostile_text_is_still_xml) {
  EXPECT_EQ(read_back(reports_test::hostile_run())["tests"], 33);
}

TEST(junit, a_thousand_equal_findings_keep_their_own_names) {
  EXPECT_EQ(read_back(reports_test::run_of_many_findings(1000))["tests"], 1031);
}

TEST(junit, equal_titles_are_told_apart) {
  auto run = reports_test::clean_run();
  for (auto& item : run.items) item.title = "same", item.number = 1, item.group = "g";
  EXPECT_EQ(read_back(run)["tests"], 31);
}

TEST(junit, a_run_that_could_not_happen_is_an_error) {
  EXPECT_EQ(read_back(loadgen::Run())["errors"], 1);
}

}  // namespace
