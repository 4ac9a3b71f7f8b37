// Text as a broken or malicious server may send it, and runs of unusual shape.
#pragma once

#include <string>

#include "tests/reports/support.h"

namespace reports_test {

// Closes scripts, comments, CDATA and fences, carries controls, escape sequences, line separators, text
// direction, invalid UTF-8 and characters that XML does not know.
inline const std::string kHostile =
    std::string(
        "</script><script>document.documentElement.dataset.pwned=1</script>"
        "<!-- ]]> ``` | a\\b @STYLE@ \"q\" 'q' &amp; \x1b[31mred\x1b[0m \r\n\t") +
    '\0' + "\xff\xfe \xed\xa0\x80 \xef\xbf\xbf \xe2\x80\xa8 \xe2\x80\xae <b>é</b> </details>";

// Every free text of the sample replaced by kHostile.
inline loadgen::Run hostile_run() {
  loadgen::Run run = sample_run();
  run.command_line = run.incomplete_reason = run.target = run.database = run.server_version = kHostile;
  run.complete = false;
  for (auto& item : run.items) {
    item.title = item.reason = item.scope = kHostile;
    for (auto& e : item.evidence) e.name = e.text = kHostile;
  }
  for (auto& finding : run.findings) {
    finding.rule = finding.spec = finding.judge = finding.headline = finding.expected = finding.observed =
        kHostile;
    finding.scenario = kHostile;
    for (auto& entity : finding.entities) entity = kHostile;
    for (auto& line : finding.story) line.actor = line.call = line.answer = kHostile;
    for (auto& [name, text] : finding.evidence) name = text = kHostile;
  }
  for (auto& latency : run.latencies) latency.name = kHostile;
  for (auto& [tag, payload] : run.histograms) tag = kHostile;
  for (auto& [name, text] : run.facts) name = text = kHostile;
  for (auto& text : run.assumptions) text = kHostile;
  return run;
}

inline loadgen::Run clean_run() {  // everything holds
  loadgen::Run run = sample_run();
  run.findings.clear();
  for (auto& item : run.items) item.verdict = model::Verdict::holds;
  run.exit_code = 0;
  return run;
}

inline loadgen::Run run_of_many_findings(std::size_t n) {
  loadgen::Run run = sample_run();
  const auto two = run.findings;
  run.findings.clear();
  for (std::size_t i = 0; i + 1 < n; ++i) run.findings.push_back(two[0]);
  run.findings.push_back(two[1]);  // the only one of its rule comes last
  return run;
}

}  // namespace reports_test
